using System.Globalization;

namespace Recorder.ReferencePages;

/// <summary>
/// The file's own zero: the earliest timestamp of any stream. ffmpeg shifts timestamps by itself. In MPEG-TS ffmpeg
/// shifts by the start of the streams that are read. Picture and sound that are read one after the other would lose the
/// offset between them. Hence ffmpeg keeps timestamps, and the file's start is taken off here.
/// </summary>
internal static class FileStart
{
    /// <summary>Options in front of the input.</summary>
    public static IReadOnlyList<string> KeepTimestamps { get; } = ["-copyts"];

    /// <summary>0 where the file does not tell.</summary>
    public static async Task<TimeSpan> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using var output = new MemoryStream();
        await MediaTool.RunAsync(
            "ffprobe",
            [
                "-v",
                "error",
                "-show_entries",
                "format=start_time",
                "-print_format",
                "default=noprint_wrappers=1:nokey=1",
                path,
            ],
            output.CopyFromAsync,
            cancellationToken: cancellationToken
        );
        var text = System.Text.Encoding.ASCII.GetString(output.ToArray()).Trim();
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.Zero;
    }

    /// <summary>A filter that passes the frames from a time (from the file's start) on; half a millisecond covers
    /// rounding.</summary>
    public static string FramesFrom(TimeSpan fileStart, TimeSpan at) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"select='gte(t,{(fileStart + at).TotalSeconds - 0.0005:0.######})'"
        );
}
