using System.Globalization;
using System.Net;

namespace Recorder.EndToEnd.Tests.Harness;

/// <summary>
/// Looks at a session's playlist all the time, as a player does, from its first segment on. Whatever becomes of the session meanwhile, the viewer sees no error, and
/// a segment has one number, one name and one place between discontinuities (RFC 8216, section 6.2).
/// </summary>
internal sealed class HlsViewer : IAsyncDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(250);

    private readonly RecorderApi api;
    private readonly string playlist;
    private readonly CancellationTokenSource end = new();
    private readonly Dictionary<long, (string Name, long Part)> seen = [];
    private readonly Dictionary<string, long> numbers = [];
    private readonly Lock looking = new();
    private readonly List<string> faults = [];
    private Task watching = Task.CompletedTask;
    private string begun = "";
    private long newest = -1;

    private HlsViewer(RecorderApi api, int session) => (this.api, playlist) = (api, string.Create(CultureInfo.InvariantCulture, $"/api/sessions/{session}/hls/playlist.m3u8"));

    /// <summary>The names of all segments seen so far, in order.</summary>
    public IReadOnlyList<string> Segments
    {
        get
        {
            lock (looking)
                return [.. seen.OrderBy(segment => segment.Key).Select(segment => segment.Value.Name)];
        }
    }

    /// <summary>The text told last.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Begins when the playlist has a segment.</summary>
    public static async Task<HlsViewer> StartAsync(RecorderApi api, int session, TimeSpan limit)
    {
        var viewer = new HlsViewer(api, session);
        await Eventually.BeAsync($"session {session} has a playlist", limit, async () =>
        {
            var answer = await api.SendAsync(HttpMethod.Get, viewer.playlist);
            if (answer.Status == HttpStatusCode.OK)
                viewer.Look(answer);
            return viewer.Segments.Count > 0;
        });
        viewer.begun = Mark(viewer.Segments[^1]);
        viewer.watching = viewer.WatchAsync();
        return viewer;
    }

    /// <summary>Waits until the playlist has had a segment of another record than that which was the newest when the viewer began.</summary>
    public Task SeeNextRecordAsync(TimeSpan limit) =>
        Eventually.BeAsync("the playlist has a segment of the next record", limit, () => Segments.SkipWhile(name => Mark(name) != begun).Any(name => Mark(name) != begun), () => Text);

    /// <summary>Ends, and fails if anything was wrong.</summary>
    public async Task AssertUnbrokenAsync()
    {
        await DisposeAsync();
        Assert.Empty(faults);
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await watching;
    }

    private static string Mark(string name) => name.Split('-')[1];

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Turn);
        try
        {
            do
            {
                var answer = await api.SendAsync(HttpMethod.Get, playlist);
                lock (looking)
                    Look(answer);
            }
            while (await timer.WaitForNextTickAsync(end.Token));
        }
        catch (OperationCanceledException)
        {
            // It has seen enough.
        }
    }

    private void Look(ApiAnswer answer)
    {
        if (answer.Status != HttpStatusCode.OK)
        {
            faults.Add($"{answer.Status}: {answer.Body}");
            return;
        }

        Text = answer.Body;
        var lines = answer.Body.Split('\n');
        var number = Number(lines, "#EXT-X-MEDIA-SEQUENCE:");
        var part = Number(lines, "#EXT-X-DISCONTINUITY-SEQUENCE:");
        foreach (var line in lines)
        {
            part += line == "#EXT-X-DISCONTINUITY" ? 1 : 0;
            if (!line.StartsWith("segment-", StringComparison.Ordinal))
                continue;
            if (seen.TryGetValue(number, out var known) ? known != (line, part) : numbers.ContainsKey(line))
                faults.Add($"{line}, number {number} in part {part}, was {known} before");
            (seen[number], numbers[line]) = ((line, part), number);
            number++;
        }

        if (number - 1 < newest)
            faults.Add($"the playlist ended with number {newest} and ends with {number - 1} now");
        newest = Math.Max(newest, number - 1);
    }

    private static long Number(string[] lines, string tag) => long.Parse(lines.Single(line => line.StartsWith(tag, StringComparison.Ordinal)).AsSpan(tag.Length), CultureInfo.InvariantCulture);
}
