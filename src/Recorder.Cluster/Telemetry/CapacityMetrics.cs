using System.Diagnostics.Metrics;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;

namespace Recorder.Cluster.Telemetry;

/// <summary>Metrics of what this node can hold, and of the reasons why it takes no session.</summary>
internal sealed class CapacityMetrics : IMetricGroup
{
    private const string Full = "full";
    private const string NotInFarm = "not_in_farm";

    /// <summary>The factor from MB (10^6 bytes), the unit of the load, to bytes.</summary>
    private const long Megabyte = 1_000_000;

    public CapacityMetrics(Meter meter, INodeLimits limits, Func<FarmMembers> members, Func<decimal> used)
    {
        meter.CreateObservableGauge(
            "recorder.slots",
            () => limits.Slots.Count,
            "{slot}",
            "Slots of this node: page sessions of 1920x1080 at 25 frames/s that it can hold."
        );
        meter.CreateObservableGauge(
            "recorder.slots.used",
            () => (double)used(),
            "{slot}",
            "Slots that the sessions of this node take."
        );
        meter.CreateObservableGauge(
            "recorder.node.closed",
            () => Closed(limits, members(), used()),
            "{reason}",
            "1 while this node takes no sessions for that reason, else 0. That the node is being drained is told by recorder_farm_nodes."
        );
        meter.CreateObservableGauge(
            "recorder.disk.free",
            () => Known(limits.Load?.DiskFreeMegabytes * Megabyte),
            "By",
            "Free space on the disk of this node's records folder."
        );
        meter.CreateObservableGauge(
            "recorder.memory.available",
            () => Known(limits.Load?.MemoryAvailableMegabytes * Megabyte),
            "By",
            "Memory that this node could still take, of its host or of its control group."
        );
        meter.CreateObservableGauge(
            "recorder.cpu.used.ratio",
            () => Known(limits.Load?.CpuPercent / 100),
            "1",
            "Processor time in use by whatever runs here, as a share of what this node may use, averaged over Capacity:CpuWindow."
        );
    }

    /// <summary>Does nothing, because every figure is read when it is asked for.</summary>
    public void Hear(INodeNews news) { }

    private static IEnumerable<Measurement<long>> Closed(INodeLimits limits, FarmMembers members, decimal used)
    {
        var closed = limits.ClosedBy();
        foreach (var reason in Enum.GetValues<ClosedReason>())
        {
            yield return Is(closed.Contains(reason), Labels.Of("reason", reason));
        }
        yield return Is(used >= limits.Slots.Count, Labels.Of("reason", Full));
        yield return Is(
            members.Members.Find(member => member.Node == members.Self)?.Status != nameof(Akka.Cluster.MemberStatus.Up),
            Labels.Of("reason", NotInFarm)
        );
    }

    private static Measurement<long> Is(bool holds, KeyValuePair<string, object?> label) => new(holds ? 1 : 0, label);

    /// <summary>A figure, or nothing when the figure is not known.</summary>
    private static IEnumerable<Measurement<T>> Known<T>(T? figure)
        where T : struct => figure is { } known ? [new Measurement<T>(known)] : [];
}
