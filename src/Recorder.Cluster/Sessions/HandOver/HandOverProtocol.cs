using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Akka.Actor;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.HandOver;

/// <summary>
/// Go on elsewhere: have the next record begun on another node, then end this one. Answered to the placement by
/// <see cref="SessionHandedOver"/> or <see cref="HandOverRefused"/>.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Target">The node it is to go on on.</param>
[Wire("session/hand-over:1")]
internal sealed record HandOverSession(SessionId Id, string Target) : SessionMessage(Id);

/// <summary>The next record is being written on the target; the one here is being finalised, which is no reason for the
/// node's next session to wait.</summary>
/// <param name="Id">The session.</param>
/// <param name="Target">The node it goes on on.</param>
[Wire("placement/hand-over-begun:1")]
internal sealed record HandOverBegun(SessionId Id, string Target) : IPlacementMessage;

/// <summary>The session has ended its part here and is to be resumed on the target; repeated until answered by
/// <see cref="HandOverAccepted"/>.</summary>
/// <param name="Summary">The session's last word on this node.</param>
/// <param name="Version">As of <see cref="ReportSession"/>.</param>
/// <param name="Target">The node it is to go on on.</param>
[Wire("placement/handed-over:1")]
internal sealed record SessionHandedOver(SessionSummary Summary, long Version, string Target) : IPlacementMessage;

/// <summary>The session stays where it is, for now.</summary>
/// <param name="Id">The session.</param>
/// <param name="Target">The node it was to go on on.</param>
/// <param name="Message">Why, as one sentence.</param>
[Wire("placement/hand-over-refused:1")]
internal sealed record HandOverRefused(SessionId Id, string Target, string Message) : IPlacementMessage;

/// <summary>The session has a shard on its next node and is resumed there.</summary>
[Wire("placement/hand-over-accepted:1")]
internal sealed record HandOverAccepted(SessionId Id, [property: JsonPropertyName("slot")] int Shard) : IWireMessage;

/// <summary>
/// Begin the next record of a session that another node still writes. Answered by <see cref="MediaPrepared"/> once its
/// first frame is written, or by <see cref="MediaNotPrepared"/>.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Attempt">The attempt that the record is of.</param>
/// <param name="Spec">What it records; stream targets are given to it later, since two publishers of one key
/// collide.</param>
/// <param name="Taken">The paths of the session's records so far.</param>
/// <param name="Paused">Whether the record's timeline is to stand still.</param>
/// <remarks>Told again and again until the session has gone on, which shows that somebody wants what was
/// begun.</remarks>
[Wire("hand-over/prepare:1")]
internal sealed record PrepareMedia(
    SessionId Id,
    int Attempt,
    SessionSpec Spec,
    ImmutableList<string> Taken,
    bool Paused
) : IWireMessage
{
    /// <summary>Whether it has been prepared: then nothing is begun that is not there.</summary>
    [AddedLater]
    public bool Prepared { get; init; }
}

/// <summary>The next record has its first frame.</summary>
[Wire("hand-over/prepared:1")]
internal sealed record MediaPrepared(SessionId Id, string Path, DateTimeOffset At) : IWireMessage;

/// <summary>The next record could not be begun, and nothing of it is left running.</summary>
[Wire("hand-over/not-prepared:1")]
internal sealed record MediaNotPrepared(SessionId Id, string Message) : IWireMessage;

/// <summary>The session does not go on here: end what was prepared for it, and remove it.</summary>
[Wire("hand-over/dismiss:1")]
internal sealed record DismissMedia(SessionId Id) : IWireMessage;

/// <summary>A node prepares, or keeps, media for a session that is elsewhere. Told every second; room is held for it
/// there.</summary>
[Wire("placement/media-kept:1")]
internal sealed record MediaKept(SessionId Id, string Node) : IPlacementMessage;

/// <summary>
/// A record that was begun for a session and that nobody took up: it belongs into the session's list. Told to the
/// placement, which passes it on by <see cref="ListRecord"/>; repeated until the session has answered by
/// <see cref="RecordListed"/>.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Attempt">The attempt that it was begun for.</param>
/// <param name="Path">Its absolute path.</param>
/// <param name="Node">The node that holds it.</param>
/// <param name="OpenedAt">When its first frame was written.</param>
/// <param name="Duration">Its playing time; null when it was not finalised and needs a repair.</param>
/// <param name="Bytes">Its size in bytes; null likewise.</param>
[Wire("placement/record-left:1")]
internal sealed record RecordLeft(
    SessionId Id,
    int Attempt,
    string Path,
    string Node,
    DateTimeOffset OpenedAt,
    TimeSpan? Duration,
    long? Bytes
) : IPlacementMessage;

/// <summary>Take a record into the session's list. Told to sessions that have ended too. Answered by
/// <see cref="RecordListed"/>.</summary>
[Wire("session/list-record:1")]
internal sealed record ListRecord(SessionId Id, RecordLeft Record) : SessionMessage(Id);

/// <summary>The record is in the session's list.</summary>
[Wire("hand-over/record-listed:1")]
internal sealed record RecordListed(SessionId Id, string Path) : IWireMessage;

/// <summary>Is there media for this session? Asked by its next incarnation; answered by <see cref="KeptMedia"/> or
/// <see cref="NoKeptMedia"/>. Within a node only.</summary>
/// <param name="Id">The session.</param>
/// <param name="Waits">Whether the asker waits for a first frame that is still to come; else what has none is given
/// up.</param>
internal sealed record AdoptMedia(SessionId Id, bool Waits);

/// <summary>The media is the asker's. What it has said since its first frame follows, with the child as sender, and so
/// does all that it says.</summary>
internal sealed record KeptMedia(SessionId Id, IActorRef Media, string Path, DateTimeOffset OpenedAt, bool Paused);

/// <summary>Nothing was prepared.</summary>
internal sealed record NoKeptMedia(SessionId Id);
