using System.Globalization;
using System.Text.Json;

namespace Recorder.ReferencePages;

/// <summary>What a media file says about itself.</summary>
/// <param name="Container">ffmpeg's name of the demuxer, such as <c>mov,mp4,m4a,3gp,3g2,mj2</c>, <c>mpegts</c>,
/// <c>matroska,webm</c>.</param>
/// <param name="Duration">Null where the file does not tell, such as Matroska after kill -9.</param>
/// <param name="SizeBytes">Of the file.</param>
/// <param name="BitRate">Bits a second of the whole file, null where the duration is unknown.</param>
/// <param name="Video">The first picture stream, if there is one.</param>
/// <param name="Sound">The first sound stream, if there is one.</param>
/// <param name="StreamCount">All streams.</param>
/// <param name="Mp4">The layout of an MP4 file, null for other containers.</param>
public sealed record MediaProbe(
    string Container,
    TimeSpan? Duration,
    long SizeBytes,
    long? BitRate,
    VideoStream? Video,
    SoundStream? Sound,
    int StreamCount,
    Mp4Layout? Mp4
)
{
    internal static MediaProbe Parse(JsonElement root, Mp4Layout? mp4)
    {
        var format = root.GetProperty("format");
        var streams = root.GetProperty("streams").EnumerateArray().ToList();
        return new MediaProbe(
            Text(format, "format_name") ?? "",
            Seconds(format, "duration"),
            Whole(format, "size") ?? 0,
            Whole(format, "bit_rate"),
            streams.Where(s => Text(s, "codec_type") == "video").Select(VideoStream.Parse).FirstOrDefault(),
            streams.Where(s => Text(s, "codec_type") == "audio").Select(SoundStream.Parse).FirstOrDefault(),
            streams.Count,
            mp4
        );
    }

    internal static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.ToString() : null;

    internal static long? Whole(JsonElement element, string name) =>
        long.TryParse(Text(element, name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    internal static TimeSpan? Seconds(JsonElement element, string name) =>
        double.TryParse(Text(element, name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? TimeSpan.FromSeconds(value)
            : null;

    internal static double Rational(JsonElement element, string name)
    {
        var parts = (Text(element, name) ?? "0/1").Split('/');
        var numerator = double.Parse(parts[0], CultureInfo.InvariantCulture);
        var denominator = parts.Length > 1 ? double.Parse(parts[1], CultureInfo.InvariantCulture) : 1;
        return denominator == 0 ? 0 : numerator / denominator;
    }
}

/// <summary>A picture stream.</summary>
/// <param name="Codec">Such as <c>h264</c>.</param>
/// <param name="Profile">Such as <c>Constrained Baseline</c>, <c>Main</c>, <c>High</c>.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="AverageFrameRate">Frames a second over the whole stream, 0 where unknown.</param>
/// <param name="PixelFormat">Such as <c>yuv420p</c>.</param>
/// <param name="ColorRange"><c>tv</c>, <c>pc</c> or null where untagged; the same null holds for the next
/// three.</param>
/// <param name="ColorSpace">Matrix, such as <c>bt709</c>.</param>
/// <param name="ColorPrimaries">Such as <c>bt709</c>.</param>
/// <param name="ColorTransfer">Such as <c>bt709</c>.</param>
/// <param name="BitRate">Bits a second, null where the container does not tell.</param>
/// <param name="FrameCount">As the container counts, null where it does not tell.</param>
/// <param name="StartTime">Of the first frame on the file's clock.</param>
/// <param name="Duration">Null where the container does not tell for each stream.</param>
/// <param name="HasBFrames">Frames the decoder must hold back to reorder.</param>
public sealed record VideoStream(
    string Codec,
    string? Profile,
    int Width,
    int Height,
    double AverageFrameRate,
    string? PixelFormat,
    string? ColorRange,
    string? ColorSpace,
    string? ColorPrimaries,
    string? ColorTransfer,
    long? BitRate,
    long? FrameCount,
    TimeSpan? StartTime,
    TimeSpan? Duration,
    int HasBFrames
)
{
    internal static VideoStream Parse(JsonElement stream) =>
        new(
            MediaProbe.Text(stream, "codec_name") ?? "unknown",
            MediaProbe.Text(stream, "profile"),
            (int)(MediaProbe.Whole(stream, "width") ?? 0),
            (int)(MediaProbe.Whole(stream, "height") ?? 0),
            MediaProbe.Rational(stream, "avg_frame_rate"),
            MediaProbe.Text(stream, "pix_fmt"),
            MediaProbe.Text(stream, "color_range"),
            MediaProbe.Text(stream, "color_space"),
            MediaProbe.Text(stream, "color_primaries"),
            MediaProbe.Text(stream, "color_transfer"),
            MediaProbe.Whole(stream, "bit_rate"),
            MediaProbe.Whole(stream, "nb_frames"),
            MediaProbe.Seconds(stream, "start_time"),
            MediaProbe.Seconds(stream, "duration"),
            (int)(MediaProbe.Whole(stream, "has_b_frames") ?? 0)
        );
}

/// <summary>A sound stream.</summary>
/// <param name="Codec">Such as <c>aac</c>.</param>
/// <param name="Profile">Such as <c>LC</c>.</param>
/// <param name="SampleRate">Hz.</param>
/// <param name="Channels">1 mono, 2 stereo.</param>
/// <param name="BitRate">Bits a second, null where the container does not tell.</param>
/// <param name="StartTime">Of the first sample on the file's clock.</param>
/// <param name="Duration">Null where the container does not tell for each stream.</param>
public sealed record SoundStream(
    string Codec,
    string? Profile,
    int SampleRate,
    int Channels,
    long? BitRate,
    TimeSpan? StartTime,
    TimeSpan? Duration
)
{
    internal static SoundStream Parse(JsonElement stream) =>
        new(
            MediaProbe.Text(stream, "codec_name") ?? "unknown",
            MediaProbe.Text(stream, "profile"),
            (int)(MediaProbe.Whole(stream, "sample_rate") ?? 0),
            (int)(MediaProbe.Whole(stream, "channels") ?? 0),
            MediaProbe.Whole(stream, "bit_rate"),
            MediaProbe.Seconds(stream, "start_time"),
            MediaProbe.Seconds(stream, "duration")
        );
}
