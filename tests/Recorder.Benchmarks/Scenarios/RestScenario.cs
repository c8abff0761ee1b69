using Recorder.Benchmarks.Measuring;
using Recorder.Benchmarks.Processes;
using Recorder.Benchmarks.Systems;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>A build to measure.</summary>
/// <param name="Name">As the report calls it.</param>
/// <param name="Folder">Its published folder.</param>
internal sealed record RestBuild(string Name, string Folder)
{
    /// <summary>The size of all files of the folder, bytes.</summary>
    public long Size() =>
        new DirectoryInfo(Folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
}

/// <summary>One node at rest.</summary>
/// <param name="Build">The name of its build.</param>
/// <param name="StartSeconds">From the start of the process to readiness over HTTP.</param>
/// <param name="Node">Memory of the node's own process.</param>
/// <param name="BesideBytes">Resident memory of all other processes that the node keeps running, such as a browser
/// driver.</param>
internal sealed record RestRun(string Build, double StartSeconds, IdleMemory Node, long BesideBytes);

/// <summary>Nodes that record nothing, one at a time, builds in turn.</summary>
/// <param name="builds">What to measure.</param>
/// <param name="repetitions">How often each, from 1.</param>
internal sealed class RestScenario(IReadOnlyList<RestBuild> builds, int repetitions)
{
    // The node rehearses a recording after its start. What it has used then is garbage or compiled some seconds later.
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);

    /// <summary>Runs the whole scenario.</summary>
    public async Task<IReadOnlyList<RestRun>> RunAsync(CancellationToken cancellationToken)
    {
        var runs = new List<RestRun>();
        for (var turn = 0; turn < repetitions * builds.Count; turn++)
        {
            runs.Add(await MeasureAsync(builds[turn % builds.Count], cancellationToken));
        }
        return runs;
    }

    private static async Task<RestRun> MeasureAsync(RestBuild build, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("recorder-benchmark-").FullName;
        // The browser's account must be able to pass through to its profile.
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        try
        {
            var began = TimeProvider.System.GetTimestamp();
            var node = await ProductNode.StartAsync(build.Folder, folder, cancellationToken);
            await using var nodeEnd = node;
            var start = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            await Task.Delay(Settle, cancellationToken);
            var processes = node.Processes.Current();
            if (processes.Any(process => SessionParts.Of(process) != SessionPart.Control))
            {
                throw new InvalidOperationException(
                    $"The node still rehearses {Settle.TotalSeconds:0} s after its start: this is no node at rest."
                );
            }
            var own = processes.Single(process => process.Executable == "recorder");
            return new RestRun(
                build.Name,
                start,
                IdleMemory.Of(own.Key.Id),
                processes
                    .Where(process => process != own)
                    .Sum(process => ProcFileSystem.ResidentSetSize(process.Key.Id))
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
