using System.Collections.Immutable;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Placement.Decisions;

/// <summary>The hand-overs of the model: sessions of drained nodes go to others, are refused, arrive, or lose a node on
/// the way.</summary>
internal sealed partial class PlacementModel
{
    private ImmutableDictionary<int, HandOverUnderWay> _handOvers = ImmutableDictionary<int, HandOverUnderWay>.Empty;
    private ImmutableDictionary<(int Session, string Target), TimeSpan> _refusals = ImmutableDictionary<
        (int Session, string Target),
        TimeSpan
    >.Empty;

    /// <summary>How many sessions have arrived by hand-over.</summary>
    public int Arrived { get; private set; }

    /// <summary>What is to be handed over next is asked for.</summary>
    private void HandOverNext()
    {
        var view = HandOverPlan.Tidy(View);
        (_handOvers, _refusals) = (view.HandOvers, view.Refusals);
        foreach (var (id, one) in _handOvers)
        {
            var session = _state.Sessions[id].Summary;
            Holds(
                session.Running && session.Node == one.From && one.From != one.Target,
                $"Session {id} is {session.Phase} on {session.Node} and still handed over from {one.From}."
            );
        }
        foreach (var (session, handOver) in HandOverPlan.Next(view))
        {
            var id = session.Summary.Id.Value;
            Tell($"session {id} is handed over from {handOver.From} to {handOver.Target}");
            Holds(
                _state.Draining.Contains(handOver.From) && session.Summary.Node == handOver.From,
                $"Session {id} is handed over from {handOver.From}, which is not drained or has it not."
            );
            Holds(
                session.Summary is { Phase: SessionPhase.Recording, Spec: PageSessionSpec },
                $"Session {id} is handed over although it is {session.Summary.Phase}."
            );
            Holds(!_handOvers.ContainsKey(id), $"Session {id} is handed over twice.");
            Holds(
                !_handOvers.Values.Any(one => one.From == handOver.From && !one.Begun),
                $"Two sessions leave {handOver.From} at once."
            );
            Holds(
                !_refusals.ContainsKey((id, handOver.Target)),
                $"{handOver.Target} is asked again for session {id}, which it has just refused."
            );
            Holds(
                IsOpen(handOver.Target) && HasRoomBesidePromises(handOver.Target, handOver.Cost),
                $"Session {id} is handed over to {handOver.Target}, which has no room for it."
            );
            _handOvers = _handOvers.SetItem(id, handOver);
        }
    }

    /// <summary>Something happens to one of the hand-overs under way.</summary>
    private void HandOverGoesOn()
    {
        if (_handOvers.IsEmpty)
        {
            return;
        }
        var (id, handOver) = _handOvers.OrderBy(one => one.Key).ElementAt(random.Next(_handOvers.Count));
        switch (random.Next(4))
        {
            case 0:
                Tell($"session {id}: the next record has begun on {handOver.Target}");
                _handOvers = HandOverPlan.Begun(View, new SessionId(id), handOver.Target)!.HandOvers;
                HandOverNext();
                break;
            case 1:
                Tell($"session {id}: {handOver.Target} refuses it");
                var refused = HandOverPlan.Refused(View, new SessionId(id), handOver.Target);
                (_handOvers, _refusals) = (refused.HandOvers, refused.Refusals);
                HandOverNext();
                break;
            default:
                Arrive(id, handOver);
                break;
        }
    }

    /// <summary>A session has ended its record on the drained node, and the placement is told.</summary>
    private void Arrive(int id, HandOverUnderWay handOver)
    {
        var known = _state.Sessions[id];
        if (known.Summary.Phase != SessionPhase.Recording || known.Summary.Node != handOver.From)
        {
            return;
        }
        var told = SummaryChanges.Of(
            known,
            known.Summary with
            {
                Phase = SessionPhase.Recording,
                PhaseSince = Now,
            },
            known.Version + 1
        );
        var next = HandOverPlan.Arrival(View.Apply(told), new SessionId(id), handOver.Target);
        Tell($"session {id} was handed over to {handOver.Target}: {next}");
        Holds(next is not null, $"Session {id} has left {handOver.From}, and there is no shard for it.");
        _handOvers = _handOvers.Remove(id);
        Take(told);
        Take(next!);
        if (next is SessionMoved moved)
        {
            _board.Decide(moved.Shard, moved.Node);
            Holds(
                HomeOf(moved.Shard) == moved.Node,
                $"Session {id} was handed over to {moved.Node}, and its shard is on {HomeOf(moved.Shard)}."
            );
            Holds(
                _farm.Removed.Contains(handOver.Target) || (moved.HandedOver && moved.Node == handOver.Target),
                $"Session {id} was handed over to {handOver.Target} and goes to {moved.Node}."
            );
            Arrived++;
        }
        Care();
    }

    /// <summary>A placement that begins again knows of no hand-over. The nodes that keep media tell it, if they do so
    /// in time.</summary>
    private void HearOfKeptMedia()
    {
        var before = _handOvers;
        _handOvers = _handOvers.Clear();
        foreach (var (id, one) in before.Where(_ => random.Next(3) > 0))
        {
            if (_farm.Members.Contains(one.Target))
            {
                _handOvers = HandOverPlan.Kept(View, new SessionId(id), one.Target).HandOvers;
            }
        }
    }

    private bool HasRoomBesidePromises(string node, decimal cost)
    {
        var coming = _handOvers.Where(one => one.Value.Target == node).Sum(one => one.Value.Cost);
        var held = _state
            .Running.Where(session =>
                session.Summary.Node == node && session.Summary.Phase != SessionPhase.WaitingForRoom
            )
            .ToList();
        var used = held.Sum(session => SessionCost.Of(session.Summary.Spec)) + coming;
        return _nodes[node].Slots > 0 && (used == 0 || used + cost <= _nodes[node].Slots);
    }
}
