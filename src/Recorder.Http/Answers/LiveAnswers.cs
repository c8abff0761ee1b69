using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Answers;

/// <summary>One place the media of a session goes to.</summary>
/// <param name="Id">record, hls, or target-1, target-2 and so on.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Target">The record's path, the folder of the playlist, or the stream target with its key
/// hidden.</param>
/// <param name="State">Its state.</param>
/// <param name="Since">Since when it is in this state.</param>
/// <param name="Reason">Why it is retried or has failed; null otherwise.</param>
/// <param name="FramesSent">Encoded frames written or sent; of the record those in its file, a pause left out.</param>
/// <param name="FramesDropped">Encoded frames that were made while it could not take them.</param>
/// <param name="BytesSent">Bytes written or sent.</param>
/// <param name="Retries">How often it was tried again.</param>
public sealed record OutputAnswer(
    string Id,
    OutputKind Kind,
    string Target,
    OutputState State,
    DateTimeOffset Since,
    string? Reason,
    long FramesSent,
    long FramesDropped,
    long BytesSent,
    int Retries
);

/// <summary>Where a session of type rtp receives.</summary>
/// <param name="Host">The host to send to.</param>
/// <param name="RtpPort">The port of the picture's RTP.</param>
/// <param name="RtcpPort">The port of its RTCP.</param>
/// <param name="AudioRtpPort">The port of the sound's RTP; null without sound.</param>
/// <param name="AudioRtcpPort">The port of its RTCP.</param>
public sealed record EndpointAnswer(string Host, int RtpPort, int RtcpPort, int? AudioRtpPort, int? AudioRtcpPort);

/// <summary>How the capture of a page goes, since its worker began.</summary>
/// <param name="At">When this was counted.</param>
/// <param name="FramesCaptured">Frames given to the encoder, repeated ones included.</param>
/// <param name="FramesPainted">Different paints among them.</param>
/// <param name="FramesRepeated">Frames at whose tick nothing new had been painted.</param>
/// <param name="FramesDropped">Raw frames left out because the encoder could not keep up.</param>
/// <param name="EncodedBytes">Bytes that the encoders made.</param>
/// <param name="DurationSeconds">Length of the timeline so far.</param>
/// <param name="SilenceInsertedSeconds">Silence put where the sound server gave nothing.</param>
public sealed record CaptureAnswer(
    DateTimeOffset At,
    long FramesCaptured,
    long FramesPainted,
    long FramesRepeated,
    long FramesDropped,
    long EncodedBytes,
    double DurationSeconds,
    double SilenceInsertedSeconds
);

/// <summary>How the reception of RTP goes, since its worker began.</summary>
/// <param name="At">When this was counted.</param>
/// <param name="Video">The picture.</param>
/// <param name="Audio">The sound; null without it.</param>
public sealed record ReceptionAnswer(DateTimeOffset At, LegAnswer Video, LegAnswer? Audio);

/// <summary>How the reception of the picture or of the sound goes.</summary>
/// <param name="Ssrc">The present synchronisation source; null before the first packet.</param>
/// <param name="LastPacketAt">When the last usable packet came; null before the first.</param>
/// <param name="Packets">Usable packets received.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Lost">Packets missing by their sequence numbers.</param>
/// <param name="Rejected">Packets that were no RTP or of another payload type.</param>
/// <param name="JitterMilliseconds">Interarrival jitter.</param>
/// <param name="SourceChanges">How often the sender came back as another source.</param>
/// <param name="KeyFrameRequests">How often a key frame was asked for.</param>
public sealed record LegAnswer(
    long? Ssrc,
    DateTimeOffset? LastPacketAt,
    long Packets,
    long Bytes,
    long Lost,
    long Rejected,
    double JitterMilliseconds,
    int SourceChanges,
    int KeyFrameRequests
);
