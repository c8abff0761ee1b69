using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks.Reports;

/// <summary>The report of <see cref="FlappingScenario"/> for people.</summary>
internal static class FlappingTable
{
    /// <summary>Each figure.</summary>
    public static Table Of(FlappingReport report)
    {
        double[] reconnects = [.. report.ReconnectSeconds.Order()];
        var (first, last) = (report.Memory[0].Bytes / 1e6, report.Memory[^1].Bytes / 1e6);
        var table = new Table { Title = new TableTitle("a target that comes and goes") };
        table.AddColumns("figure", "measured");
        Row("record, s (frames)", $"{report.DurationSeconds:0.0} ({report.Frames})");
        Row("frames missing in the record", $"{report.MissingFrames}");
        Row("pictures of the page missing in the record", $"{report.MissingPictures}");
        Row("raw frames dropped under load", $"{report.CaptureDropped}");
        Row(
            "streamed to again, median and longest of n, s",
            $"{reconnects[(reconnects.Length - 1) / 2]:0.00}, {reconnects[^1]:0.00} of {reconnects.Length}"
        );
        Row(
            "worker's memory (PSS), first, largest, last, MB",
            $"{first:0.0}, {report.Memory.Max(one => one.Bytes) / 1e6:0.0}, {last:0.0}"
        );
        Row(
            "glass to server, median, 95 %, longest, s",
            $"{report.Latency.Median:0.00}, {report.Latency.P95:0.00}, {report.Latency.Longest:0.00}"
        );
        Row(
            "steady target: retries, sent, dropped",
            $"{report.Steady.Retries}, {report.Steady.FramesSent}, {report.Steady.FramesDropped}"
        );
        Row(
            "flapping target: retries, sent, dropped",
            $"{report.Flapping.Retries}, {report.Flapping.FramesSent}, {report.Flapping.FramesDropped}"
        );
        Row("CPU of the whole machine, % of one core", $"{report.MachineCpuPercent:0}");
        return table;

        void Row(string figure, FormattableString measured) =>
            table.AddRow(figure, FormattableString.Invariant(measured));
    }
}
