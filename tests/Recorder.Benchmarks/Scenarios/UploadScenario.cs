using Recorder.Benchmarks.Processes;
using Recorder.Benchmarks.Systems;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>Who sends a file in parts.</summary>
internal enum UploadWay
{
    /// <summary>The product's transfer process.</summary>
    Product,

    /// <summary>A plain loop of Amazon's library, which compares nothing.</summary>
    Plain,

    /// <summary><c>aws s3 cp</c>, where the command is installed.</summary>
    Aws,
}

/// <summary>One upload.</summary>
/// <param name="Way">Who sent the file.</param>
/// <param name="Rate">Megabytes a second, start and end of the process included.</param>
/// <param name="Cpu">Processor time of the process, in s.</param>
internal sealed record UploadRun(UploadWay Way, double Rate, double Cpu);

/// <summary>Sends one large file to a store in each way, in turns.</summary>
internal sealed class UploadScenario(UploadTarget target, string product, string folder)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs the rounds. Each round begins with the next way.</summary>
    /// <returns>The runs of each round, in the order of <paramref name="ways"/>.</returns>
    public async Task<IReadOnlyList<IReadOnlyList<UploadRun>>> RunAsync(
        IReadOnlyList<UploadWay> ways,
        int rounds,
        CancellationToken cancellation
    )
    {
        var done = new List<IReadOnlyList<UploadRun>>();

        // The first upload of each way reads programs from the disk.
        for (var round = 0; round <= rounds; round++)
        {
            var runs = new List<UploadRun>();
            for (var turn = 0; turn < ways.Count; turn++)
            {
                runs.Add(await MeasureAsync(ways[(turn + round) % ways.Count], round, cancellation));
            }
            if (round > 0)
            {
                done.Add([.. ways.Select(way => runs.Single(run => run.Way == way))]);
            }
        }
        return done;
    }

    private async Task<UploadRun> MeasureAsync(UploadWay way, int round, CancellationToken cancellation)
    {
        var key = $"{way.ToString().ToLowerInvariant()}-{round}-{Guid.NewGuid():N}";
        var cpu = ProcFileSystem.EndedChildrenCpu();
        var begin = TimeProvider.System.GetTimestamp();
        var process = way switch
        {
            UploadWay.Product => await Transfer.StartProductAsync(target, key, product, folder),
            UploadWay.Plain => Transfer.StartPlain(target, key, folder),
            _ => await Transfer.StartAwsAsync(target, key, folder, cancellation),
        };
        double seconds;
        await using (process)
        {
            await process.WaitForEndAsync(Limit, cancellation);
            seconds = TimeProvider.System.GetElapsedTime(begin).TotalSeconds;
        }
        if (process.ExitCode != 0)
        {
            var log = await File.ReadAllTextAsync(Path.Join(folder, $"{key}.log"), cancellation);
            throw new InvalidOperationException($"The upload {key} failed: {log}");
        }
        return new UploadRun(
            way,
            new FileInfo(target.File).Length / 1e6 / seconds,
            (ProcFileSystem.EndedChildrenCpu() - cpu).TotalSeconds
        );
    }
}
