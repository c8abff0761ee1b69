using System.Diagnostics.Metrics;
using Recorder.Cluster.Farm;

namespace Recorder.Cluster.Telemetry;

/// <summary>Metrics of the start calls that this node has answered.</summary>
internal sealed class StartMetrics : IMetricGroup
{
    private readonly Counter<long> _starts;
    private readonly Histogram<double> _durations;

    public StartMetrics(Meter meter)
    {
        _starts = meter.CreateCounter<long>(
            "recorder.starts",
            "{start}",
            "Start calls that this node has answered, by result: started, or the code of the refusal."
        );
        _durations = meter.CreateHistogram(
            "recorder.start.duration",
            "s",
            "Time from a start call to its answer, of the calls that this node has answered.",
            tags: null,
            new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 20, 40],
            }
        );
    }

    public void Hear(INodeNews news)
    {
        if (news is not StartAnswered start)
        {
            return;
        }
        var result = Labels.Of("result", start.Result);
        _starts.Add(1, result);
        _durations.Record(start.Took.TotalSeconds, result);
    }
}
