using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks.Reports;

/// <summary>The reports of a node with a history for people, and its targets.</summary>
internal static class ControlTables
{
    public static Table Of(ControlReport report)
    {
        var table = new Table
        {
            Title = new TableTitle(
                FormattableString.Invariant(
                    $"{report.Database}, {report.Past} past sessions: ready after {report.ReadyAfter.TotalSeconds:0.0} s; MB: {report.AtReady / 1e6:0} when ready, {report.BeforeStatus / 1e6:0} before the status, {report.PeakInStatus / 1e6:0} at most during it, {report.AfterCalls / 1e6:0} after it; {report.StartsPerSecond:0} starts/s"
                )
            ),
        };
        table.AddColumns("call", "calls", "p50 ms", "p99 ms", "max ms", "bytes");
        foreach (var call in report.Calls)
        {
            table.AddRow(
                Markup.Escape(call.Call),
                FormattableString.Invariant($"{call.Times.Count}"),
                FormattableString.Invariant($"{call.Percentile(0.5):0.0}"),
                FormattableString.Invariant($"{call.Percentile(0.99):0.0}"),
                FormattableString.Invariant($"{call.Times[^1]:0.0}"),
                FormattableString.Invariant($"{call.Bytes}")
            );
        }
        return table;
    }

    /// <summary>The targets. The memory is compared with that of the node with the shortest history.</summary>
    public static IReadOnlyList<FarmTarget> TargetsOf(IReadOnlyList<ControlReport> reports)
    {
        var empty = reports.MinBy(report => report.Past)!;
        return
        [
            .. from report in reports
            from target in new FarmTarget[]
            {
                new(
                    $"{Name(report)}: page of 100 sessions p99, ms",
                    report.Calls.First(call => call.Call == ControlReport.PageCall).Percentile(0.99),
                    50
                ),
                new($"{Name(report)}: memory beside {empty.Past} past, MB", (report.AtReady - empty.AtReady) / 1e6, 30),
                new(
                    $"{Name(report)}: growth of the memory while the status is read, MB",
                    (report.PeakInStatus - report.BeforeStatus) / 1e6,
                    30
                ),
            }
            select target,
        ];
    }

    private static string Name(ControlReport report) => $"{report.Database}, {report.Past} past";
}
