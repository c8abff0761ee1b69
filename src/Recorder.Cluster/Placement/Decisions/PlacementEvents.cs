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
) : IPlacementEvent;

/// <summary>A session has reported its state.</summary>
[Wire("placement-event/reported:1")]
public sealed record SessionReported(SessionSummary Summary, long Version) : IPlacementEvent;

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

/// <summary>A session has lost its node, and no other node has room for it. Written repeatedly while the session
/// waits: a time without this event counts as time away.</summary>
[Wire("placement-event/waiting:1")]
public sealed record SessionWaiting(SessionId Id, DateTimeOffset At) : IPlacementEvent;

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

/// <summary>The whole list, oldest session first: the snapshot of the placement singleton.</summary>
[Wire("placement-snapshot:1")]
public sealed record PlacementSnapshot(int LastId, ImmutableList<PlacedSession> Sessions) : IWireMessage
{
    /// <summary>The nodes that are being drained.</summary>
    [AddedLater]
    public ImmutableHashSet<string> Draining { get; init; } = [];
}
