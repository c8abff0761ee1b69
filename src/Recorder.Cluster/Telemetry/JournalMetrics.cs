using System.Diagnostics.Metrics;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Journal;

namespace Recorder.Cluster.Telemetry;

/// <summary>Metrics of this node's writes to the journal.</summary>
internal sealed class JournalMetrics : IMetricGroup
{
    private readonly Histogram<double> _durations;
    private volatile JournalNews _last = new(0, 0);

    public JournalMetrics(Meter meter)
    {
        _durations = meter.CreateHistogram(
            "recorder.journal.write.duration",
            "s",
            "Time from the first try of a write to its end, by result: written or failed. A write may hold events of several sessions.",
            tags: null,
            new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries =
                [
                    0.001,
                    0.0025,
                    0.005,
                    0.01,
                    0.025,
                    0.05,
                    0.1,
                    0.25,
                    0.5,
                    1,
                    2.5,
                    10,
                    60,
                    600,
                ],
            }
        );
        meter.CreateObservableGauge(
            "recorder.journal.writes.pending",
            () => _last.Pending,
            "{write}",
            "Writes of this node to the journal that are under way."
        );
        meter.CreateObservableGauge(
            "recorder.journal.writes.waiting",
            () => _last.Waiting,
            "{write}",
            "Writes of this node that the database has not taken and that are tried again. Above 0 the database is away; recordings go on."
        );
    }

    public void Hear(INodeNews news)
    {
        if (news is not JournalNews journal)
        {
            return;
        }
        _last = journal;
        if (journal.Ended is { } ended)
        {
            _durations.Record(ended.Took.TotalSeconds, Labels.Of("result", ended.Written ? "written" : "failed"));
        }
    }
}
