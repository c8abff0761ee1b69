using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>A fact of the farm's list of sessions.</summary>
public interface IPlacementEvent : IWireMessage;

/// <summary>A session was given its id, its shard and its node.</summary>
[Wire("placement-event/placed:1")]
public sealed record SessionPlaced(
    SessionId Id,
    [property: JsonPropertyName("slot")] int Shard,
    string Node,
    SessionSpec Spec,
    string? IdempotencyKey,
    DateTimeOffset At
) : IPlacementEvent
{
    /// <summary>The mark of the request; null while <see cref="Spec"/> is whole, so that the mark can be made of
    /// the spec.</summary>
    [AddedLater]
    public string? Mark { get; init; }
}

/// <summary>A session has reported its state. Written by versions up to 2.x; since then
/// <see cref="SessionAdvanced"/>.</summary>
[Wire("placement-event/reported:1")]
public sealed record SessionReported(SessionSummary Summary, long Version) : IPlacementEvent;

/// <summary>A session has reported its state, of which this is what differs from the summary before.</summary>
[Wire("placement-event/advanced:1")]
public sealed record SessionAdvanced(
    SessionId Id,
    long Version,
    SessionPhase Phase,
    DateTimeOffset PhaseSince,
    string Node,
    int Attempt,
    bool EverRecorded
) : IPlacementEvent
{
    /// <summary>What is recorded; null when that is unchanged.</summary>
    [AddedLater]
    public SessionSpec? Spec { get; init; }

    /// <summary>Where an RTP session receives.</summary>
    [AddedLater]
    public RtpEndpoint? Endpoint { get; init; }

    /// <summary>Since when the record's timeline stands still at the caller's wish, or null.</summary>
    [AddedLater]
    public DateTimeOffset? PausedSince { get; init; }

    /// <summary>The rules by which the session ends by itself; null without rules.</summary>
    [AddedLater]
    public EndRules? End { get; init; }

    /// <summary>When the session ends by itself; null when that is not known.</summary>
    [AddedLater]
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Why the session ends or has ended; null before that is decided.</summary>
    [AddedLater]
    public string? EndReason { get; init; }

    /// <summary>The change of the records; null without one.</summary>
    [AddedLater]
    public ListChange<RecordSummary>? Records { get; init; }

    /// <summary>The change of the faults; null without one.</summary>
    [AddedLater]
    public ListChange<SessionFault>? Faults { get; init; }

    /// <summary>The change of the gaps; null without one.</summary>
    [AddedLater]
    public ListChange<SessionGap>? Gaps { get; init; }

    /// <summary>The change of the outputs; null without one.</summary>
    [AddedLater]
    public ListChange<OutputSummary>? Outputs { get; init; }

    /// <summary>The change of the marks; null without one.</summary>
    [AddedLater]
    public ListChange<SessionMark>? Marks { get; init; }
}

/// <summary>The change of a list.</summary>
/// <param name="Start">How many items stay before the change, counted after <see cref="Dropped"/>.</param>
/// <param name="Added">The items that are there instead of the removed ones.</param>
public sealed record ListChange<T>(int Start, ImmutableList<T> Added)
{
    /// <summary>How many items have left at the front.</summary>
    [AddedLater]
    public int Dropped { get; init; }

    /// <summary>How many items have left behind the items that stay before the change.</summary>
    [AddedLater]
    public int Removed { get; init; }
}

/// <summary>A session is to be resumed on another node.</summary>
[Wire("placement-event/moved:1")]
public sealed record SessionMoved(
    SessionId Id,
    [property: JsonPropertyName("slot")] int Shard,
    string Node,
    DateTimeOffset At
) : IPlacementEvent
{
    /// <summary>Whether the earlier node handed the session over, so that the recording never stopped.</summary>
    [AddedLater]
    public bool HandedOver { get; init; }
}

/// <summary>A session has lost its node, and no other node has room for it. Versions up to 2.x wrote this repeatedly
/// while the session waits; since then <see cref="SessionsStillWaiting"/>.</summary>
[Wire("placement-event/waiting:1")]
public sealed record SessionWaiting(SessionId Id, DateTimeOffset At) : IPlacementEvent;

