using System.Collections.Immutable;

using Akka.Actor;

using Recorder.Cluster.Placement;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions;

/// <summary>
/// Go on elsewhere: have the next record begun on another node, then end this one. Answered to the placement by
/// <see cref="SessionHandedOver"/> or <see cref="HandOverRefused"/>.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Slot">Its slot.</param>
/// <param name="Target">The node it is to go on on.</param>
internal sealed record HandOver(SessionId Id, int Slot, string Target) : ISessionMessage;

/// <summary>The session has ended its part here and is to be resumed on the target; repeated until answered by <see cref="HandOverAccepted"/>.</summary>
/// <param name="Summary">The session's last word on this node.</param>
/// <param name="Version">As of <see cref="ReportSession"/>.</param>
/// <param name="Target">The node it is to go on on.</param>
internal sealed record SessionHandedOver(SessionSummary Summary, long Version, string Target) : IPlacementMessage;

/// <summary>The session stays where it is, for now.</summary>
/// <param name="Id">The session.</param>
/// <param name="Target">The node it was to go on on.</param>
/// <param name="Message">Why, as one sentence.</param>
internal sealed record HandOverRefused(SessionId Id, string Target, string Message) : IPlacementMessage;

/// <summary>The session has a slot on its next node and is resumed there.</summary>
internal sealed record HandOverAccepted(SessionId Id, int Slot) : IWireMessage;

/// <summary>
/// Begin the next record of a session that another node still writes. Answered by <see cref="MediaPrepared"/> once its first frame is written,
/// or by <see cref="MediaNotPrepared"/>.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Attempt">The attempt that the record is of.</param>
/// <param name="Spec">What it records; stream targets are given to it later, since two publishers of one key collide.</param>
/// <param name="Taken">The paths of the session's records so far.</param>
/// <param name="Paused">Whether the record's timeline is to stand still.</param>
internal sealed record PrepareMedia(SessionId Id, int Attempt, SessionSpec Spec, ImmutableList<string> Taken, bool Paused) : IWireMessage;

/// <summary>The next record has its first frame.</summary>
internal sealed record MediaPrepared(SessionId Id, string Path, DateTimeOffset At) : IWireMessage;

/// <summary>The next record could not be begun, and nothing of it is left running.</summary>
internal sealed record MediaNotPrepared(SessionId Id, string Message) : IWireMessage;

/// <summary>The session does not go on here: end what was prepared for it, and remove it.</summary>
internal sealed record DismissMedia(SessionId Id) : IWireMessage;

/// <summary>Is there media for this session? Asked by its next incarnation; answered by <see cref="KeptMedia"/> or <see cref="NoKeptMedia"/>. Within a node only.</summary>
internal sealed record AdoptMedia(SessionId Id);

/// <summary>The media is the asker's. What it has said since its first frame follows, with the child as sender, and so does all that it says.</summary>
internal sealed record KeptMedia(SessionId Id, IActorRef Media, string Path, DateTimeOffset OpenedAt, bool Paused);

/// <summary>Nothing was prepared.</summary>
internal sealed record NoKeptMedia(SessionId Id);
