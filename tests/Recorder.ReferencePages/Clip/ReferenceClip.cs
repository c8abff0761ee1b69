using System.Globalization;

namespace Recorder.ReferencePages;

/// <summary>What a reference clip is like.</summary>
/// <param name="Width">Pixels, even.</param>
/// <param name="Height">Pixels, even, 90 or more so that the barcode's rows survive encoding.</param>
/// <param name="FrameRate">Frames a second, a whole number.</param>
/// <param name="Duration">Whole seconds; the page plays the clip in a loop.</param>
public sealed record ReferenceClipFormat(int Width, int Height, int FrameRate, TimeSpan Duration)
{
    /// <summary>1920x1080, 25 frames/s, 90 s.</summary>
    public static ReferenceClipFormat FullHd { get; } = new(1920, 1080, 25, TimeSpan.FromSeconds(90));

    /// <summary>640x360, 25 frames/s, 90 s: for tests in which the size is not the point.</summary>
    public static ReferenceClipFormat Small { get; } = new(640, 360, 25, TimeSpan.FromSeconds(90));

    /// <summary>Frames in one turn of the loop.</summary>
    public int FrameCount => (int)Math.Round(Duration.TotalSeconds * FrameRate);

    internal void Check()
    {
        if (Width < 160 || Height < 90 || Width % 2 != 0 || Height % 2 != 0)
        {
            throw new ArgumentException($"A reference clip is at least 160x90 with even sides, not {Width}x{Height}.");
        }
        if (FrameRate is < 5 or > 120)
        {
            throw new ArgumentException($"A reference clip has 5 to 120 frames a second, not {FrameRate}.");
        }
        if (Duration < TimeSpan.FromSeconds(1) || Duration.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            throw new ArgumentException(
                $"A reference clip lasts whole seconds so that its loop keeps the beat, not {Duration}."
            );
        }
        if (FrameCount > FrameBarcode.Modulus)
        {
            throw new ArgumentException(
                $"The barcode counts {FrameBarcode.Modulus} frames; {FrameCount} are too many."
            );
        }
    }
}

/// <summary>
/// An MP4 file (H.264, AAC) made by ffmpeg. Every frame carries its own number (<see cref="FrameBarcode"/>). At each
/// whole second, a white flash in the row beneath and a 1 kHz beep start at the same instant. The rest of the picture
/// moves like real video and shows the number for people. A quiet 200 Hz tone runs through, so that a hole in the sound
/// can be told from the pause between beeps.
/// </summary>
/// <remarks>
/// The flash is a row of its own and lasts <see cref="FlashFrames(int)"/> frames rather than the whole picture for one
/// frame: one dropped frame then moves its onset by one frame instead of hiding it, and the picture costs the encoder
/// what ordinary video costs. The turn of the loop is Chromium's seek to the start and no fault of a recording:
/// measured, the picture rests 120 ms and the sound 100 ms. Record less than the clip's duration where gaps are judged.
/// </remarks>
public sealed class ReferenceClip
{
    /// <summary>Frequency of the beep, Hz.</summary>
    public const int BeepFrequency = 1000;

    /// <summary>Frequency of the quiet tone that never pauses, Hz.</summary>
    public const int HumFrequency = 200;

    /// <summary>How long a beep lasts, seconds.</summary>
    public const double BeepSeconds = 0.1;

    /// <summary>Raised whenever the clip's content changes, so that a cached clip of an earlier kind is not
    /// taken.</summary>
    private const int ContentVersion = 2;

    private ReferenceClip(string path, ReferenceClipFormat format) => (Path, Format) = (path, format);

    /// <summary>The MP4 file.</summary>
    public string Path { get; }

    /// <summary>What the file holds.</summary>
    public ReferenceClipFormat Format { get; }

    /// <summary>How many frames the flash lasts: about 120 ms, two at least.</summary>
    public static int FlashFrames(int frameRate) => Math.Max(2, (int)Math.Round(0.12 * frameRate));

