using Recorder.Cluster.Sessions.Actor;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class ReplayedEventsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("1 2 3", "")]
    [InlineData("17 18", "")]
    [InlineData("1 3", "2-2")]
    [InlineData("1 2 6 7 9", "3-5 8-8")]
    public void Numbers_that_do_not_follow_each_other_tell_what_is_missing(string given, string missing)
    {
        var replayed = given
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(
                new ReplayedEvents(),
                (replayed, number) =>
                    replayed.Hear(long.Parse(number, System.Globalization.CultureInfo.InvariantCulture))
            );

        Assert.Equal(missing, string.Join(' ', replayed.Missing.Select(row => $"{row.First}-{row.Last}")));
    }
}