/// <summary>Sessions still wait for room. Written repeatedly: a time without this event counts as time away.</summary>
[Wire("placement-event/still-waiting:1")]
public sealed record SessionsStillWaiting(ImmutableList<SessionId> Ids, DateTimeOffset At) : IPlacementEvent;

/// <summary>
/// Sessions have left the placement's list: they have ended, their records are closed, and the read model holds them.
/// Their ids are not given again.
/// </summary>
[Wire("placement-event/forgotten:1")]
public sealed record SessionsForgotten(ImmutableList<SessionId> Ids, DateTimeOffset At) : IPlacementEvent;

/// <summary>A forgotten session is in the list again, since something is to be done for its records.</summary>
[Wire("placement-event/listed-again:1")]
public sealed record SessionListedAgain(
    SessionSummary Summary,
    [property: JsonPropertyName("slot")] int Shard,
    DateTimeOffset At
) : IPlacementEvent;

/// <summary>A session has reported itself whose id the list had not given: the database is an older copy of itself. No
/// id up to this one is given again.</summary>
[Wire("placement-event/id-seen:1")]
public sealed record IdSeen(SessionId Id, DateTimeOffset At) : IPlacementEvent;

/// <summary>
/// A session was written so late that its asker has already been refused. The session counts as never placed. No caller
/// knows its id, and the id is not given again.
/// </summary>
[Wire("placement-event/withdrawn:1")]
public sealed record PlacementWithdrawn(SessionId Id, DateTimeOffset At) : IPlacementEvent;

/// <summary>A node takes no new sessions; its sessions are handed over where there is room.</summary>
[Wire("placement-event/drain-began:1")]
public sealed record DrainBegan(string Node, DateTimeOffset At) : IPlacementEvent;

/// <summary>A node is no longer drained: it was called back, is gone, or has started again.</summary>
[Wire("placement-event/drain-ended:1")]
public sealed record DrainEnded(string Node, DateTimeOffset At) : IPlacementEvent;

/// <summary>A session as the farm's list holds it.</summary>
/// <param name="Shard">The session's shard; changes only when the session is moved.</param>
/// <param name="Version">The number of the newest session event that is news; growth of a record is not. 0 before the
/// first report.</param>
/// <param name="IdempotencyKey">The key that the session was started with, or null.</param>
/// <param name="Summary">The newest summary.</param>
public sealed record PlacedSession(
    [property: JsonPropertyName("slot")] int Shard,
    long Version,
    string? IdempotencyKey,
    SessionSummary Summary
)
{
    /// <summary>The last time at which the session is known to have waited for room; null if the session never
    /// waited.</summary>
    [AddedLater]
    public DateTimeOffset? WaitedUntil { get; init; }
}

/// <summary>A start that a caller gave a key: what the same key is answered with.</summary>
/// <param name="Key">The caller's key.</param>
/// <param name="Id">The session.</param>
/// <param name="Shard">The session's shard when the session was placed.</param>
/// <param name="Node">The session's node when the session was placed.</param>
/// <param name="Request">The SHA-256 of the request's written form, in lower-case hexadecimal digits.</param>
/// <param name="At">When the session was placed.</param>
public sealed record KeptKey(
    string Key,
    SessionId Id,
    [property: JsonPropertyName("slot")] int Shard,
    string Node,
    string Request,
    DateTimeOffset At
);

/// <summary>The whole list, oldest session first: the snapshot of the placement singleton.</summary>
[Wire("placement-snapshot:1")]
public sealed record PlacementSnapshot(int LastId, ImmutableList<PlacedSession> Sessions) : IWireMessage
{
    /// <summary>The nodes that are being drained.</summary>
    [AddedLater]
    public ImmutableHashSet<string> Draining { get; init; } = [];

    /// <summary>The keys of the last day's starts. Absent in snapshots of versions up to 2.x, whose sessions have
    /// them.</summary>
    [AddedLater]
    public ImmutableList<KeptKey> Keys { get; init; } = [];
}
