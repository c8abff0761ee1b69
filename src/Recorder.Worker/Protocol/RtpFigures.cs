namespace Recorder.Worker.Protocol;

/// <summary>What was received since the worker began.</summary>
/// <param name="At">When this was counted.</param>
/// <param name="Video">The picture.</param>
/// <param name="Audio">The sound, or null without it.</param>
public sealed record RtpFigures(DateTimeOffset At, RtpLegFigures Video, RtpLegFigures? Audio);

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
