using System.Globalization;

namespace Recorder.Node.Processes;

/// <summary>
/// Whom the kernel ends first when memory runs out, as values of <c>/proc/PID/oom_score_adj</c> (proc(5)): a browser,
/// then what belongs to one session, and the node and its workers last.
/// </summary>
internal static class MemoryPriority
{
    /// <summary>Browsers. Chromium gives its renderers the same value, so the largest process of a browser goes
    /// first.</summary>
    public const int Browser = 300;

    /// <summary>Displays, sound servers and tools.</summary>
    public const int Session = 0;

    /// <summary>The node and its workers, where the node may say so.</summary>
    public const int Node = -500;

    private const string OwnFile = "/proc/self/oom_score_adj";

    /// <summary>The value to give to a process; null: the process keeps the value of the node.</summary>
    /// <param name="role">The purpose of the process.</param>
    /// <param name="node">The value of the node. Kubernetes and desktops give high values, which nobody may lower
    /// without <c>CAP_SYS_RESOURCE</c>.</param>
    public static int? Of(ProcessRole role, int node)
    {
        var wanted = role switch
        {
            ProcessRole.Browser => Browser,
            ProcessRole.Worker => node,
            _ => Session,
        };
        return wanted > node ? wanted : null;
    }

    /// <summary>The present value of this process, -1000 to 1000. 1000 where the system does not tell.</summary>
    public static int OfNode()
    {
        try
        {
            return int.Parse(File.ReadAllText(OwnFile), CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return 1000;
        }
    }

    /// <summary>
    /// Has the kernel end this process last. Returns false where this process may not say so, since a lower value needs
    /// <c>CAP_SYS_RESOURCE</c>. A value that is lower already stays.
    /// </summary>
    public static bool ProtectNode()
    {
        try
        {
            if (OfNode() > Node)
            {
                File.WriteAllText(OwnFile, Node.ToString(CultureInfo.InvariantCulture));
            }
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
