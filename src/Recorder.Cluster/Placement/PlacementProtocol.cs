using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement;

/// <summary>May the farm take one more session? Answered by an <see cref="AdmissionReply"/>, which is persisted
/// before the asker gets it.</summary>
/// <param name="Spec">What is to be recorded.</param>
/// <param name="IdempotencyKey">The caller's key, or null: the same key answers the same session.</param>
[Wire("placement/admit:1")]
public sealed record AdmitSession(SessionSpec Spec, string? IdempotencyKey) : IPlacementMessage
{
    /// <summary>How long the asker waits for the answer; null means 5 seconds. A session that cannot be written in
    /// time is refused.</summary>
    [AddedLater]
    public TimeSpan? Within { get; init; }

    /// <summary>What the owner of the session may have at once; null: no limit.</summary>
    [AddedLater]
    public OwnerLimits? Limits { get; init; }
}

/// <summary>
/// The places that schedules need soon. Told by the node that carries the schedules out, every few seconds; each list
/// replaces the list before. A start without one of these keys does not get the last places. Answered by
/// <see cref="PlacesAtRisk"/> once the placement knows the farm.
/// </summary>
/// <param name="Places">The places.</param>
[Wire("placement/promised:1")]
public sealed record PlacesPromised(ImmutableList<PromisedPlace> Places) : IPlacementMessage;

/// <summary>A place for a session that starts soon.</summary>
/// <param name="Key">The idempotency key with which the session will be started.</param>
/// <param name="Schedule">The id of the schedule.</param>
/// <param name="At">When the recording begins.</param>
/// <param name="Cost">The slots that the session takes.</param>
public sealed record PromisedPlace(string Key, string Schedule, DateTimeOffset At, decimal Cost)
{
    /// <summary>The name of the schedule, or null.</summary>
    [AddedLater]
    public string? Name { get; init; }
}

/// <summary>The promised places for which no room will be there.</summary>
/// <param name="Keys">The keys of the places.</param>
[Wire("placement/at-risk:1")]
public sealed record PlacesAtRisk(ImmutableList<string> Keys) : IWireMessage;

/// <summary>What one owner may have at once in the whole farm. A limit of zero limits nothing.</summary>
/// <param name="Key">The name of the API key whose limits these are, for people.</param>
/// <param name="Sessions">The most sessions.</param>
/// <param name="PixelRate">The most pixels a second (<see cref="SessionCost.PixelRateOf"/>) of all sessions
/// together.</param>
public sealed record OwnerLimits(string Key, int Sessions, long PixelRate);

/// <summary>Which session has an idempotency key started? Nothing is admitted. Answered by an
/// <see cref="AdmissionReply"/>: refused when the key has started none.</summary>
/// <param name="Spec">What the caller asks for.</param>
/// <param name="IdempotencyKey">The caller's key.</param>
[Wire("placement/find-by-key:1")]
public sealed record FindByKey(SessionSpec Spec, string IdempotencyKey) : IPlacementMessage;

/// <summary>The answer to <see cref="AdmitSession"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "reply")]
[JsonDerivedType(typeof(SessionAdmitted), "admitted")]
[JsonDerivedType(typeof(AdmissionRefused), "refused")]
[JsonDerivedType(typeof(IdempotencyConflict), "conflict")]
public abstract record AdmissionReply : IWireMessage;

/// <summary>The session has an id and a shard, and is to be started there. The same idempotency key gets the same
/// answer again.</summary>
[Wire("placement/admitted:1")]
public sealed record SessionAdmitted(SessionId Id, [property: JsonPropertyName("slot")] int Shard, string Node)
    : AdmissionReply;

/// <summary>No node can take the session.</summary>
/// <param name="Code">One of <see cref="FaultCode"/>.</param>
/// <param name="Message">One sentence a person can act on.</param>
/// <param name="Nodes">Each node and its reason.</param>
/// <param name="RetryAfter">How long to wait before the next try.</param>
[Wire("placement/refused:1")]
public sealed record AdmissionRefused(
    string Code,
    string Message,
    ImmutableList<NodeRefusal> Nodes,
    TimeSpan RetryAfter
) : AdmissionReply;

/// <summary>The idempotency key was used before, with another spec.</summary>
[Wire("placement/idempotency-conflict:1")]
public sealed record IdempotencyConflict(string Message) : AdmissionReply;

/// <summary>Why one node takes no more sessions.</summary>
public sealed record NodeRefusal(string Node, string Reason);

/// <summary>The sessions of the farm, oldest first, as many as one message may hold. Answered by
/// <see cref="SessionList"/>.</summary>
[Wire("placement/list:1")]
public sealed record ListSessions : IPlacementMessage
{
    /// <summary>The last session of the previous part, or null for the first part.</summary>
    [AddedLater]
    public SessionId? After { get; init; }
}

/// <summary>The answer to <see cref="ListSessions"/>.</summary>
[Wire("placement/sessions:1")]
public sealed record SessionList(ImmutableList<SessionSummary> Sessions) : IWireMessage
{
    /// <summary>Whether there are sessions after these.</summary>
    [AddedLater]
    public bool More { get; init; }
}

/// <summary>How full is the farm? Answered by <see cref="Pressure"/>.</summary>
[Wire("placement/get-pressure:1")]
public sealed record FindPressure : IPlacementMessage;

/// <summary>The answer to <see cref="FindPressure"/>.</summary>
/// <param name="HasRoom">Whether the farm would take one more session now.</param>
/// <param name="Nodes">Every recorder node that has reported.</param>
[Wire("placement/pressure:1")]
public sealed record Pressure(bool HasRoom, ImmutableList<NodePressure> Nodes) : IWireMessage
{
    /// <summary>The places that are promised to schedules and not taken yet.</summary>
    [AddedLater]
    public ImmutableList<PromisedPlace> Promised { get; init; } = [];

