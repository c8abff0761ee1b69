using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;

namespace Recorder.EndToEnd.Tests.Streams;

/// <summary>What a record and a received stream must be, whatever their neighbours went through.</summary>
internal static class StreamedPage
{
    /// <summary>Frames a second, of the page and of the recording.</summary>
    public const int Framerate = 25;

    /// <summary>How long a step of a target may take on a busy machine. What is promised is measured and told, and
    /// asked of the benchmark.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    /// <summary>A small session of the page with frame numbers, flashes and beeps.</summary>
    public static StartRequest Request(Uri page, string mode, params string[] targets) =>
        new(page)
        {
            Framerate = Framerate,
            Mode = mode,
            StreamTargets = targets,
        };

    /// <summary>
    /// One file without a gap, in which each tick has a frame and the source's frames follow each other. No tick is
    /// empty but those of raw frames that a busy machine has cost, which are counted; a target that held the encoder up
    /// would cost many.
    /// </summary>
    /// <returns>The ticks without a frame.</returns>
    public static async Task<int> AssertWholeAsync(SessionDetails session)
    {
        var record = Assert.Single(session.Records);
        Assert.Empty(session.Gaps);
        await RecordFile.AssertPlayableAsync(record.Path);
        var track = await new MediaAnalysis(record.Path).FrameNumbersAsync();
        var ticks = (int)Math.Round(track.Frames[^1].Time.TotalSeconds * Framerate) + 1;
        var longest = track.Frames.Zip(track.Frames.Skip(1)).Max(pair => pair.Second.Time - pair.First.Time);
        var missing = ticks - track.Frames.Count;
        Assert.True(
            missing <= record.FramesDropped && record.FramesDropped <= ticks / 20,
            $"{record.Path} has {track.Frames.Count} frames in {ticks} ticks; {record.FramesDropped} raw frames were dropped."
        );
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(0.5));
        AssertContent(track);
        return missing;
    }

    /// <summary>What a server received decodes, has picture and sound, and the source's frames follow each
    /// other.</summary>
    public static async Task<FrameNumberTrack> AssertReceivedAsync(string path)
    {
        var analysis = new MediaAnalysis(path);
        Assert.Empty(await analysis.DecodeErrorsAsync());
        var probe = await analysis.ProbeAsync();
        Assert.Equal(("h264", "aac", 2), (probe.Video?.Codec, probe.Sound?.Codec, probe.StreamCount));
        var track = await analysis.FrameNumbersAsync();
        AssertContent(track);
        return track;
    }

    /// <summary>Sound and picture belong together: four of five beeps as near to their flash as a busy machine
    /// allows.</summary>
    /// <returns>The offset of four of five, ms.</returns>
    public static async Task<double> AssertInSyncAsync(string path)
    {
        var sync = await new MediaAnalysis(path).SyncOffsetsAsync();
        Assert.True(sync.Offsets.Count >= 5, $"{path} has {sync.Offsets.Count} flashes with a beep.");
        var offset = sync.AbsolutePercentile(0.8);
        Assert.True(
            offset <= RecordedPageTests.OffsetOnABusyMachine,
            $"Sound and picture of {path} are {offset:0} ms apart."
        );
        return offset;
    }

    /// <summary>
    /// A server that refuses a publish closes the connection. Whether that is heard as an end or as a reset is a matter
    /// of microseconds: a server that closes with data of ours unread resets.
    /// </summary>
    public static void AssertClosedByServer(string? reason) => Assert.Matches("closed remotely|reset by peer", reason);

    private static void AssertContent(FrameNumberTrack track)
    {
        var seen = track.FromItsFirstMovement().Continuity(Framerate, ReferenceClipFormat.Small.FrameCount);
        Assert.Equal(0, seen.BackwardSteps);
        Assert.InRange(seen.DistinctRatio, 0.8, 1.01);
    }
}
