using System.Globalization;
using Xunit.Abstractions;

namespace Recorder.Cluster.Tests.Placement.Decisions;

/// <summary>Whatever happens to a farm, in whatever order: what is always true of its placement.</summary>
public sealed class PlacementModelTests(ITestOutputHelper output)
{
    private const string SeedVariable = "RECORDER_PLACEMENT_SEED";
    private const int Farms = 30;
    private const int StepsPerFarm = 300;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_happens_the_placement_keeps_its_promises(bool overfill)
    {
        var given = Environment.GetEnvironmentVariable(SeedVariable);
        var first = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        output.WriteLine($"{SeedVariable}={first}");
        var arrived = 0;
        for (var farm = 0; farm < Farms; farm++)
        {
            var seed = unchecked(first + farm);
            var model = new PlacementModel(new Random(seed), overfill);
            try
            {
                for (var step = 0; step < StepsPerFarm; step++)
                {
                    model.Step();
                }
                model.EndAll();
                arrived += model.Arrived;
            }
            catch (Exception broken)
            {
                throw new InvalidOperationException(
                    $"{broken.Message}\nAgain with {SeedVariable}={seed}. The last steps:\n{string.Join('\n', model.Story.TakeLast(25))}",
                    broken
                );
            }
        }

        // A model in which nothing is ever handed over would hold every promise about hand-overs.
        Assert.InRange(arrived, 1, int.MaxValue);
    }
}
