using System.Diagnostics.Metrics;
using Recorder.Cluster.Farm;
using Recorder.Cluster.ReadModel;

namespace Recorder.Cluster.Telemetry;

/// <summary>Metrics of the read model, on the node that fills it.</summary>
internal sealed class ReadModelMetrics : IMetricGroup
{
    private volatile ReadModelNews? _last;

    public ReadModelMetrics(Meter meter) =>
        meter.CreateObservableGauge(
            "recorder.sessions.unreadable",
            Unreadable,
            "{session}",
            "Sessions that cannot be read from the journal, so that the lists lack their news. The log names each of them. Served by the node that fills the lists."
        );

    /// <summary>Takes in how the read model stands.</summary>
    public void Hear(INodeNews news)
    {
        if (news is ReadModelNews readModel)
        {
            _last = readModel;
        }
    }

    private IEnumerable<Measurement<int>> Unreadable() =>
        _last?.Unreadable is { } unreadable ? [new Measurement<int>(unreadable)] : [];
}
