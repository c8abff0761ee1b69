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

    /// <summary>The keys of the last day's starts.</summary>
    public KeyBook IdempotencyKeys { get; private init; } = KeyBook.Empty;

    /// <summary>The nodes that are being drained.</summary>
    public ImmutableHashSet<string> Draining { get; init; } = [];

    /// <summary>Sessions that have not ended, oldest first, including sessions that wait for room.</summary>
    public IEnumerable<PlacedSession> Running => Index.Running.Select(id => Sessions[id]);

    /// <summary>The sessions that run on a node, oldest first, without sessions that wait for room.</summary>
    public IEnumerable<PlacedSession> On(string node) => Index.On(node).Sessions.Select(id => Sessions[id]);

    public PlacementState Apply(IPlacementEvent happened) =>
        happened switch
        {
            SessionPlaced e => Add(e),
            SessionReported e => Change(
                e.Summary.Id,
                session => session with { Summary = e.Summary, Version = e.Version }
            ),
            SessionAdvanced e => Change(e.Id, session => SummaryChanges.Apply(session, e)),
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
            SessionsStillWaiting e => e.Ids.Aggregate(
                this,
                (state, id) => state.Change(id, session => session with { WaitedUntil = e.At })
            ),
            PlacementWithdrawn e => Withdraw(e.Id),
            SessionsForgotten e => e.Ids.Aggregate(this, (state, id) => state.Forget(id)),
            SessionListedAgain e => ListAgain(e),
            IdSeen e => this with { LastId = Math.Max(LastId, e.Id.Value) },
            DrainBegan e => this with { Draining = Draining.Add(e.Node) },
            DrainEnded e => this with { Draining = Draining.Remove(e.Node) },
            _ => throw new ArgumentOutOfRangeException(
                nameof(happened),
                happened.GetType(),
                "The placement does not know this event."
            ),
        };

    public PlacementSnapshot ToSnapshot() =>
        new(LastId, [.. Sessions.Values]) { Draining = Draining, Keys = [.. IdempotencyKeys.Keys] };

    public static PlacementState FromSnapshot(PlacementSnapshot snapshot) =>
        new()
        {
            LastId = snapshot.LastId,
            Draining = snapshot.Draining,
            Sessions = snapshot.Sessions.ToImmutableSortedDictionary(session => session.Summary.Id.Value, Same),
            Index = SessionIndex.Of(snapshot.Sessions),
            IdempotencyKeys = KeysOf(snapshot).Aggregate(KeyBook.Empty, (book, key) => book.Add(key)),
        };

    /// <summary>The keys of a snapshot, oldest first. Earlier versions did not write when a session was placed; the
    /// last change of its phase stands for that.</summary>
    private static ImmutableList<KeptKey> KeysOf(PlacementSnapshot snapshot) =>
        !snapshot.Keys.IsEmpty
            ? snapshot.Keys
            :
            [
                .. from session in snapshot.Sessions
                let summary = session.Summary
                where session.IdempotencyKey is not null && (summary.Running || summary.EverRecorded)
                orderby summary.PhaseSince
                select new KeptKey(
                    session.IdempotencyKey!,
                    summary.Id,
                    session.Shard,
                    summary.Node,
                    KeyBook.MarkOf(summary.Spec),
                    summary.PhaseSince
                ),
            ];

    private static PlacedSession Same(PlacedSession session) => session;

    private PlacementState Withdraw(SessionId id) =>
        Sessions.TryGetValue(id.Value, out var session)
            ? this with
            {
                Sessions = Sessions.Remove(id.Value),
                Index = Index.Replace(session, null),
                IdempotencyKeys = WithoutKeyOf(session),
            }
            : this;

    /// <summary>Only the key of the session stays, for the rest of its day.</summary>
    private PlacementState Forget(SessionId id) =>
        Sessions.TryGetValue(id.Value, out var session) && !session.Summary.Running
            ? this with
            {
                Sessions = Sessions.Remove(id.Value),
                Index = Index.Replace(session, null),
            }
            : this;

    /// <summary>The session's next report is news, whatever the placement knew before it forgot the session.</summary>
    private PlacementState ListAgain(SessionListedAgain recalled)
    {
        var session = new PlacedSession(recalled.Shard, 0, null, recalled.Summary);
        return Sessions.ContainsKey(recalled.Summary.Id.Value)
            ? this
            : this with
            {
                Sessions = Sessions.SetItem(recalled.Summary.Id.Value, session),
                Index = Index.Replace(null, session),
            };
    }

    private KeyBook WithoutKeyOf(PlacedSession session) =>
        session.IdempotencyKey is { } key ? IdempotencyKeys.Remove(key, session.Summary.Id) : IdempotencyKeys;

    private PlacementState Change(SessionId id, Func<PlacedSession, PlacedSession> change)
    {
        if (!Sessions.TryGetValue(id.Value, out var before))
        {
            return this;
        }
        var after = change(before);
        return this with
        {
            Sessions = Sessions.SetItem(id.Value, after),
            Index = Index.Replace(before, after),

            // A start that failed was no start: its caller may try again with the same key.
            IdempotencyKeys = after.Summary is { Running: false, EverRecorded: false }
                ? WithoutKeyOf(after)
                : IdempotencyKeys,
        };
    }

    private PlacementState Add(SessionPlaced placed)
    {
        var id = placed.Id.Value;
        var session = new PlacedSession(
            placed.Shard,
            0,
            placed.IdempotencyKey,
            new SessionSummary(placed.Id, SessionPhase.Starting, placed.At, placed.Node, 1, placed.Spec, [], [], [])
        );
        return this with
        {
            LastId = Math.Max(LastId, id),
            Sessions = Sessions.SetItem(id, session),
            Index = Index.Replace(Sessions.GetValueOrDefault(id), session),
            IdempotencyKeys = placed.IdempotencyKey is { } key
                ? IdempotencyKeys.Add(
                    new KeptKey(
                        key,
                        placed.Id,
                        placed.Shard,
                        placed.Node,
                        placed.Mark ?? KeyBook.MarkOf(placed.Spec),
                        placed.At
                    )
                )
                : IdempotencyKeys,
        };
    }
}
