using Recorder.Node.Browsing;

namespace Recorder.Node.Tests.Browsing;

/// <summary>What a page asks for again and again costs a line a minute.</summary>
public sealed class RefusedRequestsTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_first_is_told_at_once_and_the_others_once_a_minute_with_their_number()
    {
        var (requests, first) = RefusedRequests.None.WithDialogs(1).Tell(Start);
        Assert.Equal("The page asked for 1 dialog, and was refused.", first);
        var lines = new List<string>();
        for (var second = 1; second <= 120; second++)
        {
            (requests, var line) = requests
                .WithDialogs(1 + (second * 100))
                .With(PageRequest.Download)
                .Tell(Start + TimeSpan.FromSeconds(second));
            if (line is not null)
            {
                lines.Add(line);
            }
        }

        Assert.Equal(
            [
                "The page asked for 6000 dialogs and 60 downloads in the last 60 s, and was refused.",
                "The page asked for 6000 dialogs and 60 downloads in the last 60 s, and was refused.",
            ],
            lines
        );
    }

    [Theory]
    [InlineData(0, 20, null)]
    [InlineData(1, 20, "The page asked for 1 window in the last 20 s, and was refused.")]
    [InlineData(3, 59, "The page asked for 3 windows in the last 59 s, and was refused.")]
    public void What_waits_for_its_minute_is_told_at_the_end(int windows, int seconds, string? sentence)
    {
        var (requests, _) = RefusedRequests.None.With(PageRequest.Window).Tell(Start);
        requests = Enumerable
            .Repeat(PageRequest.Window, windows)
            .Aggregate(requests, (told, request) => told.With(request));
        var end = Start + TimeSpan.FromSeconds(seconds);
        Assert.Null(requests.Tell(end).Sentence);
        Assert.Equal(sentence, requests.Tell(end, atTheEnd: true).Sentence);
    }

    [Fact]
    public void Of_a_page_that_asks_for_nothing_nothing_is_told() =>
        Assert.Null(RefusedRequests.None.WithDialogs(0).Tell(Start).Sentence);

    [Theory]
    [InlineData(new[] { 3, 3, 5 }, 5)]
    [InlineData(new[] { 3, 0, 2 }, 5)]
    [InlineData(new[] { 3, 1 }, 4)]
    [InlineData(new[] { int.MaxValue, int.MinValue, -1, 1 }, int.MaxValue + 1L)]
    public void The_documents_count_begins_anew_with_each_document(int[] counts, long dialogs) =>
        Assert.Equal(
            dialogs,
            counts.Aggregate(RefusedRequests.None, (requests, count) => requests.WithDialogs(count)).Dialogs
        );

    [Theory]
    [InlineData(nameof(PageRequest.Window), "The page asked for 1 window, and was refused.")]
    [InlineData(nameof(PageRequest.Download), "The page asked for 1 download, and was refused.")]
    public void Each_kind_has_its_name(string request, string sentence) =>
        Assert.Equal(sentence, RefusedRequests.None.With(Enum.Parse<PageRequest>(request)).Tell(Start).Sentence);
}
