using Akka.Actor;
using Akka.Cluster.Sharding;
using Recorder.Cluster.Identity;
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

    /// <summary>The nodes that were reported to have a folder.</summary>
    private readonly Dictionary<FolderId, string> _holders = [];

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
        Command<RecordNotLookedFor>(OnNotLookedFor);
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
        foreach (var folder in reachable.Folders)
        {
            _holders[folder] = reachable.Node;
        }

        // While the session runs, its media child repairs the records of its own node, unless they were away.
        var there = _state
            .UnrepairedOn(reachable.Node, reachable.Folders)
            .Where(record => !Alive || record.Node != _state.Here || record.Away is not null)
            .ToList();
        var service = Context.ActorSelection($"{reachable.Node}/user/{RepairServiceActor.Name}");
        foreach (var record in there)
        {
            service.Tell(
                new RepairHere(_state.Id, _state.Spec!, record.Path)
                {
                    Folder = record.Folder,
                    Opened = record.OpenedAt is not null,
                    Marks = _state.ChaptersOf(record),
                },
                Self
            );
        }

        // A manifest that failed lately keeps its own time for the next try. A request without an answer may never
        // have arrived, and is asked again.
        _tendsManifests = true;
        _reachable.Add(reachable.Node);
        _manifestsAsked.IntersectWith(_manifestsFailed);
        _manifestsAwaited.UnionWith(
            ManifestDecisions
                .Due(_state, Leaving)
                .Where(record => NodeOf(record) == reachable.Node && !_manifestsAsked.Contains(record.Path))
                .Select(record => record.Path)
        );
        AskForManifests();
        ForgetUnansweredDeliveries(reachable.Node);
        SeeToDeliveries();
        _erasingAsked.Clear();
        SeeToErasing();
        if (there.Count > 0 || _manifestsAwaited.Count > 0 || AwaitsDeliveries)
        {
            Timers.StartSingleTimer(nameof(RepairPatienceEnded), new RepairPatienceEnded(), RepairPatience);
        }
        else
        {
            Report();
        }
    }

    /// <summary>The record is asked for again when its folder is back, so this incarnation does not wait.</summary>
    private void OnNotLookedFor(RecordNotLookedFor heard)
    {
        var decided = SessionDecisions.Hear(_state, new RecordNotHere(heard.Path, heard.Message), Now());

        // An ended session reports to the list once more, and sleeps when the list has answered.
        if (decided.IsEmpty && _state.Ended)
        {
            Report();
        }
        else
        {
            Decide(decided);
        }
    }

    /// <summary>Whether this node should hold the record.</summary>
    private bool IsHere(RecordState record) =>
        _surroundings.Alone || record.IsHeldBy(_surroundings.Node, _surroundings.Folder?.Standing.Ids ?? []);

    /// <summary>The address of the node that should hold the record.</summary>
    private string NodeOf(RecordState record) =>
        record.Folder is { } folder && _holders.TryGetValue(folder, out var holder) ? holder : record.Node;

    private sealed record RepairPatienceEnded;
}
