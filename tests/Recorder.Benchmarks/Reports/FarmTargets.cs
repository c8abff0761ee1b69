using Recorder.Benchmarks.Scenarios;

namespace Recorder.Benchmarks.Reports;

/// <summary>What a farm is to reach, and whether a run has.</summary>
/// <param name="What">The figure, its unit and its bound.</param>
/// <param name="Measured">The figure; null when nothing was measured, which reaches no target.</param>
/// <param name="Bound">Its bound.</param>
internal sealed record FarmTarget(string What, double? Measured, double Bound)
{
    /// <summary>Whether the bound is a lower one.</summary>
    public bool AtLeast { get; init; }

    /// <summary>Whether the figure was measured and is within its bound.</summary>
    public bool Reached => AtLeast ? Measured >= Bound : Measured <= Bound;

    /// <summary>The target as a line for people.</summary>
    public string Sentence =>
        FormattableString.Invariant(
            $"{(Reached ? "reached" : "NOT REACHED")}: {What}, at {(AtLeast ? "least" : "most")} {Bound:0.#}: {Measured:0.0##}"
        );
}

/// <summary>The targets of the farm's scenarios.</summary>
internal static class FarmTargets
{
    /// <summary>Of deaths.</summary>
    public static IReadOnlyList<FarmTarget> Of(FailoverReport report) =>
        [
            new(
                "p90 from kill -9 to the first new frame, s",
                FarmTables.Percentile(report.Failovers.Select(one => (double?)one.FirstFrame), 0.9),
                5
            ),
            new(
                "resident memory of the largest node without sessions, MB",
                report.IdleMemoryBytes.Select(node => (double?)(node.Resident / 1e6)).Max(),
                250
            ),
        ];

    /// <summary>Of hand-overs.</summary>
    public static IReadOnlyList<FarmTarget> Of(HandOverReport report) =>
        [
            new(
                "frames missing in all hand-overs",
                report.HandOvers.Count == 0 ? null : report.HandOvers.Sum(one => one.MissingFrames),
                0
            ),
        ];
}
