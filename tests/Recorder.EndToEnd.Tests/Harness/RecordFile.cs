using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Recorder.ReferencePages;

namespace Recorder.EndToEnd.Tests.Harness;

/// <summary>What the tests ask of any record, whatever it shows.</summary>
internal static class RecordFile
{
    /// <summary>The record plays from end to end: it is there under its name, it decodes, and has picture and sound of
    /// the same length.</summary>
    /// <param name="path">The record.</param>
    /// <param name="isFinal">False: it was kept as it was written, without an index in front.</param>
    public static async Task<MediaProbe> AssertPlayableAsync(string path, bool isFinal = true)
    {
        Assert.True(File.Exists(path), $"{path} does not exist.");
        var analysis = new MediaAnalysis(path);
        Assert.Empty(await analysis.DecodeErrorsAsync());
        var probe = await analysis.ProbeAsync();
        Assert.Equal("h264", probe.Video?.Codec);
        Assert.Equal("aac", probe.Sound?.Codec);
        Assert.Equal(48000, probe.Sound!.SampleRate);
        Assert.Equal(2, probe.Sound.Channels);
        Assert.Equal(2, probe.StreamCount);
        if (isFinal && probe.Mp4 is { } layout)
        {
            Assert.True(
                layout.IsFastStart && !layout.IsFragmented,
                $"{path} is no fast-start MP4: {string.Join(' ', layout.BoxTypes)}"
            );
        }
        return probe;
    }

    /// <summary>The manifest beside a record, which appears when the record has been read: it tells of this very file,
    /// and is as private.</summary>
    public static async Task<JsonElement> AssertManifestAsync(string path)
    {
        var manifest = path + ".json";
        await Eventually.BeAsync($"{manifest} is written", TimeSpan.FromSeconds(20), () => File.Exists(manifest));
        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(manifest));
        var told = json.RootElement.Clone();
        await using var file = File.OpenRead(path);
        var probe = await new MediaAnalysis(path).ProbeAsync();

        Assert.Equal(1, told.GetProperty("version").GetInt32());
        Assert.Equal(Path.GetFileName(path), told.GetProperty("record").GetString());
        Assert.Equal(
            Convert.ToHexStringLower(await SHA256.HashDataAsync(file)),
            told.GetProperty("sha256").GetString()
        );
        Assert.Equal(file.Length, told.GetProperty("bytes").GetInt64());
        Assert.Equal(
            (probe.Video!.Codec, probe.Sound?.Codec),
            (
                told.GetProperty("codecs").GetProperty("video").GetString(),
                told.GetProperty("codecs").GetProperty("audio").GetString()
            )
        );
        Assert.InRange(
            told.GetProperty("duration_seconds").GetDouble(),
            probe.Duration!.Value.TotalSeconds - 0.2,
            probe.Duration.Value.TotalSeconds + 0.2
        );
        Assert.Equal(File.GetUnixFileMode(path), File.GetUnixFileMode(manifest));
        return told;
    }

    /// <summary>How long the record plays, by its frames and not by its header; a frame is shown until the next
    /// one.</summary>
    public static TimeSpan LengthOf(FrameNumberTrack track, int framerate) =>
        track.Frames[^1].Time + TimeSpan.FromSeconds(1.0 / framerate);

    /// <summary>
    /// The frames from the first one on that differs from its predecessor: a page shows the still first frame of its
    /// clip until it plays, and a recorder records that.
    /// </summary>
    public static FrameNumberTrack FromItsFirstMovement(this FrameNumberTrack track)
    {
        var first = track.Frames.SkipWhile(frame => frame.Number is null).FirstOrDefault().Number;
        var moving = track.Frames.SkipWhile(frame => frame.Number is null || frame.Number == first).ToList();
        Assert.True(moving.Count > 0, "Nothing moves in the record.");
        return new FrameNumberTrack(moving);
    }

    /// <summary>Frames from each key frame to the next.</summary>
    public static async Task<IReadOnlyList<int>> KeyFrameDistancesAsync(string path)
    {
        var packets = await ToolRun.OutputOfAsync(
            "ffprobe",
            "-v",
            "error",
            "-select_streams",
            "v:0",
            "-show_entries",
            "packet=flags",
            "-of",
            "csv=p=0",
            path
        );
        var keys = packets
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select((flags, index) => (flags, index))
            .Where(packet => packet.flags.Contains('K', StringComparison.Ordinal))
            .Select(packet => packet.index)
            .ToList();
        return [.. keys.Zip(keys.Skip(1), (key, next) => next - key)];
    }

    /// <summary>
    /// What is on disk reaches to at most 2 s before the kill. The first frame was in the file before the start was
    /// answered, so this asks no more of the file than that.
    /// </summary>
    public static async Task AssertReadsUpToAsync(string path, StartedSession started, DateTimeOffset killed)
    {
        var readable = LengthOf(await new MediaAnalysis(path).FrameNumbersAsync(), PageRecording.Framerate);
        var lost = killed - started.Answered - readable;
        Assert.True(lost < TimeSpan.FromSeconds(2), $"The last {Seconds(lost)} before the kill are not in {path}.");
    }

    /// <summary>The time within the file at which something happened.</summary>
    public static TimeSpan TimeIn(RecordDetails record, DateTimeOffset at) =>
        at - (record.OpenedAt ?? throw new InvalidOperationException($"{record.Path} was never opened."));

    /// <summary>A figure for a message.</summary>
    public static string Seconds(TimeSpan time) =>
        time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture) + " s";
}
