using System.Text.Json;

namespace Recorder.ReferencePages;

/// <summary>
/// Reads what a record really holds, by ffprobe and ffmpeg as child processes. The analysis judges the file only, never
/// the page or the clock. A file that is cut short or still grows is read as far as possible.
/// </summary>
/// <param name="path">The record: MP4 (fragmented or not), MPEG-TS or Matroska.</param>
public sealed class MediaAnalysis(string path)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>Container, streams and, for MP4, the order of boxes.</summary>
    /// <exception cref="InvalidDataException">The file cannot be opened as media.</exception>
    public async Task<MediaProbe> ProbeAsync(CancellationToken cancellationToken = default)
    {
        using var json = new MemoryStream();
        var result = await MediaTool.RunAsync(
            "ffprobe",
            ["-v", "error", "-print_format", "json", "-show_format", "-show_streams", Path],
            json.CopyFromAsync,
            cancellationToken: cancellationToken
        );
        if (result.ExitCode != 0)
        {
            throw new InvalidDataException($"{Path} cannot be read as media: {result.LastErrorLines}");
        }
        using var document = JsonDocument.Parse(json.ToArray());
        var layout = await Mp4Layout.ReadAsync(Path, cancellationToken);
        return MediaProbe.Parse(document.RootElement, layout);
    }

    /// <summary>Decodes every stream from end to end.</summary>
    /// <returns>What the decoder complained of, line by line; empty for a sound file.</returns>
    public async Task<IReadOnlyList<string>> DecodeErrorsAsync(CancellationToken cancellationToken = default)
    {
        var errors = new List<string>();
        var result = await MediaTool.RunAsync(
            "ffmpeg",
            ["-nostdin", "-v", "error", "-i", Path, "-map", "0", "-f", "null", "-"],
            onErrorLine: errors.Add,
            cancellationToken: cancellationToken
        );
        if (result.ExitCode != 0 && errors.Count == 0)
        {
            errors.Add($"ffmpeg ended with exit code {result.ExitCode}.");
        }
        return errors;
    }

    /// <summary>The number and the flash of every frame.</summary>
    /// <param name="region">Where the source's picture is; by default it fills the recording.</param>
    /// <param name="cancellationToken">Ends the decoder.</param>
    /// <exception cref="InvalidDataException">No picture could be decoded.</exception>
    public Task<FrameNumberTrack> FrameNumbersAsync(
        PictureRegion? region = null,
        CancellationToken cancellationToken = default
    ) => BarcodeReader.ReadAsync(Path, region ?? PictureRegion.Whole, cancellationToken);

    /// <summary>All sound, mixed to mono.</summary>
    /// <exception cref="InvalidDataException">No sound could be decoded.</exception>
    public Task<SoundTrack> SoundAsync(CancellationToken cancellationToken = default) =>
        SoundReader.ReadAsync(Path, cancellationToken);

    /// <summary>Sound against picture at every flash.</summary>
    /// <param name="region">Where the source's picture is; by default it fills the recording.</param>
    /// <param name="cancellationToken">Ends the decoder.</param>
    public async Task<SyncOffsets> SyncOffsetsAsync(
        PictureRegion? region = null,
        CancellationToken cancellationToken = default
    )
    {
        var picture = await FrameNumbersAsync(region, cancellationToken);
        var sound = await SoundAsync(cancellationToken);
        return SyncOffsets.Pair(picture.FlashOnsets(), sound.BeepOnsets());
    }

    /// <summary>The longest time in which nothing in the picture moved, for pages without a barcode.</summary>
    /// <param name="region">The part to watch; by default all of it.</param>
    /// <param name="cancellationToken">Ends the decoder.</param>
    /// <exception cref="InvalidDataException">No picture could be decoded.</exception>
    public Task<Stretch> LongestFreezeAsync(
        PictureRegion? region = null,
        CancellationToken cancellationToken = default
    ) => FreezeDetector.LongestAsync(Path, region ?? PictureRegion.Whole, cancellationToken);

    /// <summary>The mean colour of the first frame at or after a time, decoded as its colour tags say.</summary>
    /// <param name="at">From the start of the file.</param>
    /// <param name="region">The part to average; by default all of it.</param>
    /// <param name="cancellationToken">Ends the decoder.</param>
    /// <exception cref="InvalidDataException">There is no frame at or after that time.</exception>
    public async Task<MeanColor> ColorAtAsync(
        TimeSpan at,
        PictureRegion? region = null,
        CancellationToken cancellationToken = default
    )
    {
        var video =
            (await ProbeAsync(cancellationToken)).Video ?? throw new InvalidDataException($"{Path} holds no picture.");
        return await MeanColor.ReadAsync(Path, video, at, region ?? PictureRegion.Whole, cancellationToken);
    }

    /// <summary>Writes the first frame at or after a time as a PNG file, for people to look at.</summary>
    /// <param name="at">From the start of the file.</param>
    /// <param name="pngPath">Overwritten where it exists.</param>
    /// <param name="cancellationToken">Ends the decoder.</param>
    /// <exception cref="InvalidDataException">There is no frame at or after that time.</exception>
    public async Task ExtractFrameAsync(TimeSpan at, string pngPath, CancellationToken cancellationToken = default)
    {
        File.Delete(pngPath);
        var start = await FileStart.ReadAsync(Path, cancellationToken);
        // Found by decoding up to it: a cut file has no index to seek by.
        var result = await MediaTool.RunAsync(
            "ffmpeg",
            [
                "-nostdin",
                "-v",
                "error",
                .. FileStart.KeepTimestamps,
                "-i",
                Path,
                "-map",
                "0:v:0",
                "-vf",
                FileStart.FramesFrom(start, at),
                "-frames:v",
                "1",
                "-fps_mode",
                "passthrough",
                "-f",
                "image2",
                "-update",
                "1",
                pngPath,
            ],
            cancellationToken: cancellationToken
        );
        if (!File.Exists(pngPath))
        {
            throw new InvalidDataException($"{Path} has no frame at {at}: {result.LastErrorLines}");
        }
    }
}
