using System.Globalization;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks.Reports;

/// <summary>The farm's reports for people.</summary>
internal static class FarmTables
{
    /// <summary>Each death, then the percentiles.</summary>
    public static IEnumerable<Table> Of(FailoverReport report)
    {
        var table = new Table { Title = new TableTitle("kill -9 of a node: seconds until …") };
        table.AddColumns("death", "node", "session", "given up", "out of the farm", "next attempt", "first new frame");
        foreach (var one in report.Failovers)
        {
            table.AddRow(
                Number(one.Kill),
                Age(one.Oldest),
                Number(one.Session),
                Seconds(one.GivenUp),
                Seconds(one.Removed),
                Seconds(one.Resumed),
                Seconds(one.FirstFrame)
            );
        }
        foreach (var share in new[] { 0.5, 0.9, 1 })
        {
            table.AddRow(
                share == 1 ? "worst" : $"p{Number((int)(share * 100))}",
                "",
                "",
                Seconds(Percentile(report.Failovers.Select(one => one.GivenUp), share)),
                Seconds(Percentile(report.Failovers.Select(one => one.Removed), share)),
                Seconds(Percentile(report.Failovers.Select(one => one.Resumed), share)),
                Seconds(Percentile(report.Failovers.Select(one => (double?)one.FirstFrame), share))
            );
        }

        yield return table;
        var memory = new Table { Title = new TableTitle("nodes without sessions, memory of the node's process, MB") };
        memory.AddColumns("node", "resident", "proportional");
        foreach (var (node, index) in report.IdleMemoryBytes.Select((node, index) => (node, index)))
        {
            memory.AddRow(
                Number(index + 1),
                Number((int)(node.Resident / 1e6)),
                Number((int)(node.Proportional / 1e6))
            );
        }
        yield return memory;
    }

    /// <summary>Each node that left.</summary>
    public static IEnumerable<Table> Of(HandOverReport report)
    {
        var table = new Table { Title = new TableTitle("SIGTERM of a node: hand-over") };
        table.AddColumns("leave", "node", "session", "frames missing", "in both records, s", "SIGTERM to exit, s");
        foreach (var one in report.HandOvers)
        {
            table.AddRow(
                Number(one.Leave),
                Age(one.Oldest),
                Number(one.Session),
                Number(one.MissingFrames),
                Seconds(one.BothSeconds),
                Seconds(one.LeaveSeconds)
            );
        }
        yield return table;
    }

    /// <summary>The least value that this share of the values does not exceed (nearest rank).</summary>
    public static double? Percentile(IEnumerable<double?> values, double share)
    {
        double[] known = [.. values.OfType<double>().Order()];
        return known.Length == 0 ? null : known[(int)Math.Ceiling(share * known.Length) - 1];
    }

    private static string Age(bool oldest) => oldest ? "oldest" : "younger";

    private static string Seconds(double? value) => value?.ToString("0.0", CultureInfo.InvariantCulture) ?? "–";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
