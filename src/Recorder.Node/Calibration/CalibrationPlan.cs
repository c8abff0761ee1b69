using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions;

namespace Recorder.Node.Calibration;

/// <summary>What is to be calibrated.</summary>
/// <param name="Video">The recordings' picture.</param>
/// <param name="Duration">How long each number of recordings is measured.</param>
/// <param name="Most">The greatest number of recordings to try, from 1.</param>
internal sealed record CalibrationPlan(VideoSettings Video, TimeSpan Duration, int Most)
{
    /// <summary>How long recordings run before they are measured: a call takes that long to reach its bit rate.</summary>
    public static TimeSpan Settling { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the idle host is measured.</summary>
    public static TimeSpan IdleTime { get; } = TimeSpan.FromSeconds(5);

    /// <summary>What is recorded.</summary>
    /// <param name="page">The built-in page.</param>
    public PageSessionSpec Spec(Uri page) => new(page) { Video = Video };
}

/// <summary>The counters at one end of a measurement.</summary>
/// <param name="Cpu">Processor time.</param>
/// <param name="Captures">What each recording has captured, by its number.</param>
internal sealed record CalibrationCounters(CpuSample Cpu, IReadOnlyDictionary<int, CaptureStatistics> Captures);

/// <summary>Turns counters into a measurement, and decides whether to try one more recording. Pure.</summary>
internal static class CalibrationDecision
{
    /// <summary>What was taken between two moments.</summary>
    /// <param name="from">The counters at the beginning.</param>
    /// <param name="to">The counters at the end.</param>
    /// <param name="memoryAvailable">Available memory at the end, in MB.</param>
    /// <param name="host">The host.</param>
    /// <param name="costEach">What one recording counts as (<see cref="SessionCost"/>).</param>
    public static CpuMeasurement Measure(CalibrationCounters from, CalibrationCounters to, long memoryAvailable, HostFacts host, decimal costEach)
    {
        var percent = new CpuWindow([from.Cpu, to.Cpu]).Percent ?? 0;
        double? distinct = to.Captures.Count == 0 ? null : to.Captures.Min(capture => Distinct(from.Captures.GetValueOrDefault(capture.Key), capture.Value));
        return new CpuMeasurement(
            to.Captures.Count * costEach,
            Math.Round(percent * host.Threads),
            Math.Round(Math.Clamp(100.0 * (host.MemoryMegabytes - memoryAvailable) / host.MemoryMegabytes, 0, 100)),
            distinct is { } share ? Math.Round(share, 3) : null);
    }

    /// <summary>Why no further recording is to be tried, as one sentence, or null to go on.</summary>
    /// <param name="measured">The newest measurement.</param>
    /// <param name="recordings">Its number of recordings.</param>
    /// <param name="plan">What is to be calibrated.</param>
    /// <param name="host">The host.</param>
    /// <param name="options">What counts as held.</param>
    public static string? WhyEnough(CpuMeasurement measured, int recordings, CalibrationPlan plan, HostFacts host, CapacityOptions options)
    {
        var busy = measured.CpuPercent / host.Threads;
        if (measured.DistinctFrames < options.LeastDistinctFrames)
            return FormattableString.Invariant($"With {recordings} only {measured.DistinctFrames:0.00} of the frames were distinct; {options.LeastDistinctFrames:0.00} is the least (Capacity:LeastDistinctFrames).");
        if (busy > options.CpuLimit)
            return FormattableString.Invariant($"With {recordings} the processors were {busy:0} % busy; {options.CpuLimit:0.#} % is the limit (Capacity:CpuLimit).");
        if (!measured.IsHeld(host.Threads, options))
            return FormattableString.Invariant($"With {recordings} memory was {measured.MemoryPercent:0} % full.");
        return recordings >= plan.Most ? FormattableString.Invariant($"{recordings} is as many as were to be tried (--max).") : null;
    }

    /// <summary>The share of frames with a new picture. Frames that the encoder had no time for count as missing.</summary>
    private static double Distinct(CaptureStatistics? from, CaptureStatistics to)
    {
        var slots = to.FramesCaptured + to.FramesDropped - (from?.FramesCaptured ?? 0) - (from?.FramesDropped ?? 0);
        return slots <= 0 ? 0 : Math.Clamp((double)(to.FramesPainted - (from?.FramesPainted ?? 0)) / slots, 0, 1);
    }
}
