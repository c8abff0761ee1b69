using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>Tell everything known of the session now, including live figures. Answered by a
/// <see cref="DetailsReply"/> at once.</summary>
[Wire("session/get:1")]
public sealed record GetSession(SessionId Id) : SessionMessage(Id);

/// <summary>The answer to <see cref="GetSession"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "reply")]
[JsonDerivedType(typeof(SessionDetails), "details")]
[JsonDerivedType(typeof(DetailsUnavailable), "unavailable")]
public abstract record DetailsReply(SessionId Id) : IWireMessage;

/// <summary>The session now.</summary>
/// <param name="Summary">What the journal has of the session.</param>
/// <param name="Outputs">Every output: the record first, then HLS, then the targets in the order of their ids. Some
/// removed targets are listed last.</param>
/// <param name="Capture">The newest figures of the capture; null before the first figures, and for an RTP
/// session.</param>
/// <param name="Rtp">The newest figures of the reception; null before the first figures, and for a page
/// session.</param>
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

/// <summary>The figures of the capture of a page, since the worker began.</summary>
/// <param name="At">When the figures were counted.</param>
/// <param name="FramesCaptured">Frames given to the encoder, including repeated ones.</param>
/// <param name="FramesPainted">How many of these frames show a new paint.</param>
/// <param name="FramesRepeated">Frames whose tick came without a new paint.</param>
/// <param name="FramesDropped">Raw frames left out because the encoder could not keep up.</param>
/// <param name="EncodedBytes">Bytes that the encoders made, picture and sound.</param>
/// <param name="Duration">Length of the timeline so far.</param>
/// <param name="SilenceInserted">Silence inserted where the sound server delivered nothing.</param>
public sealed record CaptureStatistics(
    DateTimeOffset At,
    long FramesCaptured,
    long FramesPainted,
    long FramesRepeated,
    long FramesDropped,
    long EncodedBytes,
    TimeSpan Duration,
    TimeSpan SilenceInserted
)
{
    /// <summary>How loud the sound of the last second was, in decibels below full scale, from -100 (silence) to 0; null
    /// when that is not known.</summary>
    [AddedLater]
    public double? SoundLevel { get; init; }

    /// <summary>For how long the picture has stood still; null when that is not known.</summary>
    [AddedLater]
    public TimeSpan? StillFor { get; init; }
}

/// <summary>The figures of the reception of an RTP session, since the worker began.</summary>
/// <param name="At">When the figures were counted.</param>
/// <param name="Video">The picture.</param>
/// <param name="Audio">The sound, or null without sound.</param>
public sealed record RtpStatistics(DateTimeOffset At, RtpLegStatistics Video, RtpLegStatistics? Audio);

/// <summary>The figures of the reception of one leg.</summary>
/// <param name="Ssrc">The present sender's synchronisation source, or null before the first packet.</param>
/// <param name="LastPacketAt">When the last usable packet came, or null.</param>
/// <param name="Packets">Usable packets received.</param>
/// <param name="Bytes">Bytes of the usable packets.</param>
/// <param name="Lost">Packets that are missing, judged by the sequence numbers.</param>
/// <param name="Rejected">Dropped packets: they were not RTP, or had another payload type.</param>
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
