using System.Diagnostics.Metrics;
using Recorder.Cluster.Farm;

namespace Recorder.Cluster.Telemetry;

/// <summary>Metrics of this node's clock.</summary>
internal sealed class ClockMetrics : IMetricGroup
{
    private volatile ClockNews? _last;

    public ClockMetrics(Meter meter) =>
        meter.CreateObservableGauge(
            "recorder.clock.skew",
            Skew,
            "s",
            "How far this node's clock is ahead of the clock of the farm's database, negative when behind. Sessions go by the database's clock."
        );

    private IEnumerable<Measurement<double>> Skew() =>
        _last is { } last ? [new Measurement<double>(last.Skew.TotalSeconds)] : [];

    /// <summary>Takes in a comparison of the clocks.</summary>
    public void Hear(INodeNews news)
    {
        if (news is ClockNews clock)
        {
            _last = clock;
        }
    }
}
