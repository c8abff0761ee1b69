using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Answers;

/// <summary>One output of a session: one place that the session's media goes to.</summary>
/// <param name="Id">record, hls, or target-1, target-2 and so on.</param>
/// <param name="Kind">The kind of the output.</param>
/// <param name="Target">The record's path, the folder of the playlist, or the stream target with its key
/// hidden.</param>
/// <param name="State">The state of the output.</param>
/// <param name="Since">When the present state began.</param>
/// <param name="Reason">Why the output is retried or has failed; null otherwise.</param>
/// <param name="FramesSent">Encoded frames written or sent. For the record: the frames in its file, without those of a
/// pause.</param>
/// <param name="FramesDropped">Encoded frames that the output could not take when they were made.</param>
/// <param name="BytesSent">Bytes written or sent.</param>
/// <param name="Retries">How often the output was tried again.</param>
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

/// <summary>The endpoint on which a session of type rtp receives.</summary>
/// <param name="Host">The host to send to.</param>
/// <param name="RtpPort">The port of the picture's RTP.</param>
/// <param name="RtcpPort">The port of the picture's RTCP.</param>
/// <param name="AudioRtpPort">The port of the sound's RTP; null without sound.</param>
/// <param name="AudioRtcpPort">The port of the sound's RTCP; null without sound.</param>
public sealed record EndpointAnswer(string Host, int RtpPort, int RtcpPort, int? AudioRtpPort, int? AudioRtcpPort);

/// <summary>The figures of a page's capture since its worker began.</summary>
/// <param name="At">When the figures were taken.</param>
/// <param name="FramesCaptured">Frames given to the encoder, including repeated frames.</param>
/// <param name="FramesPainted">Different pictures among the captured frames.</param>
/// <param name="FramesRepeated">Frames at whose tick the page had painted nothing new.</param>
/// <param name="FramesDropped">Raw frames left out because the encoder could not keep up.</param>
/// <param name="EncodedBytes">Bytes that the encoders made.</param>
/// <param name="DurationSeconds">Length of the timeline so far.</param>
/// <param name="SilenceInsertedSeconds">Silence recorded where the sound server delivered nothing.</param>
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

/// <summary>The figures of the RTP reception since its worker began.</summary>
/// <param name="At">When the figures were taken.</param>
/// <param name="Video">The reception of the picture.</param>
/// <param name="Audio">The reception of the sound; null without sound.</param>
public sealed record ReceptionAnswer(DateTimeOffset At, LegAnswer Video, LegAnswer? Audio);

/// <summary>The figures of the reception of the picture or of the sound.</summary>
/// <param name="Ssrc">The present synchronisation source; null before the first packet.</param>
/// <param name="LastPacketAt">When the last usable packet arrived; null before the first.</param>
/// <param name="Packets">Usable packets received.</param>
/// <param name="Bytes">Bytes of the usable packets.</param>
/// <param name="Lost">Packets that are missing by their sequence numbers.</param>
/// <param name="Rejected">Packets that were not RTP or had another payload type.</param>
/// <param name="JitterMilliseconds">Interarrival jitter.</param>
/// <param name="SourceChanges">How often the sender returned as another source.</param>
/// <param name="KeyFrameRequests">How often a key frame was requested.</param>
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
