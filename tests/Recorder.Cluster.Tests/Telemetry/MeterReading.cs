using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Recorder.Cluster.Tests.Telemetry;

/// <summary>Reads the instruments of the meters that one factory makes, and of no other.</summary>
internal sealed class MeterReading : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _values = [];
    private readonly List<(string Name, double Value)> _recorded = [];

    public MeterReading()
    {
        Meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, Meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, labels, _) => Take(instrument, value, labels));
        _listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Take(instrument, value, labels));
        _listener.SetMeasurementEventCallback<double>(
            (instrument, value, labels, _) => Take(instrument, value, labels)
        );
        _listener.Start();
    }

    public IMeterFactory Meters { get; }

    /// <summary>What a counter has come to, or a gauge shows; null where there is no such series.</summary>
    /// <param name="series">The instrument and its labels, such as
    /// <c>recorder.outputs{kind=record,state=active}</c>.</param>
    public double? this[string series]
    {
        get
        {
            foreach (var gauge in _values.Keys.Where(known => _gauges.Contains(known)).ToList())
            {
                _values.Remove(gauge);
            }
            _listener.RecordObservableInstruments();
            return _values.TryGetValue(series, out var value) ? value : null;
        }
    }

    private readonly HashSet<string> _gauges = [];

    /// <summary>What a histogram has been given.</summary>
    public IEnumerable<double> Recorded(string series) =>
        _recorded.Where(entry => entry.Name == series).Select(entry => entry.Value);

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var words = string.Join(',', labels.ToArray().Select(label => $"{label.Key}={label.Value}"));
        var series = words.Length == 0 ? instrument.Name : $"{instrument.Name}{{{words}}}";
        if (instrument is Histogram<double>)
        {
            _recorded.Add((series, value));
        }
        else if (!instrument.IsObservable)
        {
            _values[series] = _values.GetValueOrDefault(series) + value;
        }
        else
        {
            _gauges.Add(series);
            _values[series] = value;
        }
    }
}
