using Recorder.Benchmarks.Processes;
using Recorder.Benchmarks.Systems;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>One upload by both ways, one directly after the other.</summary>
/// <param name="Product">Megabytes a second of the product's transfer process, its start and end included.</param>
/// <param name="Plain">The same of the plain loop.</param>
/// <param name="ProductCpu">Processor time of the product's process, in s.</param>
/// <param name="PlainCpu">The same of the plain loop.</param>
internal sealed record UploadRound(double Product, double Plain, double ProductCpu, double PlainCpu)
{
    /// <summary>The product's rate by that of the plain loop.</summary>
    public double Ratio => Product / Plain;
}

/// <summary>Sends one large file to a store by the product and by a plain loop, in turns.</summary>
internal sealed class UploadScenario(UploadTarget target, string product, string folder)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs the rounds. Each round begins with the other way.</summary>
    public async Task<IReadOnlyList<UploadRound>> RunAsync(int rounds, CancellationToken cancellation)
    {
        var done = new List<UploadRound>();

        // The first upload of each way reads programs from the disk.
        for (var round = 0; round <= rounds; round++)
        {
            var results = new (double Rate, double Cpu)[2];
            foreach (var way in round % 2 == 0 ? (int[])[0, 1] : [1, 0])
            {
                results[way] = await MeasureAsync(way == 0, round, cancellation);
            }
            if (round > 0)
            {
                done.Add(new UploadRound(results[0].Rate, results[1].Rate, results[0].Cpu, results[1].Cpu));
            }
        }
        return done;
    }

    private async Task<(double Rate, double Cpu)> MeasureAsync(bool isProduct, int round, CancellationToken cancellation)
    {
        var key = $"{(isProduct ? "product" : "plain")}-{round}-{Guid.NewGuid():N}";
        var cpu = ProcFileSystem.EndedChildrenCpu();
        var begin = TimeProvider.System.GetTimestamp();
        var process = isProduct
            ? await Transfer.StartProductAsync(target, key, product, folder)
            : Transfer.StartPlain(target, key, folder);
        await using (process)
        {
            await process.WaitForEndAsync(Limit, cancellation);
        }
        var seconds = TimeProvider.System.GetElapsedTime(begin).TotalSeconds;
        var log = await File.ReadAllTextAsync(Path.Join(folder, $"{key}.log"), cancellation);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The upload {key} failed: {log}");
        }
        return (
            new FileInfo(target.File).Length / 1e6 / seconds,
            (ProcFileSystem.EndedChildrenCpu() - cpu).TotalSeconds
        );
    }
}
