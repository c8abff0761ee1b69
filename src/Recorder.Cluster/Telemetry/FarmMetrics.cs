using System.Diagnostics.Metrics;
using Akka.Cluster;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement.Decisions;

namespace Recorder.Cluster.Telemetry;

/// <summary>Metrics of the farm as this node sees it, and of this node's build.</summary>
internal sealed class FarmMetrics : IMetricGroup
{
    private readonly Histogram<double> _decisions;
    private volatile FarmNews? _farm;

    public FarmMetrics(Meter meter, Func<FarmMembers> members)
    {
        _decisions = meter.CreateHistogram(
            "recorder.placement.decision.duration",
            "s",
            "Time that the placement took to decide on a start, without the write. Served by the node that carries the placement.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.001, 0.005, 0.01, 0.05, 0.25, 1] }
        );
        meter.CreateObservableGauge(
            "recorder.farm.sessions.ended",
            () => _farm is { } farm ? [new Measurement<long>(farm.Ended)] : Array.Empty<Measurement<long>>(),
            "{session}",
            "Sessions that have ended and are still in the placement's list. Served by the node that carries the placement, and by no other."
        );
        meter.CreateObservableGauge(
            "recorder.members",
            () => ByStatus(members()),
            "{member}",
            "Members of the farm by status, as this node sees the farm."
        );
        meter.CreateObservableGauge(
            "recorder.members.unreachable",
            () => members().Unreachable.Count,
            "{member}",
            "Members of the farm that do not answer, as this node sees the farm."
        );
        meter.CreateObservableGauge(
            "recorder.farm.sessions",
            BySessionState,
            "{session}",
            "Sessions of the whole farm that have not ended, by state, as the placement lists them. Served by the node that carries the placement, and by no other."
        );
        meter.CreateObservableGauge(
            "recorder.farm.nodes",
            ByRoom,
            "{node}",
            "Recorder nodes of the farm by whether they take sessions, and what keeps them from it. Served by the node that carries the placement, and by no other."
        );
        meter.CreateObservableGauge(
            "recorder.build.info",
            () =>
                new Measurement<long>(
                    1,
                    Labels.Of("version", FarmNames.Version),
                    Labels.Of("runtime", Environment.Version.ToString())
                ),
            unit: null,
            "1; the version of the recorder and of .NET that this node runs."
        );
    }

    public void Hear(INodeNews news)
    {
        if (news is StartDecided decided)
        {
            _decisions.Record(decided.Took.TotalSeconds);
        }
        else if (news is FarmNews farm)
        {
            _farm = farm;
        }
        else if (news is PlacementLeft)
        {
            _farm = null;
        }
    }

    private static IEnumerable<Measurement<long>> ByStatus(FarmMembers farm) =>
        Enum.GetValues<MemberStatus>()
            .Where(status => status != MemberStatus.Removed)
            .Select(status => new Measurement<long>(
                farm.Members.Count(member => member.Status == status.ToString()),
                Labels.Of("status", status)
            ));

    private IEnumerable<Measurement<long>> BySessionState() =>
        _farm is { } farm
            ? FarmNews.RunningPhases.Select(phase => new Measurement<long>(
                farm.Sessions.GetValueOrDefault(phase),
                Labels.Of("state", phase)
            ))
            : [];

    private IEnumerable<Measurement<long>> ByRoom() =>
        _farm is { } farm
            ? Enum.GetValues<NodeRoom>()
                .Select(room => new Measurement<long>(farm.Nodes.GetValueOrDefault(room), Labels.Of("state", room)))
            : [];
}
