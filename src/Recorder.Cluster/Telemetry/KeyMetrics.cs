using System.Diagnostics.Metrics;
using Recorder.Cluster.Farm;

namespace Recorder.Cluster.Telemetry;

/// <summary>Metrics of this node's API keys.</summary>
internal sealed class KeyMetrics : IMetricGroup
{
    private volatile KeysRead? _last;

    public KeyMetrics(Meter meter) =>
        meter.CreateObservableGauge(
            "recorder.api_keys.stale",
            Stale,
            description: "1 while the newest content of the files with API keys has a mistake, so that the keys of before are in effect."
        );

    private IEnumerable<Measurement<int>> Stale() =>
        _last is { } last ? [new Measurement<int>(last.Stale ? 1 : 0)] : [];

    /// <summary>Takes in that the keys were read.</summary>
    public void Hear(INodeNews news)
    {
        if (news is KeysRead read)
        {
            _last = read;
        }
    }
}
