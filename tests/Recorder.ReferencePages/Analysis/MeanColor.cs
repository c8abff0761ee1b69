namespace Recorder.ReferencePages;

/// <summary>A mean colour, each part 0–255.</summary>
public sealed record MeanColor(double Red, double Green, double Blue)
{
    /// <summary>The largest difference of a part from that of another colour.</summary>
    public double DistanceTo(byte red, byte green, byte blue) =>
        new[] { Math.Abs(Red - red), Math.Abs(Green - green), Math.Abs(Blue - blue) }.Max();

    internal static async Task<MeanColor> ReadAsync(
        string path,
        VideoStream video,
        TimeSpan at,
        PictureRegion region,
        CancellationToken cancellationToken
    )
    {
        var start = await FileStart.ReadAsync(path, cancellationToken);
        using var raw = new MemoryStream();
        var conversion =
            $"scale=in_color_matrix={Matrix(video)}:in_range={video.ColorRange ?? "tv"}:"
            + "flags=accurate_rnd+full_chroma_int+full_chroma_inp+bitexact,format=rgb24";
        var result = await MediaTool.RunAsync(
            "ffmpeg",
            [
                "-nostdin",
                "-v",
                "error",
                .. FileStart.KeepTimestamps,
                "-i",
                path,
                "-map",
                "0:v:0",
                "-vf",
                $"{FileStart.FramesFrom(start, at)},{region.CropFilter},{conversion}",
                "-frames:v",
                "1",
                "-fps_mode",
                "passthrough",
                "-f",
                "rawvideo",
                "pipe:1",
            ],
            raw.CopyFromAsync,
            cancellationToken: cancellationToken
        );
        if (raw.Length < 3)
        {
            throw new InvalidDataException($"{path} has no frame at {at}: {result.LastErrorLines}");
        }
        return Mean(raw.GetBuffer().AsSpan(0, (int)raw.Length));
    }

    /// <summary>The matrix the tags name; for an untagged file the one players assume: BT.709 from 720 lines up, BT.601
    /// below.</summary>
    private static string Matrix(VideoStream video) =>
        video.ColorSpace switch
        {
            "bt709" => "bt709",
            "smpte170m" or "bt470bg" => "bt601",
            "bt2020nc" => "bt2020",
            _ => video.Height >= 720 ? "bt709" : "bt601",
        };

    private static MeanColor Mean(ReadOnlySpan<byte> rgb)
    {
        long red = 0,
            green = 0,
            blue = 0;
        for (var i = 0; i + 2 < rgb.Length; i += 3)
        {
            red += rgb[i];
            green += rgb[i + 1];
            blue += rgb[i + 2];
        }

        double pixels = rgb.Length / 3;
        return new MeanColor(red / pixels, green / pixels, blue / pixels);
    }
}
