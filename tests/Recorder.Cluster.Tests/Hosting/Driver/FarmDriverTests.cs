using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Recorder.Cluster.Tests.Hosting.Driver;

/// <summary>Whatever happens to a real farm, in whatever order: what is always true of it, and what is true once it has
/// come to rest.</summary>
[Trait("ring", "farm")]
public sealed class FarmDriverTests(ITestOutputHelper output)
{
    /// <summary>The first seed of a run of one's own, in place of the fixed ones.</summary>
    private const string SeedVariable = "RECORDER_FARM_SEED";

    /// <summary>How many seeds from it on. Default 1.</summary>
    private const string FarmsVariable = "RECORDER_FARM_SEEDS";

    /// <summary>How many steps each.</summary>
    private const string StepsVariable = "RECORDER_FARM_STEPS";

    private const int Steps = 15;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whatever_happens_a_farm_keeps_its_promises(int seed)
    {
        var steps = Read(StepsVariable) ?? Steps;
        if (Read(SeedVariable) is not { } first)
        {
            await DriveAsync(seed, steps);
            return;
        }

        // The first of the fixed seeds makes place for the run of one's own.
        var farms = seed == 1 ? Read(FarmsVariable) ?? 1 : 0;
        for (var farm = 0; farm < farms; farm++)
        {
            await DriveAsync(first + farm, steps);
        }
    }

    private async Task DriveAsync(int seed, int steps)
    {
        var since = Stopwatch.GetTimestamp();
        await using var driver = new FarmDriver(seed);
        try
        {
            await driver.BeginAsync();
            for (var step = 0; step < steps; step++)
            {
                await driver.StepAsync();
            }
            await driver.EndAsync();
        }
        catch (Exception broken)
        {
            throw new InvalidOperationException(
                $"{broken.Message}\nAgain with {SeedVariable}={seed} {StepsVariable}={steps}. What happened last:\n{string.Join('\n', driver.Log.Lines)}",
                broken
            );
        }

        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"seed {seed}: {string.Join(", ", driver.Done.Select(done => $"{done.Value} x {done.Key}"))} in {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s"
            )
        );
    }

    private static int? Read(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : null;
}
