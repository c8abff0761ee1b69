using Recorder.Cluster.Sweeping;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Sweeping;

public sealed class SweepClockTests
{
    private static readonly SweepClock Before = new(Sample.Begin, TimeSpan.FromMinutes(10));

    [Fact]
    public void The_first_sweep_trusts_no_time() => Assert.Null(SweepClock.Trusted(null, Sample.Begin, TimeSpan.Zero));

    [Theory]
    [InlineData(5, 5, 5)] // A clock that runs on.
    [InlineData(5.5, 5, 5.5)] // A clock that is set right.
    [InlineData(90, 5, 6)] // A clock that jumped ahead.
    [InlineData(-60, 5, -60)] // A clock that jumped back.
    public void A_jump_ahead_does_not_count_at_once(double wallMinutes, double passedMinutes, double trustedMinutes) =>
        Assert.Equal(
            Sample.Begin.AddMinutes(trustedMinutes),
            SweepClock.Trusted(
                Before,
                Sample.Begin.AddMinutes(wallMinutes),
                TimeSpan.FromMinutes(10 + passedMinutes)
            )
        );

    [Fact]
    public void A_jump_counts_at_the_next_sweep()
    {
        var jumped = new SweepClock(Sample.Begin.AddYears(1), TimeSpan.FromMinutes(15));
        Assert.Equal(
            jumped.Wall.AddMinutes(5),
            SweepClock.Trusted(jumped, jumped.Wall.AddMinutes(5), TimeSpan.FromMinutes(20))
        );
    }
}
