using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Recorder.ReferencePages;

/// <summary>Decodes a file's sound to mono and lays it out by the file's timestamps.</summary>
internal static partial class SoundReader
{
    /// <summary>
    /// Timestamps may stray this far from the count of samples before they are believed: Matroska rounds them to
    /// milliseconds.
    /// </summary>
    private const double ToleratedStraySeconds = 0.005;

    public static async Task<SoundTrack> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var fileStart = await FileStart.ReadAsync(path, cancellationToken);
        var blocks = new List<(long Pts, int Samples)>();
        var rate = 0;
        using var raw = new MemoryStream();
        var result = await MediaTool.RunAsync(
            "ffmpeg",
            [
                "-nostdin",
                "-hide_banner",
                "-nostats",
                "-v",
                "info",
                .. FileStart.KeepTimestamps,
                "-i",
                path,
                "-map",
                "0:a:0",
                "-af",
                "aformat=sample_fmts=s16:channel_layouts=mono,ashowinfo",
                "-f",
                "s16le",
                "pipe:1",
            ],
            readOutput: raw.CopyFromAsync,
            onErrorLine: line =>
            {
                if (BlockLine().Match(line) is not { Success: true } block)
                {
                    return;
                }
                rate = (int)Whole(block, 2);
                blocks.Add((Whole(block, 1), (int)Whole(block, 3)));
            },
            cancellationToken: cancellationToken
        );
        if (blocks.Count == 0 || raw.Length == 0)
        {
            throw new InvalidDataException($"No sound could be decoded from {path}: {result.LastErrorLines}");
        }
        var samples = MemoryMarshal.Cast<byte, short>(raw.GetBuffer().AsSpan(0, (int)raw.Length));
        return LayOut(samples, blocks, rate, fileStart);
    }

    /// <summary>Puts each block where its timestamp says: a hole is filled with silence, an overlap is written
    /// over.</summary>
    private static SoundTrack LayOut(
        ReadOnlySpan<short> decoded,
        List<(long Pts, int Samples)> blocks,
        int rate,
        TimeSpan fileStart
    )
    {
        var start = blocks[0].Pts;
        var tolerated = (long)(ToleratedStraySeconds * rate);
        var laidOut = new List<short>(decoded.Length);
        var holes = new List<Stretch>();
        var taken = 0;
        foreach (var (pts, count) in blocks)
        {
            var stray = pts - start - laidOut.Count;
            if (stray > tolerated)
            {
                holes.Add(new Stretch(Time(start + laidOut.Count) - fileStart, Time(stray)));
                laidOut.AddRange(new short[stray]);
            }
            else if (stray < -tolerated)
            {
                var keep = (int)Math.Max(0, laidOut.Count + stray);
                laidOut.RemoveRange(keep, laidOut.Count - keep);
            }

            var available = Math.Min(count, decoded.Length - taken);
            laidOut.AddRange(decoded.Slice(taken, available));
            taken += available;
        }

        return new SoundTrack(CollectionsMarshal.AsSpan(laidOut).ToArray(), rate, Time(start) - fileStart, holes);

        TimeSpan Time(long sample) => TimeSpan.FromSeconds((double)sample / rate);
    }

    private static long Whole(Match match, int group) =>
        long.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    // An audio filter's time base is one sample, so pts counts samples.
    [GeneratedRegex(@"ashowinfo_\d+ @ \S+\] n:\d+ pts:(-?\d+) .*? rate:(\d+) nb_samples:(\d+)")]
    private static partial Regex BlockLine();
}
