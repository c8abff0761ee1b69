using System.Collections.Immutable;

namespace Recorder.Cluster.Capacity;

/// <summary>Counters of processor time at one moment. Only their differences have a meaning.</summary>
/// <param name="At">The moment, on a clock that never goes back.</param>
/// <param name="Busy">Time that the usable processors were busy with any process: the sum over the
/// processors.</param>
/// <param name="Total">Time that passed on these processors: the sum over the processors.</param>
/// <param name="Quota">Processors' worth of time that control groups allow, or null without a quota.</param>
/// <param name="Used">Time that the control group with that quota has used.</param>
public sealed record CpuSample(TimeSpan At, TimeSpan Busy, TimeSpan Total, double? Quota, TimeSpan Used);

/// <summary>The newest samples: as many as the average over a window needs. Pure.</summary>
public sealed record CpuWindow(ImmutableList<CpuSample> Samples)
{
    /// <summary>The window before the first sample.</summary>
    public static CpuWindow Empty { get; } = new([]);

    /// <summary>
    /// Busy time in percent of what the node may use, 0 to 100. Counts the node's processors or its quota, whichever
    /// is fuller. Null before the second sample.
    /// </summary>
    public double? Percent
    {
        get
        {
            if (Samples is not [var first, .., var last] || last.At <= first.At)
            {
                return null;
            }
            var host = last.Total > first.Total ? (last.Busy - first.Busy) / (last.Total - first.Total) : 0;
            var group = last.Quota is { } quota ? (last.Used - first.Used) / (quota * (last.At - first.At)) : 0;
            return Math.Clamp(100 * Math.Max(host, group), 0, 100);
        }
    }

    /// <summary>Whether the samples span the window.</summary>
    public bool IsFull(TimeSpan window) => Samples is [var first, .., var last] && last.At - first.At >= window;

    /// <summary>The samples with one more, and without those that the window no longer needs.</summary>
    public CpuWindow Add(CpuSample sample, TimeSpan window)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var samples = Samples.Add(sample);
        while (samples.Count > 2 && sample.At - samples[1].At >= window)
        {
            samples = samples.RemoveAt(0);
        }
        return new CpuWindow(samples);
    }
}
