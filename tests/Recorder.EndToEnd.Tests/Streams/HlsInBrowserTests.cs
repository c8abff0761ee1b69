using System.Globalization;
using System.Net;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Streams;

/// <summary>A live playlist in a browser. What the browser shows is recorded by another recorder, so it can be read
/// like any record.</summary>
public sealed class HlsInBrowserTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    [FactWithPlayer]
    public async Task Hls_js_on_another_site_plays_the_playlist_while_it_grows_and_over_the_death_of_the_worker()
    {
        await using var player = await HlsPlayer.StartAsync();
        var node = await StartNodeAsync(new RecorderNodeSettings { AllowedOrigin = player.Origin });
        var source = await node.Api.StartAsync(StreamedPage.Request(Pages.Reference, "record") with { Hls = true });
        var session = $"/api/sessions/{source.Id}/hls/";
        await Eventually.BeAsync(
            "the playlist names two segments",
            StreamedPage.Limit,
            async () => Segments((await node.Api.SendAsync(HttpMethod.Get, session + "playlist.m3u8")).Body).Count >= 2
        );

        player.Playlist = new Uri(node.Address, session + "playlist.m3u8");
        var viewer = await StartNodeAsync();
        var watched = await viewer.Api.StartAsync(StreamedPage.Request(player.Address, "record"));
        await RecordForAsync(5);
        node.Kill("worker");

        // A viewer never sees an error, a shorter playlist or an end meanwhile.
        var told = new List<IReadOnlyList<string>>();
        await Eventually.BeAsync(
            "the playlist goes on with the next record",
            StreamedPage.Limit,
            async () =>
            {
                var text = await PlaylistAsync(node, session);
                told.Add(Segments(text));
                Assert.Contains("#EXT-X-MEDIA-SEQUENCE:0\n", text, StringComparison.Ordinal);
                Assert.DoesNotContain("#EXT-X-ENDLIST", text, StringComparison.Ordinal);
                return text.Split("#EXT-X-DISCONTINUITY\n") is [_, var next] && Segments(next).Count >= 2;
            }
        );
        Assert.All(told.Zip(told.Skip(1)), pair => Assert.Equal(pair.First, pair.Second.Take(pair.First.Count)));
        Assert.Equal(told[^1].Count, told[^1].Distinct().Count());
        foreach (var segment in told[^1])
        {
            Assert.Equal("video/mp2t", (await node.Api.SendAsync(HttpMethod.Get, session + segment)).ContentType);
        }
        var first = FirstRecord(await PlaylistAsync(node, session));
        await Eventually.BeAsync(
            "the player shows three seconds of the second record",
            StreamedPage.Limit,
            () => Task.FromResult(player.Played >= first + TimeSpan.FromSeconds(3))
        );
        await viewer.Api.StopAsync(watched.Id);
        await node.Api.StopAsync(source.Id);
        Assert.EndsWith("#EXT-X-ENDLIST\n", await PlaylistAsync(node, session), StringComparison.Ordinal);

        var records = (await node.Api.SessionAsync(source.Id)).Records;
        Assert.Equal(2, records.Count);
        var second = (await NumbersAsync(records[1].Path)).Min();
        var shown = await NumbersAsync(Assert.Single((await viewer.Api.SessionAsync(watched.Id)).Records).Path);
        Tell(
            $"hls.js showed {shown.Count} different frames of the source, {shown.Count(number => number >= second)} of them of its second record"
        );

        // The first second or two are the player's start, and a busy machine shows fewer than every frame.
        Assert.InRange(shown.Count(number => number < second), 50, 600);
        Assert.InRange(shown.Count(number => number >= second), 25, 400);
    }

    private static IReadOnlyList<string> Segments(string playlist) =>
        [.. playlist.Split('\n').Where(line => line.StartsWith("segment-", StringComparison.Ordinal))];

    /// <summary>How long the first record of a playlist of two is.</summary>
    private static TimeSpan FirstRecord(string playlist) =>
        TimeSpan.FromSeconds(
            playlist
                .Split("#EXT-X-DISCONTINUITY\n")[0]
                .Split('\n')
                .Where(line => line.StartsWith("#EXTINF:", StringComparison.Ordinal))
                .Sum(line => double.Parse(line["#EXTINF:".Length..].TrimEnd(','), CultureInfo.InvariantCulture))
        );

    private static async Task<string> PlaylistAsync(RecorderNode node, string session)
    {
        var answer = await node.Api.SendAsync(HttpMethod.Get, session + "playlist.m3u8");
        Assert.True(answer.Status == HttpStatusCode.OK, $"A viewer was answered {answer.Status}: {answer.Body}");
        return answer.Body;
    }

    private static async Task<IReadOnlyList<int>> NumbersAsync(string path) =>
        [
            .. (await new MediaAnalysis(path).FrameNumbersAsync())
                .Frames.Select(frame => frame.Number)
                .OfType<int>()
                .Distinct(),
        ];
}
