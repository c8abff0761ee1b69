using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Streams;

/// <summary>A live playlist in a browser. What the browser shows is recorded by a second session, so it can be read like any record.</summary>
public sealed class HlsInBrowserTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    [FactWithPlayer]
    public async Task Hls_js_plays_the_playlist_while_it_grows()
    {
        var node = await StartNodeAsync();
        var source = await node.Api.StartAsync(StreamedPage.Request(Pages.Reference, "record") with { Hls = true });
        var playlist = $"/api/sessions/{source.Id}/hls/";
        await Eventually.BeAsync("the playlist names two segments", StreamedPage.Limit, async () =>
            (await node.Api.SendAsync(HttpMethod.Get, playlist + "playlist.m3u8")).Body.Split("#EXTINF").Length > 2);

        await using var player = await HlsPlayer.StartAsync(new Uri(node.Address, playlist));
        var watched = await node.Api.StartAsync(StreamedPage.Request(player.Address, "record"));
        await RecordForAsync(8);
        await node.Api.StopAsync(watched.Id);
        Assert.DoesNotContain("#EXT-X-ENDLIST", (await node.Api.SendAsync(HttpMethod.Get, playlist + "playlist.m3u8")).Body, StringComparison.Ordinal);
        await node.Api.StopAsync(source.Id);

        var record = Assert.Single((await node.Api.SessionAsync(watched.Id)).Records);
        var numbers = (await new MediaAnalysis(record.Path).FrameNumbersAsync()).Frames.Select(frame => frame.Number).OfType<int>().Distinct().ToList();
        Tell($"hls.js showed {numbers.Count} different frames of the source in 8 s");

        // Of 200: the first second or two are the player's start, and a busy machine plays with less than every frame.
        Assert.InRange(numbers.Count, 50, 300);
    }
}