    /// <summary>Makes the clip, or takes the one made earlier with the same format from the cache.</summary>
    /// <param name="format">What to make.</param>
    /// <param name="cacheFolder">Where clips are kept; by default a folder of the system's temporary one.</param>
    /// <param name="cancellationToken">Ends ffmpeg; nothing is left in the cache.</param>
    /// <exception cref="ArgumentException">The format cannot be made.</exception>
    /// <exception cref="InvalidOperationException">ffmpeg failed; the message carries its words.</exception>
    public static async Task<ReferenceClip> MakeAsync(
        ReferenceClipFormat format,
        string? cacheFolder = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(format);
        format.Check();
        var folder = cacheFolder ?? System.IO.Path.Combine(System.IO.Path.GetTempPath(), "recorder-reference-clips");
        Directory.CreateDirectory(folder);
        var seconds = (int)format.Duration.TotalSeconds;
        var path = System.IO.Path.Combine(
            folder,
            $"reference-v{ContentVersion}-{format.Width}x{format.Height}-{format.FrameRate}fps-{seconds}s.mp4"
        );
        if (!File.Exists(path))
        {
            await EncodeAsync(format, path, cancellationToken);
        }
        return new ReferenceClip(path, format);
    }

    private static async Task EncodeAsync(ReferenceClipFormat format, string path, CancellationToken cancellationToken)
    {
        // Written beside and renamed: another process that wants the same clip never sees half of one.
        var unfinished = $"{path}.{Guid.NewGuid():N}.mp4";
        try
        {
            var result = await MediaTool.RunAsync(
                "ffmpeg",
                Arguments(format, unfinished),
                writeInput: (input, token) => WriteRowsAsync(format, input, token),
                cancellationToken: cancellationToken
            );
            if (result.ExitCode != 0)
            {
                throw new InvalidOperationException(
                    $"ffmpeg could not make the reference clip {path}: {result.LastErrorLines}"
                );
            }
            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static List<string> Arguments(ReferenceClipFormat format, string path)
    {
        var rate = format.FrameRate.ToString(CultureInfo.InvariantCulture);
        var seconds = ((int)format.Duration.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var rowHeight = format.Height / FrameBarcode.RowsPerPicture;
        var fontSize = format.Height / 12;
        var picture =
            $"[0:v]scale={format.Width}:{2 * rowHeight}:flags=neighbor,format=yuv420p[rows];"
            + $"[1:v][rows]overlay=0:0:format=yuv420,"
            + $"drawtext=font=DejaVu Sans Mono:text=%{{frame_num}}:fontsize={fontSize}:fontcolor=white:box=1:boxcolor=black:"
            + $"boxborderw={fontSize / 4}:x=(w-tw)/2:y=h*0.78,format=yuv420p[v]";
        var sound = string.Create(
            CultureInfo.InvariantCulture,
            $"0.5*sin(2*PI*{BeepFrequency}*t)*lt(mod(t,1),{BeepSeconds})+0.02*sin(2*PI*{HumFrequency}*t)"
        );
        return
        [
            "-y",
            "-v",
            "error",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-s",
            $"{FrameBarcode.Cells}x2",
            "-r",
            rate,
            "-i",
            "pipe:0",
            "-f",
            "lavfi",
            "-i",
            $"testsrc2=size={format.Width}x{format.Height}:rate={rate}:duration={seconds}",
            "-f",
            "lavfi",
            "-i",
            $"aevalsrc='{sound}|{sound}':s=48000:d={seconds}",
            "-filter_complex",
            picture,
            "-map",
            "[v]",
            "-map",
            "2:a",
            // No B-frames: nothing in the player has to reorder or to honour an edit list to show frame 0 at time 0.
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-profile:v",
            "high",
            "-crf",
            "21",
            "-bf",
            "0",
            "-g",
            rate,
            "-color_range",
            "tv",
            "-colorspace",
            "bt709",
            "-color_primaries",
            "bt709",
            "-color_trc",
            "bt709",
            "-c:a",
            "aac",
            "-b:a",
            "192k",
            "-movflags",
            "+faststart",
            path,
        ];
    }

    /// <summary>A picture of 24x2 pixels for each frame. ffmpeg enlarges the picture to the two rows.</summary>
    private static async Task WriteRowsAsync(
        ReferenceClipFormat format,
        Stream input,
        CancellationToken cancellationToken
    )
    {
        var flashFrames = FlashFrames(format.FrameRate);
        var rows = new byte[FrameBarcode.Cells * 2 * 3];
        for (var frame = 0; frame < format.FrameCount; frame++)
        {
            var cells = FrameBarcode.Encode(frame);
            for (var i = 0; i < FrameBarcode.Cells; i++)
            {
                rows.AsSpan(i * 3, 3).Fill(cells[i] == 1 ? (byte)255 : (byte)0);
            }
            rows.AsSpan(FrameBarcode.Cells * 3).Fill(frame % format.FrameRate < flashFrames ? (byte)255 : (byte)0);
            await input.WriteAsync(rows, cancellationToken);
        }
    }
}
