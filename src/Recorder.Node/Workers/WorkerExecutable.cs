using System.Collections.Immutable;
using Recorder.Node.Processes;

namespace Recorder.Node.Workers;

/// <summary>The command line of a worker: this program again, whichever way it was started.</summary>
internal static class WorkerExecutable
{
    private const string Program = "recorder";
    private const string Muxer = "dotnet";
    private const string Command = "pipeline";

    /// <summary>
    /// What it gets of the node's environment. Its managed side allocates some kilobytes a second; at .NET's own
    /// budget, which goes by the processor's cache, nothing would be collected for an hour, and its memory would grow
    /// by 15 kB/s until then (measured: docs/performance.md).
    /// </summary>
    public static ImmutableDictionary<string, string> Environment { get; } =
        ImmutableDictionary
            .CreateRange([KeyValuePair.Create("DOTNET_GCgen0size", "100000")])
            .SetItems(ProcessEnvironment.Worker);

    /// <summary>The command line in this process.</summary>
    /// <param name="configured">The command line of the options; empty: this program's own.</param>
    public static ImmutableArray<string> CommandLine(IReadOnlyCollection<string> configured) =>
        configured.Count > 0
            ? [.. configured]
            : CommandLine(System.Environment.ProcessPath ?? "", AppContext.BaseDirectory);

    /// <summary>The command line, by the running executable and the folder of the program's assemblies.</summary>
    public static ImmutableArray<string> CommandLine(string processPath, string baseFolder) =>
        Path.GetFileName(processPath) switch
        {
            Program => [processPath, Command],
            Muxer => [processPath, Path.Combine(baseFolder, Program + ".dll"), Command],
            _ => [Path.Combine(baseFolder, Program), Command],
        };
}
