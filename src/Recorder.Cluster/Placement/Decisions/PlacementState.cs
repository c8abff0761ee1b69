using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>The farm's list of sessions: a pure fold of the placement's events.</summary>
internal sealed record PlacementState
{
    /// <summary>The highest id ever given.</summary>
    public int LastId { get; init; }

    /// <summary>The sessions by id, oldest first.</summary>
    public ImmutableSortedDictionary<int, PlacedSession> Sessions { get; init; } =
        ImmutableSortedDictionary<int, PlacedSession>.Empty;

    /// <summary>What decisions read instead of walking <see cref="Sessions"/>.</summary>
    public SessionIndex Index { get; private init; } = SessionIndex.Empty;

    public ImmutableDictionary<string, int> IdempotencyKeys { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>The nodes that are being drained.</summary>
    public ImmutableHashSet<string> Draining { get; init; } = [];

    /// <summary>Sessions that have not ended, oldest first, including sessions that wait for room.</summary>
    public IEnumerable<PlacedSession> Running => Index.Running.Select(id => Sessions[id]);

    /// <summary>The sessions that run on a node, oldest first, without sessions that wait for room.</summary>
    public IEnumerable<PlacedSession> On(string node) => Index.On(node).Sessions.Select(id => Sessions[id]);

    public PlacementState Apply(IPlacementEvent happened) =>
        happened switch
        {
            SessionPlaced e => Add(
                new PlacedSession(
                    e.Shard,
                    0,
                    e.IdempotencyKey,
                    new SessionSummary(e.Id, SessionPhase.Starting, e.At, e.Node, 1, e.Spec, [], [], [])
                )
            ),
            SessionReported e => Change(
                e.Summary.Id,
                session => session with { Summary = e.Summary, Version = e.Version }
            ),
            SessionMoved e => Change(
                e.Id,
                session =>
                    session with
                    {
                        Shard = e.Shard,
                        Summary =
                            !e.HandedOver
                            && session.Summary.Phase is (SessionPhase.WaitingForRoom or SessionPhase.Recording)
                                ? session.Summary with
                                {
                                    Node = e.Node,
                                    Phase = SessionPhase.Resuming,
                                    PhaseSince = e.At,
                                }
                                : session.Summary with
                                {
                                    Node = e.Node,
                                },
                    }
            ),
            SessionWaiting e => Change(
                e.Id,
                session =>
                    session with
                    {
                        WaitedUntil = e.At,
                        Summary =
                            session.Summary.Phase == SessionPhase.WaitingForRoom
                                ? session.Summary
                                : session.Summary with
                                {
                                    Phase = SessionPhase.WaitingForRoom,
                                    PhaseSince = e.At,
                                },
                    }
            ),
            PlacementWithdrawn e => Withdraw(e.Id),
            DrainBegan e => this with { Draining = Draining.Add(e.Node) },
            DrainEnded e => this with { Draining = Draining.Remove(e.Node) },
            _ => throw new ArgumentOutOfRangeException(
                nameof(happened),
                happened.GetType(),
                "The placement does not know this event."
            ),
        };

    public PlacementSnapshot ToSnapshot() => new(LastId, [.. Sessions.Values]) { Draining = Draining };

    public static PlacementState FromSnapshot(PlacementSnapshot snapshot) =>
        new()
        {
            LastId = snapshot.LastId,
            Draining = snapshot.Draining,
            Sessions = snapshot.Sessions.ToImmutableSortedDictionary(session => session.Summary.Id.Value, Same),
            Index = SessionIndex.Of(snapshot.Sessions),
            IdempotencyKeys = ImmutableDictionary<string, int>.Empty.SetItems(
                from session in snapshot.Sessions
                where session.IdempotencyKey is not null
                select KeyValuePair.Create(session.IdempotencyKey!, session.Summary.Id.Value)
            ),
        };

    private static PlacedSession Same(PlacedSession session) => session;

    private PlacementState Withdraw(SessionId id) =>
        Sessions.TryGetValue(id.Value, out var session)
            ? this with
            {
                Sessions = Sessions.Remove(id.Value),
                Index = Index.Replace(session, null),
                IdempotencyKeys = session.IdempotencyKey is { } key ? IdempotencyKeys.Remove(key) : IdempotencyKeys,
            }
            : this;

    private PlacementState Change(SessionId id, Func<PlacedSession, PlacedSession> change)
    {
        if (!Sessions.TryGetValue(id.Value, out var before))
        {
            return this;
        }
        var after = change(before);
        return this with { Sessions = Sessions.SetItem(id.Value, after), Index = Index.Replace(before, after) };
    }

    private PlacementState Add(PlacedSession session)
    {
        var id = session.Summary.Id.Value;
        return this with
        {
            LastId = Math.Max(LastId, id),
            Sessions = Sessions.SetItem(id, session),
            Index = Index.Replace(Sessions.GetValueOrDefault(id), session),
            IdempotencyKeys = session.IdempotencyKey is { } key ? IdempotencyKeys.SetItem(key, id) : IdempotencyKeys,
        };
    }
}
