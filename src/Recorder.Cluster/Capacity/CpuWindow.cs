using System.Collections.Immutable;

namespace Recorder.Cluster.Capacity;

/// <summary>Counters of processor time at one moment. Only their differences mean something.</summary>
/// <param name="At">The moment, on a clock that never goes back.</param>
/// <param name="Busy">Time that the processors the node may use were busy, with whatever: the sum over the
/// processors.</param>
/// <param name="Total">Time that passed on these processors, likewise.</param>
/// <param name="Quota">Processors' worth of time that control groups allow, or null without a quota.</param>
/// <param name="Used">Time that the control group with that quota has used.</param>
public sealed record CpuSample(TimeSpan At, TimeSpan Busy, TimeSpan Total, double? Quota, TimeSpan Used);

/// <summary>The newest samples: enough of them to tell the average over a window. Pure.</summary>
public sealed record CpuWindow(ImmutableList<CpuSample> Samples)
{
    /// <summary>Before the first sample.</summary>
    public static CpuWindow Empty { get; } = new([]);

    /// <summary>
    /// Busy time in percent of what the node may use, 0 to 100: of its processors or of its quota, whichever is fuller.
    /// Null before the second sample.
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

    /// <summary>With one more sample, and without those that the window does not need any more.</summary>
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
