using System.Collections.Immutable;
using Recorder.Node.Processes;

namespace Recorder.Node.Workers;

/// <summary>The command line of a worker: this program again, in the way in which the program was started.</summary>
internal static class WorkerExecutable
{
    private const string Command = "pipeline";

    /// <summary>
    /// The environment that a worker gets from the node. The worker's managed side allocates some kilobytes a second.
    /// .NET's own allocation budget depends on the processor's cache, and with that budget nothing would be collected
    /// for an hour. Memory would grow by 15 kB/s until then (measured: docs/performance.md). A worker repeats the same
    /// code from its first frame on, so that .NET's own delay before it compiles such code once more is right: 100 ms,
    /// instead of the node's 10 s. Numbers are hexadecimal.
    /// </summary>
    public static ImmutableDictionary<string, string> Environment { get; } =
        ImmutableDictionary
            .CreateRange([
                KeyValuePair.Create("DOTNET_GCgen0size", "100000"),
                KeyValuePair.Create("DOTNET_TC_CallCountingDelayMs", "64"),
            ])
            .SetItems(ProcessEnvironment.Worker);

    /// <summary>The command line of a worker, for this process.</summary>
    /// <param name="configured">The command line of the options; empty: this program's own command line.</param>
    public static ImmutableArray<string> CommandLine(IReadOnlyCollection<string> configured) =>
        configured.Count > 0
            ? [.. configured]
            : OwnProgram.CommandLine(Command);
}
