using System.Globalization;
using Recorder.Cluster.Schedules;

namespace Recorder.Cluster.Tests.Schedules;

public sealed class ScheduleTimesTests
{
    [Theory]
    // Working days at nine, over a weekend.
    [InlineData("0 9 * * 1-5", "Europe/Oslo", "2026-12-04T10:00:00Z", "2026-12-07T08:00:00Z")]
    [InlineData("0 9 * * MON-FRI", "America/New_York", "2026-07-01T12:59:59Z", "2026-07-01T13:00:00Z")]
    // A moment itself does not count.
    [InlineData("0 9 * * *", "UTC", "2026-12-04T09:00:00Z", "2026-12-05T09:00:00Z")]
    // 2027-03-28: clocks go from 02:00 to 03:00, so 02:30 is 03:00 in summer time.
    [InlineData("30 2 * * *", "Europe/Oslo", "2027-03-27T12:00:00Z", "2027-03-28T01:00:00Z")]
    [InlineData("30 2 * * *", "Europe/Oslo", "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z")]
    // 2027-10-31: clocks show 02:30 twice, and the first counts.
    [InlineData("30 2 * * *", "Europe/Oslo", "2027-10-30T12:00:00Z", "2027-10-31T00:30:00Z")]
    [InlineData("30 2 * * *", "Europe/Oslo", "2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z")]
    // The half hour of Lord Howe Island, 2027-10-03.
    [InlineData("15 2 * * *", "Australia/Lord_Howe", "2027-10-02T00:00:00Z", "2027-10-02T15:30:00Z")]
    // The 29th of February.
    [InlineData("0 0 29 2 *", "UTC", "2026-12-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    // The last day of the month, and the last Friday.
    [InlineData("0 12 L * *", "UTC", "2027-02-01T00:00:00Z", "2027-02-28T12:00:00Z")]
    [InlineData("0 12 * * 5L", "UTC", "2027-01-01T00:00:00Z", "2027-01-29T12:00:00Z")]
    public void The_next_time_of_a_cron_line(string line, string zone, string after, string next) =>
        Assert.Equal(Time(next), Cron(line, zone).After(Time(after)));

    [Theory]
    [InlineData("0 0 31 2 *")]
    [InlineData("0 0 30 2 *")]
    public void A_line_that_never_fires_has_no_time(string line) =>
        Assert.Null(Cron(line, "UTC").After(Time("2026-12-01T00:00:00Z")));

    [Theory]
    [InlineData("")]
    [InlineData("every day")]
    [InlineData("* * * *")]
    [InlineData("0 0 9 * * *")]
    [InlineData("60 9 * * *")]
    [InlineData("0 9 * * 8")]
    public void A_line_that_cannot_be_read_is_told(string line)
    {
        Assert.False(ScheduleTimes.TryCron(line, TimeZoneInfo.Utc, out _, out var problem));
        Assert.Contains("such as", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_any_length_is_not_read() =>
        Assert.False(ScheduleTimes.TryCron(new string('*', 201), TimeZoneInfo.Utc, out _, out _));

    [Theory]
    [InlineData("Europe/Oslo", true)]
    [InlineData("UTC", true)]
    [InlineData("Etc/GMT+5", true)]
    [InlineData("Europe/Atlantis", false)]
    [InlineData("", false)]
    [InlineData("../../etc/passwd", false)]
    [InlineData("/etc/localtime", false)]
    public void A_time_zone_is_one_of_the_database(string name, bool known) =>
        Assert.Equal(known, ScheduleTimes.TryZone(name, out _));

    [Fact]
    public void Days_that_are_left_out_are_those_of_the_time_zone()
    {
        // 23:00 in New York is the next day in UTC.
        var times = Cron("0 23 * * *", "America/New_York", new DateOnly(2026, 12, 24), new DateOnly(2026, 12, 25));
        Assert.Equal(
            [Time("2026-12-24T04:00:00Z"), Time("2026-12-27T04:00:00Z")],
            times.AllAfter(Time("2026-12-23T12:00:00Z"), 2)
        );
    }

    [Fact]
    public void A_line_for_each_minute_passes_over_a_day_that_is_left_out() =>
        Assert.Equal(
            Time("2026-12-26T00:00:00Z"),
            Cron("* * * * *", "UTC", new DateOnly(2026, 12, 25)).After(Time("2026-12-24T23:59:00Z"))
        );

    [Fact]
    public void A_line_whose_only_day_is_left_out_goes_on_a_year_later() =>
        Assert.Equal(
            Time("2027-12-25T09:00:00Z"),
            Cron("0 9 25 12 *", "UTC", new DateOnly(2026, 12, 25)).After(Time("2026-12-01T00:00:00Z"))
        );

    [Fact]
    public void After_its_end_there_is_no_time()
    {
        var times = Cron("0 9 * * *", "UTC") with { Until = Time("2026-12-03T09:00:00Z") };
        Assert.Equal([Time("2026-12-02T09:00:00Z")], times.AllAfter(Time("2026-12-01T12:00:00Z"), 10));
    }

    [Fact]
    public void One_moment_is_a_time_once()
    {
        var at = Time("2026-12-24T18:00:00Z");
        var times = ScheduleTimes.Once(at, TimeZoneInfo.Utc);
        Assert.Equal([at], times.AllAfter(at.AddTicks(-1), 10));
        Assert.Null(times.After(at));
    }

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static ScheduleTimes Cron(string line, string zone, params DateOnly[] exceptions)
    {
        Assert.True(ScheduleTimes.TryZone(zone, out var found));
        Assert.True(ScheduleTimes.TryCron(line, found, out var times, out var problem), problem);
        return times with { Exceptions = [.. exceptions] };
    }
}
