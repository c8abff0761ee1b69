using Akka.Actor;
using Akka.Cluster.Sharding;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>How a session deals with its records on other nodes, while it runs and after it has ended.</summary>
internal sealed partial class SessionActor
{
    /// <summary>How long an ended session waits for a repair, a manifest or a sign of life of a delivery before it
    /// sleeps again. The session is woken for the next try.</summary>
    private static readonly TimeSpan RepairPatience = TimeSpan.FromMinutes(10);

    private void HearOfRecordsElsewhere()
    {
        Command<RecordsReachable>(OnRecordsReachable);
        Command<RecordRepaired>(done =>
            Decide(
                SessionDecisions.Hear(
                    _state,
                    new RecordFinished(done.Path, done.Duration, done.Bytes, Repaired: true) { Hls = done.Hls },
                    Now()
                )
            )
        );
        Command<RecordNotRepaired>(lost =>
            Decide(SessionDecisions.Hear(_state, new RecordUnrecoverable(lost.Path, lost.Message, lost.Code), Now()))
        );
        Command<RepairPatienceEnded>(_ =>
        {
            if (_state.Ended)
            {
                Context.Parent.Tell(new Passivate(LeaveNode.Instance));
            }
        });
    }

    private void OnRecordsReachable(RecordsReachable reachable)
    {
        // While the session runs, its media child repairs the records of its own node.
        var there = Alive && reachable.Node == _state.Here ? [] : _state.UnrepairedOn(reachable.Node).ToList();
        var service = Context.ActorSelection($"{reachable.Node}/user/{RepairServiceActor.Name}");
        foreach (var record in there)
        {
            service.Tell(new RepairHere(_state.Id, _state.Spec!, record.Path), Self);
        }

        // A manifest that failed lately keeps its own time for the next try. A request without an answer may never
        // have arrived, and is asked again.
        _tendsManifests = true;
        _reachable.Add(reachable.Node);
        _manifestsAsked.IntersectWith(_manifestsFailed);
        _manifestsAwaited.UnionWith(
            SessionDecisions
                .ManifestsDue(_state, Leaving)
                .Where(record => record.Node == reachable.Node && !_manifestsAsked.Contains(record.Path))
                .Select(record => record.Path)
        );
        AskForManifests();
        ForgetUnansweredDeliveries(reachable.Node);
        SeeToDeliveries();
        if (there.Count > 0 || _manifestsAwaited.Count > 0 || AwaitsDeliveries)
        {
            Timers.StartSingleTimer(nameof(RepairPatienceEnded), new RepairPatienceEnded(), RepairPatience);
        }
        else
        {
            Report();
        }
    }

    private sealed record RepairPatienceEnded;
}