    /// <summary>What each owner has in the farm. An owner without a session is left out.</summary>
    [AddedLater]
    public ImmutableList<OwnerPressure> Owners { get; init; } = [];
}

/// <summary>What one owner has in the farm.</summary>
/// <param name="Owner">The owner; null for sessions that nobody owns.</param>
/// <param name="Sessions">How many sessions have not ended, also those that wait for room.</param>
/// <param name="PixelRate">The pixels a second of these sessions together.</param>
public sealed record OwnerPressure(string? Owner, int Sessions, long PixelRate);

/// <summary>Is the placement there? Answered by <see cref="PlacementHere"/> at once, even while a write waits for the
/// database. Costs the placement nothing, unlike <see cref="FindPressure"/>.</summary>
[Wire("placement/ping:1")]
public sealed record PingPlacement : IPlacementMessage;

/// <summary>The answer to <see cref="PingPlacement"/>: the placement has read its list and answers.</summary>
[Wire("placement/here:1")]
public sealed record PlacementHere : IWireMessage;

/// <summary>How full one node is.</summary>
/// <param name="Node">The node's cluster address.</param>
/// <param name="Slots">How many page sessions of 1920x1080 and 25 frames/s the node can hold.</param>
/// <param name="Running">How many sessions the node holds, of any size.</param>
/// <param name="Reason">Why the node takes no more sessions, or null when it does.</param>
public sealed record NodePressure(string Node, int Slots, int Running, string? Reason)
{
    /// <summary>How many of the node's slots are used by its sessions and by sessions being handed over to it: the
    /// sum of their <see cref="SessionCost"/>.</summary>
    [AddedLater]
    public decimal? Used { get; init; }

    /// <summary>How many sessions are being handed over to the node.</summary>
    [AddedLater]
    public int Coming { get; init; }

    /// <summary>How the node's slots were found out.</summary>
    [AddedLater]
    public string? Found { get; init; }

    /// <summary>How much of the node is used at present.</summary>
    [AddedLater]
    public NodeLoad? Load { get; init; }
}

/// <summary>A recorder node reports its capacity, when it joins and every few seconds.</summary>
/// <param name="Node">The node's cluster address.</param>
/// <param name="Slots">How many page sessions of 1920x1080 and 25 frames/s the node can hold
/// (<see cref="SessionCost"/>).</param>
/// <param name="Closed">Why the node takes no session at present, or null.</param>
[Wire("placement/capacity:1")]
public sealed record ReportCapacity(string Node, int Slots, string? Closed) : IPlacementMessage
{
    /// <summary>How the node's slots were found out (<see cref="NodeSlots.Found"/>).</summary>
    [AddedLater]
    public string? Found { get; init; }

    /// <summary>How many shards the farm has, as the node is configured; 0 when the node does not tell.</summary>
    [AddedLater]
    public int Shards { get; init; }

    /// <summary>How much of the node is used at present.</summary>
    [AddedLater]
    public NodeLoad? Load { get; init; }

    /// <summary>Whether the node has lost its way to the database. A session that was placed there and has not
    /// reported yet cannot begin there.</summary>
    [AddedLater]
    public bool NoDatabase { get; init; }

    /// <summary>The node's id; null from an earlier version.</summary>
    [AddedLater]
    public NodeId? Id { get; init; }

    /// <summary>The ids of the node's records folder; empty while the folder is away.</summary>
    [AddedLater]
    public ImmutableList<FolderId> Folders { get; init; } = [];
}

/// <summary>Drains a node, or calls the node back. A drained node takes no new sessions, and its sessions are handed
/// over where there is room. A node that starts again is called back. Answered by <see cref="DrainState"/>.</summary>
/// <param name="Node">The node's cluster address.</param>
/// <param name="On">True drains the node; false lets the node take sessions again.</param>
[Wire("placement/drain:1")]
public sealed record DrainNode(string Node, bool On) : IPlacementMessage;

/// <summary>How far a drain has come.</summary>
/// <param name="Node">The node's cluster address.</param>
/// <param name="Draining">Whether the node is being drained.</param>
/// <param name="Sessions">The sessions that the node still has.</param>
[Wire("placement/drain-state:1")]
public sealed record DrainState(string Node, bool Draining, ImmutableList<SessionId> Sessions) : IWireMessage
{
    /// <summary>
    /// Whether a session is being handed over from or to the node, or starts there and can be handed over afterwards.
    /// If false, the node's sessions stay for now: there is no room elsewhere, or they cannot move.
    /// </summary>
    [AddedLater]
    public bool Moving { get; init; }
}

/// <summary>
/// The read model holds these sessions, which have ended and have nothing left to do: all that was written of them is
/// committed. Told by the read model after each transaction with such a session, and as the answer to
/// <see cref="FindProjected"/>. The placement forgets these sessions.
/// </summary>
/// <param name="Ended">The sessions. Sessions that the placement does not know are ignored.</param>
[Wire("placement/projected:1")]
public sealed record SessionsProjected(ImmutableList<SessionId> Ended) : IPlacementMessage;

/// <summary>
/// Which of these sessions, all ended, does the read model hold? The placement asks the read model on its own node
/// about sessions that it could forget and has not been told of. Answered by <see cref="SessionsProjected"/> with the
/// sessions that the read model holds.
/// </summary>
/// <param name="Ended">At most 500 sessions.</param>
internal sealed record FindProjected(ImmutableList<SessionId> Ended);
