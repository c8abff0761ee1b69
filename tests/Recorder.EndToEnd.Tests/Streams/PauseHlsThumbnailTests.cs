using System.Net;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Streams;

/// <summary>A session with a record, a stream and HLS that is paused and unpaused: what each of them holds, and what is
/// served meanwhile.</summary>
public sealed class PauseHlsThumbnailTests(PagesFixture fixture, ITestOutputHelper output)
    : EndToEndTest(fixture, output)
{
    private static readonly TimeSpan Paused = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task A_pause_is_cut_from_record_and_not_from_the_stream_HLS_is_read_while_it_grows_and_the_thumbnail_is_of_now()
    {
        await using var server = await RtmpServer.StartAsync();
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(
            StreamedPage.Request(Pages.Reference, "both", server.Address("alive")) with
            {
                Hls = true,
            }
        );
        var session = $"/api/sessions/{started.Id}";
        await node.Api.SeeOutputAsync(started.Id, "target-1", "active", StreamedPage.Limit);
        await Eventually.BeAsync(
            "the playlist names two segments",
            StreamedPage.Limit,
            async () =>
                (await node.Api.SendAsync(HttpMethod.Get, $"{session}/hls/playlist.m3u8")).Body.Split("#EXTINF").Length
                > 2
        );

        // Read as any player reads it, over HTTP, while it grows: no end in it yet.
        var growing = await node.Api.SendAsync(HttpMethod.Get, $"{session}/hls/playlist.m3u8");
        var live = await ToolRun.OutputOfAsync(
            "ffprobe",
            "-v",
            "error",
            "-show_entries",
            "stream=codec_name",
            "-of",
            "csv=p=0",
            new Uri(node.Address, $"{session}/hls/playlist.m3u8").ToString()
        );
        Assert.Equal("application/vnd.apple.mpegurl", growing.ContentType?.Split(';')[0]);
        Assert.DoesNotContain("#EXT-X-ENDLIST", growing.Body, StringComparison.Ordinal);
        var segment = growing.Body.Split('\n').First(line => line.StartsWith("segment-", StringComparison.Ordinal));
        Assert.Equal("video/mp2t", (await node.Api.SendAsync(HttpMethod.Get, $"{session}/hls/{segment}")).ContentType);
        Assert.Contains("h264", live, StringComparison.Ordinal);
        Assert.Contains("aac", live, StringComparison.Ordinal);

        var asked = TimeProvider.System.GetUtcNow();
        var thumbnail = Path.Combine(node.RecordsFolder, "thumbnail.jpg");
        await ToolRun.OutputOfAsync(
            "curl",
            "-sSf",
            "-o",
            thumbnail,
            new Uri(node.Address, $"{session}/thumbnail.jpg").ToString()
        );
        var answered = TimeProvider.System.GetUtcNow();
        var shown = Assert.Single((await new MediaAnalysis(thumbnail).FrameNumbersAsync()).Frames).Number;

        Assert.Equal(HttpStatusCode.OK, (await node.Api.SendAsync(HttpMethod.Post, $"{session}/pause")).Status);
        await RecordForAsync(Paused.TotalSeconds);
        Assert.Equal(HttpStatusCode.OK, (await node.Api.SendAsync(HttpMethod.Post, $"{session}/resume")).Status);
        await RecordForAsync(4);
        var stopped = await node.Api.StopAsync(started.Id);
        var ended = await node.Api.SessionAsync(started.Id);

        var record = Assert.Single(ended.Records);
        Assert.Empty(ended.Gaps);
        await RecordFile.AssertPlayableAsync(record.Path);
        var track = await new MediaAnalysis(record.Path).FrameNumbersAsync();
        var received = await StreamedPage.AssertReceivedAsync(Assert.Single(server.Received));
        var offset = await StreamedPage.AssertInSyncAsync(record.Path);
        var streamed = RecordFile.LengthOf(received, StreamedPage.Framerate);
        var kept = RecordFile.LengthOf(track, StreamedPage.Framerate);
        var jump = LongestJump(track);
        Tell(
            $"record {kept.TotalSeconds:0.0} s, stream {streamed.TotalSeconds:0.0} s, the record's cut skips {jump.Frames} frames of the source in {jump.Time.TotalMilliseconds:0} ms, |sound − picture| {offset:0} ms"
        );

        // The cut lies between two frames that follow each other; it may reach to the next key frame.
        Assert.InRange(
            jump.Frames,
            (int)(Paused.TotalSeconds * StreamedPage.Framerate * 0.8),
            (int)((Paused.TotalSeconds + 4) * StreamedPage.Framerate)
        );
        Assert.InRange(jump.Time, TimeSpan.Zero, TimeSpan.FromSeconds(0.5));
        Assert.InRange(streamed - kept, Paused - TimeSpan.FromSeconds(3), Paused + TimeSpan.FromSeconds(4));
        Assert.InRange(
            kept,
            TimeSpan.FromSeconds(4),
            stopped.Answered - started.Called - Paused + TimeSpan.FromSeconds(1)
        );
        Assert.Equal(0, ended.Output("target-1")!.Retries);
        Assert.Equal(track.Frames.Count, ended.Output("record")!.FramesSent);

        // The record shows when the thumbnail's frame was due.
        var due = record.OpenedAt!.Value + track.Frames.First(frame => frame.Number == shown).Time;
        Tell($"thumbnail: its frame was captured {(answered - due).TotalSeconds:0.00} s before the answer");
        Assert.InRange(due, asked - TimeSpan.FromSeconds(2.5), answered + TimeSpan.FromSeconds(0.5));

        var playlist = await node.Api.SendAsync(HttpMethod.Get, $"{session}/hls/playlist.m3u8");
        Assert.EndsWith("#EXT-X-ENDLIST", playlist.Body.TrimEnd(), StringComparison.Ordinal);
        var whole = await ToolRun.OutputOfAsync(
            "ffprobe",
            "-v",
            "error",
            "-count_packets",
            "-select_streams",
            "v:0",
            "-show_entries",
            "stream=nb_read_packets",
            "-of",
            "csv=p=0",
            new Uri(node.Address, $"{session}/hls/playlist.m3u8").ToString()
        );
        var packets = int.Parse(
            whole.Split('\n', StringSplitOptions.RemoveEmptyEntries)[0].Trim(','),
            System.Globalization.CultureInfo.InvariantCulture
        );
        Assert.InRange(packets, track.Frames.Count * 0.9, received.Frames.Count + StreamedPage.Framerate * 3);
    }

    /// <summary>The greatest step of the source between two readable frames of the record, and the time between
    /// them.</summary>
    private static (int Frames, TimeSpan Time) LongestJump(FrameNumberTrack track)
    {
        var moving = track.FromItsFirstMovement().Frames.Where(frame => frame.Number is not null).ToList();
        return moving
            .Zip(moving.Skip(1))
            .Select(pair => (pair.Second.Number!.Value - pair.First.Number!.Value, pair.Second.Time - pair.First.Time))
            .MaxBy(step => step.Item1);
    }
}
