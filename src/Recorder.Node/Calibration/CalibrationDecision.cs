using Recorder.Cluster.Capacity;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Capacity;

namespace Recorder.Node.Calibration;

/// <summary>What to calibrate.</summary>
/// <param name="Video">The picture settings of the recordings.</param>
/// <param name="Duration">How long each number of recordings is measured.</param>
/// <param name="Most">The greatest number of recordings to try, from 1.</param>
internal sealed record CalibrationPlan(VideoSettings Video, TimeSpan Duration, int Most)
{
    /// <summary>How long recordings run before they are measured. A call takes that long to reach its bit
    /// rate.</summary>
    public static TimeSpan Settling { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the idle host is measured.</summary>
    public static TimeSpan IdleTime { get; } = TimeSpan.FromSeconds(5);

    /// <summary>What to record.</summary>
    /// <param name="page">The built-in page.</param>
    public PageSessionSpec Spec(Uri page) => new(page) { Video = Video };
}

/// <summary>The counters at one end of a measurement.</summary>
/// <param name="Host">Processor time of the host.</param>
/// <param name="Own">The resources that this program and its recordings have used.</param>
/// <param name="Captures">The frames that each recording has captured, by the recording's number.</param>
internal sealed record CalibrationCounters(
    CpuSample Host,
    ProcessTree Own,
    IReadOnlyDictionary<int, CaptureStatistics> Captures
);

/// <summary>Turns counters into a measurement, and decides whether to try one more recording. Pure.</summary>
internal static class CalibrationDecision
{
    /// <summary>How much other programs may keep the processors busy before the measurement is doubtful, in
    /// percent.</summary>
    private const double Disturbance = 10;

    /// <summary>What the recordings used between two moments.</summary>
    /// <param name="from">The counters at the beginning.</param>
    /// <param name="to">The counters at the end.</param>
    /// <param name="host">The host.</param>
    /// <param name="costEach">The cost of one recording (<see cref="SessionCost"/>).</param>
    public static CpuMeasurement Measure(
        CalibrationCounters from,
        CalibrationCounters to,
        HostFacts host,
        decimal costEach
    )
    {
        double? distinct =
            to.Captures.Count == 0
                ? null
                : to.Captures.Min(capture => Distinct(from.Captures.GetValueOrDefault(capture.Key), capture.Value));
        return new CpuMeasurement(
            to.Captures.Count * costEach,
            Math.Round(OwnPercent(from, to)),
            Math.Round(Math.Min(100, 100.0 * to.Own.MemoryMegabytes / host.MemoryMegabytes), 1),
            distinct is { } share ? Math.Round(share, 3) : null
        );
    }

    /// <summary>A sentence about other programs that kept the processors busy; null when their share was
    /// small.</summary>
    /// <param name="from">The counters at the beginning.</param>
    /// <param name="to">The counters at the end.</param>
    /// <param name="host">The host.</param>
    public static string? WhyDoubtful(CalibrationCounters from, CalibrationCounters to, HostFacts host)
    {
        var others = (new CpuWindow([from.Host, to.Host]).Percent ?? 0) - (OwnPercent(from, to) / host.Threads);
        return others > Disturbance
            ? FormattableString.Invariant(
                $"Something else kept the processors {others:0} % busy meanwhile, so the host holds more than this shows; calibrate again when it is quiet."
            )
            : null;
    }

    /// <summary>Why no further recording is tried, as one sentence; null to try one more.</summary>
    /// <param name="measured">The newest measurement.</param>
    /// <param name="recordings">The number of recordings in that measurement.</param>
    /// <param name="plan">What to calibrate.</param>
    /// <param name="host">The host.</param>
    /// <param name="options">The limits at which a host still holds a number of recordings.</param>
    public static string? WhyEnough(
        CpuMeasurement measured,
        int recordings,
        CalibrationPlan plan,
        HostFacts host,
        CapacityOptions options
    )
    {
        var busy = measured.CpuPercent / host.Threads;
        if (measured.DistinctFrames < options.LeastDistinctFrames)
        {
            return FormattableString.Invariant(
                $"With {recordings} only {measured.DistinctFrames:0.00} of the frames were distinct; {options.LeastDistinctFrames:0.00} is the least (Capacity:LeastDistinctFrames)."
            );
        }
        if (busy > options.CpuLimit)
        {
            return FormattableString.Invariant(
                $"With {recordings} they kept the processors {busy:0} % busy; {options.CpuLimit:0.#} % is the limit (Capacity:CpuLimit)."
            );
        }
        if (!measured.IsHeld(host.Threads, options))
        {
            return FormattableString.Invariant(
                $"With {recordings} they took {measured.MemoryPercent:0} % of the memory."
            );
        }
        return recordings >= plan.Most
            ? FormattableString.Invariant($"{recordings} is as many as were to be tried (--max).")
            : null;
    }

    /// <summary>Own processor time, in percent of one thread.</summary>
    private static double OwnPercent(CalibrationCounters from, CalibrationCounters to) =>
        to.Host.At > from.Host.At ? 100 * ((to.Own.Cpu - from.Own.Cpu) / (to.Host.At - from.Host.At)) : 0;

    /// <summary>The share of frames with a new picture. Frames that the encoder had no time for count as
    /// missing.</summary>
    private static double Distinct(CaptureStatistics? from, CaptureStatistics to)
    {
        var ticks = to.FramesCaptured + to.FramesDropped - (from?.FramesCaptured ?? 0) - (from?.FramesDropped ?? 0);
        return ticks <= 0 ? 0 : Math.Clamp((double)(to.FramesPainted - (from?.FramesPainted ?? 0)) / ticks, 0, 1);
    }
}
