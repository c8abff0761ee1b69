using System.Diagnostics;
using System.Text.Json;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Serialization;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>What the decisions of a placement take, all sessions that have ended being still in its list.</summary>
/// <param name="Size">The farm.</param>
/// <param name="Decide">A start, ms.</param>
/// <param name="Pressure">The pressure of the farm, ms.</param>
/// <param name="Upkeep">A look at everything when nothing is to be done, ms.</param>
/// <param name="Report">An event of a session taken into the list, ms.</param>
/// <param name="LossStep">One step of the relocations after the death of one node in ten, ms.</param>
/// <param name="LossSeconds">All of these steps together, s, without writing.</param>
/// <param name="Lost">How many sessions these steps are about.</param>
internal sealed record PlacementDecisionsReport(
    FarmSize Size,
    Times Decide,
    Times Pressure,
    Times Upkeep,
    Times Report,
    Times LossStep,
    double LossSeconds,
    int Lost
);

/// <summary>Times of many calls, in ms.</summary>
/// <param name="P50">Half of the calls took at most this.</param>
/// <param name="P99">Of a hundred calls, 99 took at most this.</param>
/// <param name="Longest">The longest call.</param>
internal sealed record Times(double P50, double P99, double Longest)
{
    /// <summary>Percentiles by nearest rank.</summary>
    public static Times Of(IEnumerable<double> milliseconds)
    {
        double[] sorted = [.. milliseconds.Order()];
        return sorted.Length == 0 ? new Times(0, 0, 0) : new Times(At(0.5), At(0.99), sorted[^1]);

        double At(double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}

/// <summary>Measures the pure decisions of the placement.</summary>
internal static class PlacementDecisions
{
    private const int Calls = 500;
    private const int WarmUp = 50;

    public static PlacementDecisionsReport Measure(FarmSize size)
    {
        var view = FarmOfSize.View(
            size,
            PlacementState.FromSnapshot(FarmOfSize.Snapshot(size, keepsPast: true))
        );
        var ask = new AdmitSession(FarmOfSize.Spec, "key");
        var decide = Time(_ => Admission.Decide(view, ask));
        var pressure = Time(_ => Admission.Measure(view));
        var upkeep = Time(_ => Upkeep.Next(view, StepPace.First.Size));
        var next = view;
        var report = Time(call =>
        {
            var id = size.Past + 1 + (call % size.Running);
            var known = next.List.Sessions[id];
            next = next.Apply(
                SummaryChanges.Of(known, known.Summary with { Attempt = known.Summary.Attempt + 1 }, known.Version + 1)
            );
        });

        var (steps, moved) = Lose(FarmOfSize.WithoutTenth(view, size));
        return new PlacementDecisionsReport(
            size,
            decide,
            pressure,
            upkeep,
            report,
            Times.Of(steps),
            steps.Sum() / 1000,
            moved
        );
    }

    /// <summary>The steps after a loss, as the placement takes them, without their writes.</summary>
    private static (List<double> Steps, int Moved) Lose(FarmView lost)
    {
        var (parts, pace, moved) = (UpkeepParts.All, StepPace.First, 0);
        List<double> steps = [];
        while (parts != UpkeepParts.None)
        {
            var since = Stopwatch.GetTimestamp();
            var step = Upkeep.Next(lost, pace.Size, nodes: null, parts);
            var took = Stopwatch.GetElapsedTime(since);
            steps.Add(took.TotalMilliseconds);
            (parts, pace) = (step.Rest, pace.After(took));
            moved += step.Relocations.Count;
            foreach (var happened in step.Relocations)
            {
                lost = lost.Apply(happened);
                if (happened is SessionMoved one)
                {
                    lost = lost.Hear(one.Id);
                }
            }
        }
        return (steps, moved);
    }

    /// <summary>The length of the snapshot, in bytes.</summary>
    public static int SnapshotOf(PlacementState list) =>
        JsonSerializer.SerializeToUtf8Bytes(list.ToSnapshot(), WireSerializer.Json).Length;

    private static Times Time(Action<int> call)
    {
        for (var count = 0; count < WarmUp; count++)
        {
            call(count);
        }
        GC.Collect();
        var times = new double[Calls];
        for (var count = 0; count < Calls; count++)
        {
            var since = Stopwatch.GetTimestamp();
            call(count);
            times[count] = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
        }
        return Times.Of(times);
    }
}
