using Recorder.Benchmarks.Measuring;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>What one recording of one page by one system came to.</summary>
/// <param name="Page">Name of the page.</param>
/// <param name="System">Name of the system.</param>
/// <param name="Repetition">From 1.</param>
/// <param name="Order">Its place in the whole run, from 1.</param>
internal sealed record SessionRun(string Page, string System, int Repetition, int Order)
{
    /// <summary>Why there are no figures; null for a run that went through.</summary>
    public string? Failure { get; init; }

    /// <summary>CPU in the steady window.</summary>
    public CpuUsage? Cpu { get; init; }

    /// <summary>Proportional set size at the end of the window, bytes by part.</summary>
    public IReadOnlyDictionary<SessionPart, long>? Memory { get; init; }

    /// <summary>What the file holds.</summary>
    public RecordFigures? Record { get; init; }

    /// <summary>Start call → answer <c>started</c>, seconds, a node without a warm browser; the product only.</summary>
    public double? StartToAnswer { get; init; }

    /// <summary>Start call → the file's own first frame, seconds: when the end was asked for, less the picture's
    /// duration.</summary>
    public double? StartToFirstFrame { get; init; }

    /// <summary>End asked for → the finished file, seconds.</summary>
    public double? StopSeconds { get; init; }
}

/// <summary>What was measured in a finished record.</summary>
/// <param name="Codec">Codec, profile, size, frame rate.</param>
/// <param name="DurationSeconds">Of the picture.</param>
/// <param name="KilobitsPerSecond">The whole file.</param>
/// <param name="DistinctFrames">Share of the source's frames that the steady window shows, 0–1; null for a page without
/// numbers.</param>
/// <param name="LongestFreezeMilliseconds">In the steady window; null for a page without numbers.</param>
/// <param name="SyncMedian">Sound minus picture, ms, with its sign; null for a page without flashes.</param>
/// <param name="SyncP80">|sound − picture| that 80 % of the flashes do not exceed, ms; null likewise.</param>
/// <param name="SyncP95">The same of 95 %.</param>
internal sealed record RecordFigures(
    string Codec,
    double DurationSeconds,
    double KilobitsPerSecond,
    double? DistinctFrames,
    double? LongestFreezeMilliseconds,
    double? SyncMedian,
    double? SyncP80,
    double? SyncP95
);
