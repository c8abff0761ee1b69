using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;

namespace Recorder.Cluster.Telemetry;

/// <summary>
/// The metrics of this node, fed only by news: no part that records or decides does any counting. The meter asks
/// neither another node nor the database.
/// </summary>
public sealed class RecorderMeter
{
    /// <summary>The name of the meter.</summary>
    public const string Name = "Recorder";

    private readonly ImmutableList<IMetricGroup> _groups;

    /// <summary>Makes the node's meter.</summary>
    /// <param name="meters">Makes and owns the meter.</param>
    /// <param name="clock">The node's clock.</param>
    /// <param name="members">The farm as this node sees it. Must not block.</param>
    /// <param name="limits">How much the node can hold; null on a node that records nothing.</param>
    public RecorderMeter(IMeterFactory meters, TimeProvider clock, Func<FarmMembers> members, INodeLimits? limits)
    {
        ArgumentNullException.ThrowIfNull(meters);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(members);
        var meter = meters.Create(new MeterOptions(Name) { Version = FarmNames.Version });
        var sessions = new SessionMetrics(meter, clock);
        _groups =
        [
            sessions,
            new StartMetrics(meter),
            new JournalMetrics(meter),
            new FarmMetrics(meter, members),
            new ClockMetrics(meter),
            new KeyMetrics(meter),
            new ReadModelMetrics(meter),
        ];
        if (limits is not null)
        {
            _groups = _groups.Add(new CapacityMetrics(meter, limits, members, () => sessions.SlotsUsed));
        }
    }

    /// <summary>Takes in one piece of news. Must not be called by two threads at once.</summary>
    public void Hear(INodeNews news) => _groups.ForEach(group => group.Hear(news));
}
