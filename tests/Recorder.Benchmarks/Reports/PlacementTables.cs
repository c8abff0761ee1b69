using System.Globalization;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks.Reports;

/// <summary>The placement's reports for people, and its targets.</summary>
internal static class PlacementTables
{
    public static Table Of(IEnumerable<PlacementDecisionsReport> reports)
    {
        var table = new Table { Title = new TableTitle("decisions, ended sessions still in the list; ms, p50 / p99") };
        table.AddColumns(
            "nodes / running / past",
            "start",
            "pressure",
            "upkeep, nothing to do",
            "report taken in",
            "1 in 10 nodes lost: step",
            "longest step",
            "all steps, s",
            "sessions"
        );
        foreach (var one in reports)
        {
            table.AddRow(
                Of(one.Size),
                Of(one.Decide),
                Of(one.Pressure),
                Of(one.Upkeep),
                Of(one.Report),
                Of(one.LossStep),
                Of(one.LossStep.Longest),
                Of(one.LossSeconds),
                one.Lost.ToString(CultureInfo.InvariantCulture)
            );
        }
        return table;
    }

    public static Table Of(IEnumerable<PlacementLifeReport> reports)
    {
        var table = new Table { Title = new TableTitle("the placement's actor on SQLite, past sessions forgotten") };
        table.AddColumns(
            "nodes / running / past",
            "recovery, s",
            "memory, MB",
            "snapshot, MB",
            "heartbeat, ms",
            "start answered, ms",
            "starts/s",
            "1 in 10 nodes lost, s",
            "longest pause, ms",
            "sessions"
        );
        foreach (var one in reports)
        {
            table.AddRow(
                Of(one.Size),
                Of(one.RecoverySeconds),
                Of(one.MemoryMegabytes),
                Of(one.SnapshotMegabytes),
                Of(one.HeartbeatMilliseconds),
                Of(one.Answer),
                Of(one.StartsPerSecond),
                Of(one.LossSeconds),
                Of(one.LongestPauseMilliseconds),
                one.Lost.ToString(CultureInfo.InvariantCulture)
            );
        }
        return table;
    }

    public static IReadOnlyList<FarmTarget> TargetsOf(
        IEnumerable<PlacementDecisionsReport> decisions,
        IEnumerable<PlacementLifeReport> lives
    ) =>
        [
            .. decisions.Select(one => new FarmTarget(
                $"{one.Size}: a start's decision p99, ms",
                one.Decide.P99,
                one.Size.Nodes <= 100 ? 5 : 10
            )),
            .. decisions.Select(one => new FarmTarget(
                $"{one.Size}: the longest step of a loss of one node in ten, ms",
                one.LossStep.Longest,
                50
            )),
            .. lives.Select(one => new FarmTarget($"{one.Size}: recovery, s", one.RecoverySeconds, 1)),
            .. lives.Select(one => new FarmTarget($"{one.Size}: heartbeat, ms", one.HeartbeatMilliseconds, 0.1)),
            .. lives.Select(one => new FarmTarget($"{one.Size}: starts with their reports, /s", one.StartsPerSecond, 200)
            {
                AtLeast = true,
            }),
            .. lives.Select(one => new FarmTarget(
                $"{one.Size}: loss of one node in ten decided, s",
                one.LossSeconds,
                5
            )),
            .. lives.Select(one => new FarmTarget(
                $"{one.Size}: longest pause during that loss, ms",
                one.LongestPauseMilliseconds,
                50
            )),
        ];

    private static string Of(FarmSize size) => $"{size.Nodes} / {size.Running} / {size.Past}";

    private static string Of(Times times) => $"{Of(times.P50)} / {Of(times.P99)}";

    private static string Of(double figure) =>
        figure.ToString(figure < 1 ? "0.000" : "0.0", CultureInfo.InvariantCulture);
}
