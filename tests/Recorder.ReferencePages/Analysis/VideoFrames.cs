using System.Globalization;
using System.Text.RegularExpressions;

namespace Recorder.ReferencePages;

/// <summary>Decodes a file's picture into small raw frames with the time each is shown.</summary>
internal static partial class VideoFrames
{
    /// <summary>What a visitor sees of a frame: its raw bytes, valid during the call only.</summary>
    public delegate void Visitor(int index, ReadOnlySpan<byte> pixels);

    /// <summary>Crops and scales each frame to gray of the given size and shows it to the visitor, in order.</summary>
    /// <returns>The time of each frame, from the start of the file.</returns>
    /// <exception cref="InvalidDataException">Not one frame could be decoded.</exception>
    public static async Task<IReadOnlyList<TimeSpan>> VisitGrayAsync(
        string path,
        PictureRegion region,
        int width,
        int height,
        Visitor visitor,
        CancellationToken cancellationToken
    )
    {
        var start = await FileStart.ReadAsync(path, cancellationToken);
        var times = new List<TimeSpan>();
        var timeBase = 0.0;
        var frames = 0;
        var result = await MediaTool.RunAsync(
            "ffmpeg",
            [
                // Only the showinfo filter's lines carry the frames' times, and it speaks at level info.
                "-nostdin",
                "-hide_banner",
                "-nostats",
                "-v",
                "info",
                .. FileStart.KeepTimestamps,
                "-i",
                path,
                "-map",
                "0:v:0",
                "-vf",
                $"{region.CropFilter},scale={width}:{height}:flags=area,format=gray,showinfo=checksum=0",
                "-fps_mode",
                "passthrough",
                "-f",
                "rawvideo",
                "pipe:1",
            ],
            readOutput: async (stream, token) =>
            {
                var pixels = new byte[width * height];
                while (
                    await stream.ReadAtLeastAsync(pixels, pixels.Length, throwOnEndOfStream: false, token)
                    == pixels.Length
                )
                {
                    visitor(frames++, pixels);
                }
            },
            onErrorLine: line =>
            {
                if (TimeBaseLine().Match(line) is { Success: true } found)
                {
                    timeBase = Number(found, 1) / Number(found, 2);
                }
                else if (FrameLine().Match(line) is { Success: true } frame)
                {
                    times.Add(TimeSpan.FromSeconds(Number(frame, 1) * timeBase) - start);
                }
            },
            cancellationToken: cancellationToken
        );
        if (frames == 0)
        {
            throw new InvalidDataException($"No picture could be decoded from {path}: {result.LastErrorLines}");
        }
        if (frames != times.Count)
        {
            throw new InvalidDataException(
                $"ffmpeg decoded {frames} frames of {path} but told the times of {times.Count}."
            );
        }
        return times;
    }

    private static double Number(Match match, int group) =>
        double.Parse(match.Groups[group].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"showinfo_\d+ @ \S+\] config in time_base: (\d+)/(\d+)")]
    private static partial Regex TimeBaseLine();

    [GeneratedRegex(@"showinfo_\d+ @ \S+\] n: *\d+ pts: *(-?\d+) ")]
    private static partial Regex FrameLine();
}
