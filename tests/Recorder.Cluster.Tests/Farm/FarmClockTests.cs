using Recorder.Cluster.Farm;

namespace Recorder.Cluster.Tests.Farm;

public sealed class FarmClockTests
{
    private static readonly DateTimeOffset Noon = new(2021, 9, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly ManualClock _host = new(Noon);
    private readonly FarmClock _clock;

    public FarmClockTests() => _clock = new FarmClock(_host);

    [Fact]
    public void Before_the_first_measurement_the_host_has_the_time()
    {
        Assert.Equal(Noon, _clock.GetUtcNow());
        Assert.Equal(TimeSpan.Zero, _clock.Offset);
        Assert.Null(_clock.Skew);
        Assert.Null(_clock.Warning);
    }

    [Theory]
    [InlineData(660, "660.0 s ahead of")]
    [InlineData(5.5, "5.5 s ahead of")]
    [InlineData(5, null)]
    [InlineData(0, null)]
    [InlineData(-5, null)]
    [InlineData(-3600, "3600.0 s behind")]
    public void The_database_has_the_time_and_a_skew_beyond_five_seconds_is_told(double ahead, string? told)
    {
        Measure(Noon.AddSeconds(-ahead));

        _host.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(Noon.AddSeconds(30 - ahead), _clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(-ahead), _clock.Offset);
        Assert.Equal(TimeSpan.FromSeconds(ahead), _clock.Skew);
        Assert.Equal(told is null, _clock.Warning is null);
        Assert.Contains(told ?? "", _clock.Warning ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Half_of_the_way_there_and_back_has_passed_since_the_database_told_its_time()
    {
        var asked = _clock.GetTimestamp();
        _host.Advance(TimeSpan.FromMilliseconds(400));
        _clock.Hear(Noon.AddHours(1), asked, _clock.GetTimestamp());

        Assert.Equal(Noon.AddHours(1).AddMilliseconds(200), _clock.GetUtcNow());
    }

    [Fact]
    public void An_answer_that_is_slow_or_only_confirms_the_time_moves_nothing()
    {
        Measure(Noon.AddHours(1));
        var asked = _clock.GetTimestamp();
        _host.Advance(TimeSpan.FromSeconds(3));
        _clock.Hear(Noon, asked, _clock.GetTimestamp());
        Assert.Equal(Noon.AddHours(1).AddSeconds(3), _clock.GetUtcNow());

        asked = _clock.GetTimestamp();
        _host.Advance(TimeSpan.FromMilliseconds(100));
        _clock.Hear(_clock.GetUtcNow().AddMilliseconds(20), asked, _clock.GetTimestamp());
        Assert.Equal(Noon.AddHours(1).AddSeconds(3.1), _clock.GetUtcNow());
    }

    private void Measure(DateTimeOffset database) =>
        _clock.Hear(database, _clock.GetTimestamp(), _clock.GetTimestamp());
}
