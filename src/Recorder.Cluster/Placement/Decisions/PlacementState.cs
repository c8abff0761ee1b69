using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>The farm's list of sessions: a pure fold of the placement's events.</summary>
internal sealed record PlacementState
{
    /// <summary>The highest id ever given.</summary>
    public int LastId { get; init; }

    public ImmutableSortedDictionary<int, PlacedSession> Sessions { get; init; } =
        ImmutableSortedDictionary<int, PlacedSession>.Empty;

    public ImmutableDictionary<string, int> IdempotencyKeys { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>The nodes that are being drained.</summary>
    public ImmutableHashSet<string> Draining { get; init; } = [];

    /// <summary>Sessions that have not ended, including sessions that wait for room.</summary>
    public IEnumerable<PlacedSession> Running => Sessions.Values.Where(session => session.Summary.Running);

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
            SessionReported e when Sessions.TryGetValue(e.Summary.Id.Value, out var known) => this with
            {
                Sessions = Sessions.SetItem(
                    e.Summary.Id.Value,
                    known with
                    {
                        Summary = e.Summary,
                        Version = e.Version,
                    }
                ),
            },
            SessionReported => this,
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
            PlacementWithdrawn e when Sessions.TryGetValue(e.Id.Value, out var withdrawn) => this with
            {
                Sessions = Sessions.Remove(e.Id.Value),
                IdempotencyKeys = withdrawn.IdempotencyKey is { } key ? IdempotencyKeys.Remove(key) : IdempotencyKeys,
            },
            PlacementWithdrawn => this,
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
        snapshot.Sessions.Aggregate(new PlacementState(), (state, session) => state.Add(session)) with
        {
            LastId = snapshot.LastId,
            Draining = snapshot.Draining,
        };

    private PlacementState Change(SessionId id, Func<PlacedSession, PlacedSession> change) =>
        Sessions.TryGetValue(id.Value, out var session)
            ? this with
            {
                Sessions = Sessions.SetItem(id.Value, change(session)),
            }
            : this;

    private PlacementState Add(PlacedSession session)
    {
        var id = session.Summary.Id.Value;
        return this with
        {
            LastId = Math.Max(LastId, id),
            Sessions = Sessions.SetItem(id, session),
            IdempotencyKeys = session.IdempotencyKey is { } key ? IdempotencyKeys.SetItem(key, id) : IdempotencyKeys,
        };
    }
}
