namespace Recorder.Worker.Protocol;

/// <summary>The figures of the reception since the worker began.</summary>
/// <param name="At">When the figures were counted.</param>
/// <param name="Video">The picture.</param>
/// <param name="Audio">The sound; null without sound.</param>
public sealed record RtpFigures(DateTimeOffset At, RtpLegFigures Video, RtpLegFigures? Audio);

/// <summary>The figures of the reception of one leg.</summary>
/// <param name="Ssrc">The present sender's synchronisation source, or null before the first packet.</param>
/// <param name="LastPacketAt">When the last usable packet came, or null.</param>
/// <param name="Packets">Number of usable packets received.</param>
/// <param name="Bytes">Number of bytes of the usable packets.</param>
/// <param name="Lost">Packets missing by their sequence numbers.</param>
/// <param name="Rejected">Packets that were not RTP or had another payload type; these packets were dropped.</param>
/// <param name="Jitter">Interarrival jitter (RFC 3550, 6.4.1).</param>
/// <param name="SourceChanges">How often the sender came back as another source.</param>
/// <param name="KeyFrameRequests">How often a key frame was asked for.</param>
public sealed record RtpLegFigures(
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
