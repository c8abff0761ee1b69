using Recorder.Cluster.Placement.Decisions;

namespace Recorder.Cluster.Tests.Placement.Decisions;

/// <summary>The size of a step of upkeep follows the time that the step before took.</summary>
public sealed class StepPaceTests
{
    [Theory]
    [InlineData(25, 8, 25)]
    [InlineData(25, 4, 50)]
    [InlineData(25, 10, 20)]
    [InlineData(25, 0.1, 50)]
    [InlineData(25, 400, 12)]
    [InlineData(80, 0, 100)]
    [InlineData(6, 400, 5)]
    public void A_step_is_as_large_as_fits_the_aim_and_at_most_doubles_or_halves(int size, double took, int next) =>
        Assert.Equal(next, new StepPace(size).After(TimeSpan.FromMilliseconds(took)).Size);
}
