using Recorder.Cluster.Events;
using Recorder.Http.Requests;

namespace Recorder.Http.Tests.Feed;

/// <summary>What a reader of the feed may ask for, and where the reader begins.</summary>
public sealed class FeedCallTests
{
    [Theory]
    [InlineData(null, null, null)]
    [InlineData("7", null, 7L)]
    [InlineData(null, "9", 9L)]
    [InlineData("7", "9", 9L)]
    public void A_browser_that_comes_back_goes_on_after_its_last_event(string? after, string? last, long? from) =>
        Assert.Equal(from, FeedCall.Parse([], [], List(after), List(last)).Value.After);

    [Theory]
    [InlineData("types", "recrod.finished")]
    [InlineData("session", "0")]
    [InlineData("session", "one")]
    [InlineData("after", "-1")]
    [InlineData("Last-Event-ID", "evt_7")]
    public void A_mistake_is_told_with_its_field(string field, string value)
    {
        var parsed = FeedCall.Parse(
            field == "types" ? [value] : [],
            field == "session" ? [value] : [],
            field == "after" ? [value] : [],
            field == "Last-Event-ID" ? [value] : []
        );
        Assert.Equal(field, parsed.Error?.Field);
    }

    [Fact]
    public void Types_are_separated_by_commas() =>
        Assert.Equal(
            ["record.*", "disk.low"],
            FeedCall.Parse(["record.*, disk.low", "record.*"], [], [], []).Value.Filter.Types
        );

    [Theory]
    [InlineData(null, 20, false)]
    [InlineData(0L, 0, false)]
    [InlineData(12L, 12, false)]
    [InlineData(10L, 10, false)]
    [InlineData(9L, 9, true)]
    [InlineData(20L, 20, false)]
    [InlineData(21L, 20, true)]
    public void A_reader_hears_when_events_between_are_gone(long? after, long begin, bool lost) =>
        Assert.Equal(
            (begin, lost),
            new FeedCall(EventFilter.Everything, after).BeginIn(new FeedBounds(Last: 20, DeletedTo: 10))
        );

    private static IReadOnlyList<string?> List(string? value) => value is null ? [] : [value];
}
