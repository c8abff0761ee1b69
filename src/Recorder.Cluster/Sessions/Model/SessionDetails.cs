using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>All that is known of the session now, live figures included. Answered by a <see cref="DetailsReply"/> at
/// once.</summary>
[Wire("session/get:1")]
public sealed record GetSession(SessionId Id) : SessionMessage(Id);

/// <summary>The answer to <see cref="GetSession"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "reply")]
[JsonDerivedType(typeof(SessionDetails), "details")]
[JsonDerivedType(typeof(DetailsUnavailable), "unavailable")]
public abstract record DetailsReply(SessionId Id) : IWireMessage;

/// <summary>The session now.</summary>
/// <param name="Summary">What is journaled of it.</param>
/// <param name="Outputs">Every output: the record first, then HLS, then the targets in the order of their ids; some
/// that were removed are listed last.</param>
/// <param name="Capture">The newest figures of the capture; null before the first and of an RTP session.</param>
/// <param name="Rtp">The newest figures of what is received; null before the first and of a page session.</param>
/// <param name="Paused">Whether the record's timeline stands still, as the media side has confirmed.</param>
[Wire("session/details:1")]
public sealed record SessionDetails(
    SessionSummary Summary,
    ImmutableList<OutputSummary> Outputs,
    CaptureStatistics? Capture,
    RtpStatistics? Rtp,
    bool Paused
) : DetailsReply(Summary.Id);

/// <summary>This session is not known here.</summary>
[Wire("session/details-unavailable:1")]
public sealed record DetailsUnavailable(SessionId Id) : DetailsReply(Id);

/// <summary>How the capture of a page goes, since the worker began.</summary>
/// <param name="At">When this was counted.</param>
/// <param name="FramesCaptured">Frames given to the encoder, repeated ones included.</param>
/// <param name="FramesPainted">Different paints among them.</param>
/// <param name="FramesRepeated">Frames at whose tick nothing new had been painted.</param>
/// <param name="FramesDropped">Raw frames left out because the encoder could not keep up.</param>
/// <param name="EncodedBytes">Bytes that the encoders made, picture and sound.</param>
/// <param name="Duration">Length of the timeline so far.</param>
/// <param name="SilenceInserted">Silence put where the sound server gave nothing.</param>
public sealed record CaptureStatistics(
    DateTimeOffset At,
    long FramesCaptured,
    long FramesPainted,
    long FramesRepeated,
    long FramesDropped,
    long EncodedBytes,
    TimeSpan Duration,
    TimeSpan SilenceInserted
);

/// <summary>How the reception of an RTP session goes, since the worker began.</summary>
/// <param name="At">When this was counted.</param>
/// <param name="Video">The picture.</param>
/// <param name="Audio">The sound, or null without it.</param>
public sealed record RtpStatistics(DateTimeOffset At, RtpLegStatistics Video, RtpLegStatistics? Audio);

/// <summary>How the reception of one leg goes.</summary>
/// <param name="Ssrc">The present sender's synchronisation source, or null before the first packet.</param>
/// <param name="LastPacketAt">When the last usable packet came, or null.</param>
/// <param name="Packets">Usable packets received.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Lost">Packets missing by their sequence numbers.</param>
/// <param name="Rejected">Packets that were no RTP or had another payload type; they were dropped.</param>
/// <param name="Jitter">Interarrival jitter (RFC 3550, 6.4.1).</param>
/// <param name="SourceChanges">How often the sender came back as another source.</param>
/// <param name="KeyFrameRequests">How often a key frame was asked for.</param>
public sealed record RtpLegStatistics(
    long? Ssrc,
    DateTimeOffset? LastPacketAt,
    long Packets,
    long Bytes,
    long Lost,
    long Rejected,
    TimeSpan Jitter,
    int SourceChanges,
    int KeyFrameRequests
);
