using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks.Reports;

/// <summary>The report of <see cref="FlappingScenario"/> for people.</summary>
internal static class FlappingTable
{
    /// <summary>Each figure beside its target.</summary>
    public static Table Of(FlappingReport report)
    {
        double[] reconnects = [.. report.ReconnectSeconds.Order()];
        var (first, last) = (report.Memory[0].Bytes / 1e6, report.Memory[^1].Bytes / 1e6);
        var table = new Table { Title = new TableTitle("a target that comes and goes") };
        table.AddColumns("figure", "target", "measured");
        Row("record, s (frames)", "", $"{report.DurationSeconds:0.0} ({report.Frames})");
        Row("frames missing in the record", "0", $"{report.MissingFrames}");
        Row("pictures of the page missing in the record", "0", $"{report.MissingPictures}");
        Row("raw frames dropped under load", "", $"{report.CaptureDropped}");
        Row("streamed to again, median and longest of n, s", "≤ 3", $"{reconnects[(reconnects.Length - 1) / 2]:0.00}, {reconnects[^1]:0.00} of {reconnects.Length}");
        Row("worker's memory (PSS), first, largest, last, MB", "flat", $"{first:0.0}, {report.Memory.Max(one => one.Bytes) / 1e6:0.0}, {last:0.0}");
        Row("glass to server, median, 95 %, longest, s", "≤ 2", $"{report.Latency.Median:0.00}, {report.Latency.P95:0.00}, {report.Latency.Longest:0.00}");
        Row("steady target: retries, sent, dropped", "0, …, 0", $"{report.Steady.Retries}, {report.Steady.FramesSent}, {report.Steady.FramesDropped}");
        Row("flapping target: retries, sent, dropped", "", $"{report.Flapping.Retries}, {report.Flapping.FramesSent}, {report.Flapping.FramesDropped}");
        Row("CPU of the whole machine, % of one core", "", $"{report.MachineCpuPercent:0}");
        return table;

        void Row(string figure, string target, FormattableString measured) => table.AddRow(figure, target, FormattableString.Invariant(measured));
    }
}
