using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>A fact of the farm's list of sessions.</summary>
public interface IPlacementEvent : IWireMessage;

/// <summary>A session got its id, its shard and its node.</summary>
[Wire("placement-event/placed:1")]
public sealed record SessionPlaced(
    SessionId Id,
    [property: JsonPropertyName("slot")] int Shard,
    string Node,
    SessionSpec Spec,
    string? IdempotencyKey,
    DateTimeOffset At
) : IPlacementEvent;

/// <summary>A session has told what has become of it.</summary>
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
    /// <summary>Whether its earlier node handed it over, so that it goes on without having stopped.</summary>
    [AddedLater]
    public bool HandedOver { get; init; }
}

/// <summary>A session has lost its node, and no other has room for it. Written again and again while that lasts: a time
/// in which nobody said so, it was away.</summary>
[Wire("placement-event/waiting:1")]
public sealed record SessionWaiting(SessionId Id, DateTimeOffset At) : IPlacementEvent;

/// <summary>
/// A session was placed so late that whoever had asked for it has been refused: it has never been, and nobody knows its
/// id, which is not given again.
/// </summary>
[Wire("placement-event/withdrawn:1")]
public sealed record PlacementWithdrawn(SessionId Id, DateTimeOffset At) : IPlacementEvent;

/// <summary>A node takes no new sessions; those it has are handed over where there is room.</summary>
[Wire("placement-event/drain-began:1")]
public sealed record DrainBegan(string Node, DateTimeOffset At) : IPlacementEvent;

/// <summary>A node is not drained any more: it was called back, is gone, or has started again.</summary>
[Wire("placement-event/drain-ended:1")]
public sealed record DrainEnded(string Node, DateTimeOffset At) : IPlacementEvent;

/// <summary>A session as the farm's list holds it.</summary>
/// <param name="Shard">Its shard; another one only after it was handed over.</param>
/// <param name="Version">The number of the newest of the session's events that is news; 0 before the first
/// report.</param>
/// <param name="IdempotencyKey">The key it was started with, or null.</param>
/// <param name="Summary">The newest summary.</param>
public sealed record PlacedSession(
    [property: JsonPropertyName("slot")] int Shard,
    long Version,
    string? IdempotencyKey,
    SessionSummary Summary
)
{
    /// <summary>Until when it is known to have waited for room, or null if it never has.</summary>
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
