using System.Globalization;
using Recorder.ReferencePages;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>Judges a finished record after the measurement, when its decoding disturbs nothing.</summary>
internal static class RecordReader
{
    /// <param name="path">The record.</param>
    /// <param name="page">What it shows.</param>
    /// <param name="clip">What the reference page plays.</param>
    /// <param name="frameRate">Frames a second asked of the recording.</param>
    /// <param name="windowFromEnd">The steady window, both ends counted back from the end of the file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RecordFigures> ReadAsync(
        string path,
        BenchmarkPage page,
        ReferenceClipFormat clip,
        int frameRate,
        (TimeSpan From, TimeSpan To) windowFromEnd,
        CancellationToken cancellationToken
    )
    {
        var analysis = new MediaAnalysis(path);
        var probe = await analysis.ProbeAsync(cancellationToken);
        var video = probe.Video ?? throw new InvalidDataException($"{path} holds no picture.");
        if (probe.Sound is null)
        {
            throw new InvalidDataException($"{path} holds no sound.");
        }
        var duration =
            video.Duration ?? probe.Duration ?? throw new InvalidDataException($"{path} does not tell its duration.");
        var figures = new RecordFigures(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{video.Codec} {video.Profile} {video.Width}x{video.Height} {video.AverageFrameRate:0.##}/s"
            ),
            duration.TotalSeconds,
            probe.SizeBytes * 8 / 1000.0 / duration.TotalSeconds,
            null,
            null,
            null,
            null,
            null
        );
        if (page.Region is not { } region)
        {
            return figures;
        }

        var (from, to) = (duration - windowFromEnd.From, duration - windowFromEnd.To);
        var picture = (await analysis.FrameNumbersAsync(region, cancellationToken)).Between(from, to);
        var sound = await analysis.SoundAsync(cancellationToken);
        var continuity = picture.Continuity(clip.FrameRate, page.LoopFrames(clip), frameRate);
        var offsets = SyncOffsets.Pair(
            picture.FlashOnsets(),
            [
                .. sound
                    .BeepOnsets()
                    .Where(beep => beep > from - TimeSpan.FromSeconds(0.5) && beep < to + TimeSpan.FromSeconds(0.5)),
            ]
        );
        return figures with
        {
            DistinctFrames = continuity.DistinctRatio,
            LongestFreezeMilliseconds = continuity.LongestFreeze.TotalMilliseconds,
            SyncMedian = Known(offsets.Median),
            SyncP80 = Known(offsets.AbsolutePercentile(0.8)),
            SyncP95 = Known(offsets.AbsolutePercentile(0.95)),
        };
    }

    private static double? Known(double value) => double.IsNaN(value) ? null : value;
}
