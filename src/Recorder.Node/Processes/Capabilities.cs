using System.Globalization;

namespace Recorder.Node.Processes;

/// <summary>The single rights of root that a process may have without being root: capabilities(7).</summary>
internal static class Capabilities
{
    /// <summary>
    /// The rights that a node needs to run its browsers as another user: to hand folders over (<c>CAP_CHOWN</c>), to
    /// remove the folders' content (<c>CAP_DAC_OVERRIDE</c>), to end processes (<c>CAP_KILL</c>), and to change group
    /// and user (<c>CAP_SETGID</c>, <c>CAP_SETUID</c>). The numbers are those of <c>linux/capability.h</c>.
    /// </summary>
    private const ulong ForAnotherUser = (1UL << 0) | (1UL << 1) | (1UL << 5) | (1UL << 6) | (1UL << 7);

    /// <summary>To take rights from what a process starts (<c>CAP_SETPCAP</c>).</summary>
    private const ulong ForFewerRights = 1UL << 8;

    /// <summary>Whether this process has rights of root, and may start a process without them.</summary>
    /// <param name="status">The process's <c>/proc/PID/status</c>, see proc(5).</param>
    public static bool MayTakeRights(string status) => Has(status, ForFewerRights);

    /// <summary>Whether this process may run its browsers as another user.</summary>
    public static bool MayUseAnotherUser() => MayUseAnotherUser(File.ReadAllText("/proc/self/status"));

    /// <summary>Whether a process may run browsers as another user.</summary>
    /// <param name="status">The process's <c>/proc/PID/status</c>, see proc(5).</param>
    public static bool MayUseAnotherUser(string status) => Has(status, ForAnotherUser);

    private static bool Has(string status, ulong wanted)
    {
        const string name = "CapEff:";
        var line = status.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        return line is not null
            && ulong.TryParse(
                line.AsSpan(name.Length).Trim(),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out var effective
            )
            && (effective & wanted) == wanted;
    }
}
