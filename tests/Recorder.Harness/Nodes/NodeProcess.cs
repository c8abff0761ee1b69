using System.Globalization;
using System.Text;

namespace Recorder.Harness.Nodes;

/// <summary>A process as /proc shows it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="StartTime">Clock ticks since boot; number and start time together name a process for good.</param>
/// <param name="Parent">The number of its parent.</param>
/// <param name="Session">The number of the session's leader (setsid(2)).</param>
/// <param name="CommandLine">Its arguments, parted by spaces.</param>
/// <param name="Run">The run directory it was started for (<c>RECORDER_RUN</c>), or null.</param>
/// <param name="Role">What it was started as (<c>RECORDER_PROCESS</c>): display, sound, browser, worker or tool; or
/// null.</param>
internal sealed record NodeProcess(
    int Id,
    long StartTime,
    int Parent,
    int Session,
    string CommandLine,
    string? Run,
    string? Role
)
{
    /// <summary>The process the node itself started, and none of that one's children.</summary>
    public bool IsLeader => Id == Session;

    /// <summary>Every process of this machine that has not ended; zombies have.</summary>
    public static IReadOnlyList<NodeProcess> All() =>
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Select(folder =>
                    int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                        ? Read(id)
                        : null
                )
                .OfType<NodeProcess>(),
        ];

    /// <summary>Reads one process; null when it has ended.</summary>
    public static NodeProcess? Read(int id)
    {
        if (ReadFile(id, "stat") is not { Length: > 0 } stat)
        {
            return null;
        }
        // proc(5): the name in parentheses may hold anything; state is the first field behind it.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        if (fields[0] is "Z" or "X")
        {
            return null;
        }
        var environment = (ReadFile(id, "environ") ?? "").Split('\0');
        var commandLine = (ReadFile(id, "cmdline") ?? "").Replace('\0', ' ').Trim();
        return new NodeProcess(
            id,
            long.Parse(fields[19], CultureInfo.InvariantCulture),
            int.Parse(fields[1], CultureInfo.InvariantCulture),
            int.Parse(fields[3], CultureInfo.InvariantCulture),
            commandLine,
            ValueOf(environment, "RECORDER_RUN"),
            ValueOf(environment, "RECORDER_PROCESS") ?? (IsBrowser(commandLine) ? "browser" : null)
        );
    }

    /// <inheritdoc />
    public override string ToString() =>
        $"{Id} ({Role ?? "no role"}) {(CommandLine.Length > 160 ? CommandLine[..160] + "…" : CommandLine)}";

    // Chromium, windowed and sandboxed, overwrites its own environment with its title.
    private static bool IsBrowser(string commandLine) =>
        commandLine.Contains("--user-data-dir=", StringComparison.Ordinal)
        && !commandLine.Contains("--type=", StringComparison.Ordinal);

    private static string? ValueOf(string[] environment, string name) =>
        environment
            .FirstOrDefault(entry => entry.StartsWith(name + "=", StringComparison.Ordinal))
            ?[(name.Length + 1)..];

    private static string? ReadFile(int id, string name)
    {
        try
        {
            return Encoding.UTF8.GetString(
                File.ReadAllBytes($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/{name}")
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The process has just ended, or belongs to another user and is none of ours.
            return null;
        }
    }
}
