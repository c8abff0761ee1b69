using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Akka.Actor;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.HandOver;

/// <summary>
/// Hand the session over: have the next record begun on another node, then end the record here. Answered to the
/// placement by <see cref="SessionHandedOver"/> or <see cref="HandOverRefused"/>.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Target">The node that the session is handed over to.</param>
[Wire("session/hand-over:1")]
internal sealed record HandOverSession(SessionId Id, string Target) : SessionMessage(Id);

/// <summary>The next record is being written on the target. The record here is being finalised; the next session of
/// the node need not wait for that.</summary>
/// <param name="Id">The session.</param>
/// <param name="Target">The node that the session is handed over to.</param>
[Wire("placement/hand-over-begun:1")]
internal sealed record HandOverBegun(SessionId Id, string Target) : IPlacementMessage;

/// <summary>The session has ended its part here and is to be resumed on the target. Repeated until answered by
/// <see cref="HandOverAccepted"/>.</summary>
/// <param name="Summary">The session's last summary from this node.</param>
/// <param name="Version">As of <see cref="ReportSession"/>.</param>
/// <param name="Target">The node that the session is handed over to.</param>
[Wire("placement/handed-over:1")]
internal sealed record SessionHandedOver(SessionSummary Summary, long Version, string Target) : IPlacementMessage;

/// <summary>The session stays where it is, for now.</summary>
/// <param name="Id">The session.</param>
/// <param name="Target">The node that the session was to be handed over to.</param>
/// <param name="Message">The reason, as one sentence.</param>
[Wire("placement/hand-over-refused:1")]
internal sealed record HandOverRefused(SessionId Id, string Target, string Message) : IPlacementMessage;

/// <summary>The session has a shard on its next node and is resumed there.</summary>
[Wire("placement/hand-over-accepted:1")]
internal sealed record HandOverAccepted(SessionId Id, [property: JsonPropertyName("slot")] int Shard) : IWireMessage;

/// <summary>
/// Begin the next record of a session that another node still writes. Answered by <see cref="MediaPrepared"/> once
/// the first frame of the new record is written, or by <see cref="MediaNotPrepared"/>.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Attempt">The attempt that the record belongs to.</param>
/// <param name="Spec">What the session records. Stream targets follow later, because two publishers of one key
/// collide.</param>
/// <param name="Taken">The paths of the session's records so far.</param>
/// <param name="Paused">Whether the record's timeline is to stand still.</param>
/// <remarks>Repeated until the session has resumed on the target. The repetition shows that the record is still
/// wanted.</remarks>
[Wire("hand-over/prepare:1")]
internal sealed record PrepareMedia(
    SessionId Id,
    int Attempt,
    SessionSpec Spec,
    ImmutableList<string> Taken,
    bool Paused
) : IWireMessage
{
    /// <summary>Whether the record has already been prepared. Then the keeper begins nothing, even when the record is
    /// missing.</summary>
    [AddedLater]
    public bool Prepared { get; init; }
}

/// <summary>The next record has its first frame.</summary>
[Wire("hand-over/prepared:1")]
internal sealed record MediaPrepared(SessionId Id, string Path, DateTimeOffset At) : IWireMessage;

/// <summary>The next record could not be begun, and no process of it is left.</summary>
[Wire("hand-over/not-prepared:1")]
internal sealed record MediaNotPrepared(SessionId Id, string Message) : IWireMessage;

/// <summary>The session does not resume here: end the media prepared for the session, and remove the
/// record.</summary>
[Wire("hand-over/dismiss:1")]
internal sealed record DismissMedia(SessionId Id) : IWireMessage;

/// <summary>A node prepares or keeps media for a session that is elsewhere. Told every second; the placement holds
/// room for the session on that node.</summary>
[Wire("placement/media-kept:1")]
internal sealed record MediaKept(SessionId Id, string Node) : IPlacementMessage;

/// <summary>
/// A record that was begun for a session and never adopted; it belongs in the session's list. Told to the placement,
/// which passes it on by <see cref="ListRecord"/>. Repeated until the session has answered by
/// <see cref="RecordListed"/>.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Attempt">The attempt that the record was begun for.</param>
/// <param name="Path">The absolute path of the record.</param>
/// <param name="Node">The node that holds the record.</param>
/// <param name="OpenedAt">When the record's first frame was written.</param>
/// <param name="Duration">The record's playing time; null when the record was not finalised and needs a
/// repair.</param>
/// <param name="Bytes">The record's size in bytes; null under the same condition.</param>
[Wire("placement/record-left:1")]
internal sealed record RecordLeft(
    SessionId Id,
    int Attempt,
    string Path,
    string Node,
    DateTimeOffset OpenedAt,
    TimeSpan? Duration,
    long? Bytes
) : IPlacementMessage
{
    /// <summary>The folder that holds the record; null when it is not known.</summary>
    [AddedLater]
    public FolderId? Folder { get; init; }
}

/// <summary>Add a record to the session's list. Also told to sessions that have ended. Answered by
/// <see cref="RecordListed"/>.</summary>
[Wire("session/list-record:1")]
internal sealed record ListRecord(SessionId Id, RecordLeft Record) : SessionMessage(Id);

/// <summary>The record is in the session's list.</summary>
[Wire("hand-over/record-listed:1")]
internal sealed record RecordListed(SessionId Id, string Path) : IWireMessage;

/// <summary>Is there media for this session? Asked by the session's next incarnation. Answered by
/// <see cref="KeptMedia"/> or <see cref="NoKeptMedia"/>. Within a node only.</summary>
/// <param name="Id">The session.</param>
/// <param name="Waits">Whether the asker waits for a first frame that is still to come. If not, media without a first
/// frame is given up.</param>
internal sealed record AdoptMedia(SessionId Id, bool Waits);

/// <summary>The media now belongs to the asker. All events since the first frame follow, with the child as sender; so
/// do all later events.</summary>
internal sealed record KeptMedia(SessionId Id, IActorRef Media, string Path, DateTimeOffset OpenedAt, bool Paused);

/// <summary>No media was prepared.</summary>
internal sealed record NoKeptMedia(SessionId Id);
