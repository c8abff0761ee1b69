using System.Globalization;
using System.Net;

namespace Recorder.EndToEnd.Tests.Harness;

/// <summary>
/// Looks at a session's playlist all the time, as a player does, from its first segment on. Whatever becomes of the
/// session meanwhile, the viewer sees no error. A segment has one number, one name and one place between
/// discontinuities (RFC 8216, section 6.2).
/// </summary>
internal sealed class HlsViewer : IAsyncDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(250);

    private readonly RecorderApi _api;
    private readonly string _playlist;
    private readonly CancellationTokenSource _end = new();
    private readonly Dictionary<long, (string Name, long Part)> _seen = [];
    private readonly Dictionary<string, long> _numbers = [];
    private readonly Lock _looking = new();
    private readonly List<string> _faults = [];
    private Task _watching = Task.CompletedTask;
    private string _begun = "";
    private long _newest = -1;

    private HlsViewer(RecorderApi api, int session) =>
        (this._api, _playlist) = (
            api,
            string.Create(CultureInfo.InvariantCulture, $"/api/sessions/{session}/hls/playlist.m3u8")
        );

    /// <summary>The names of all segments seen so far, in order.</summary>
    public IReadOnlyList<string> Segments
    {
        get
        {
            lock (_looking)
            {
                return [.. _seen.OrderBy(segment => segment.Key).Select(segment => segment.Value.Name)];
            }
        }
    }

    /// <summary>The text told last.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Begins when the playlist has a segment.</summary>
    public static async Task<HlsViewer> StartAsync(RecorderApi api, int session, TimeSpan limit)
    {
        var viewer = new HlsViewer(api, session);
        await Eventually.BeAsync(
            $"session {session} has a playlist",
            limit,
            async () =>
            {
                var answer = await api.SendAsync(HttpMethod.Get, viewer._playlist);
                if (answer.Status == HttpStatusCode.OK)
                {
                    viewer.Look(answer);
                }
                return viewer.Segments.Count > 0;
            }
        );
        viewer._begun = Mark(viewer.Segments[^1]);
        viewer._watching = viewer.WatchAsync();
        return viewer;
    }

    /// <summary>Waits until the playlist has had a segment of another record than that which was the newest when the
    /// viewer began.</summary>
    public Task SeeNextRecordAsync(TimeSpan limit) =>
        Eventually.BeAsync(
            "the playlist has a segment of the next record",
            limit,
            () => Segments.SkipWhile(name => Mark(name) != _begun).Any(name => Mark(name) != _begun),
            () => Text
        );

    /// <summary>Ends, and fails if anything was wrong.</summary>
    public async Task AssertUnbrokenAsync()
    {
        await DisposeAsync();
        Assert.Empty(_faults);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
    }

    private static string Mark(string name) => name.Split('-')[1];

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Turn);
        try
        {
            do
            {
                var answer = await _api.SendAsync(HttpMethod.Get, _playlist);
                lock (_looking)
                {
                    Look(answer);
                }
            } while (await timer.WaitForNextTickAsync(_end.Token));
        }
        catch (OperationCanceledException)
        {
            // The viewer has seen enough.
        }
    }

    private void Look(ApiAnswer answer)
    {
        if (answer.Status != HttpStatusCode.OK)
        {
            _faults.Add($"{answer.Status}: {answer.Body}");
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
            {
                continue;
            }
            if (_seen.TryGetValue(number, out var known) ? known != (line, part) : _numbers.ContainsKey(line))
            {
                _faults.Add($"{line}, number {number} in part {part}, was {known} before");
            }
            (_seen[number], _numbers[line]) = ((line, part), number);
            number++;
        }

        if (number - 1 < _newest)
        {
            _faults.Add($"the playlist ended with number {_newest} and ends with {number - 1} now");
        }
        _newest = Math.Max(_newest, number - 1);
    }

    private static long Number(string[] lines, string tag) =>
        long.Parse(
            lines.Single(line => line.StartsWith(tag, StringComparison.Ordinal)).AsSpan(tag.Length),
            CultureInfo.InvariantCulture
        );
}
