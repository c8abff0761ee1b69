using System.Text.Json.Serialization;

namespace Recorder.Worker.Protocol;

/// <summary>One medium of an RTP session: its ports and what comes there.</summary>
/// <param name="RtpPort">The UDP port asked for RTP; 0: any, an even one with its RTCP above it where both are
/// 0.</param>
/// <param name="RtcpPort">The UDP port asked for RTCP, likewise.</param>
/// <param name="PayloadType">The RTP payload type; packets of another are counted and dropped.</param>
/// <param name="ClockRate">The RTP clock rate in Hz.</param>
public sealed record RtpLegSettings(int RtpPort, int RtcpPort, int PayloadType, int ClockRate)
{
    /// <summary>The clock rate of Opus in RTP (RFC 7587), in Hz.</summary>
    public const int OpusClockRate = 48_000;

    /// <summary>Ports to try first where the ports asked are 0, so that a sender need not be told new ones; 0:
    /// none.</summary>
    public int EarlierRtpPort { get; init; }

    /// <summary>The RTCP port that belongs to it.</summary>
    public int EarlierRtcpPort { get; init; }
}

[JsonDerivedType(typeof(ReceiveRtp), "receiveRtp")]
public abstract partial record WorkerCommand
{
    /// <summary>
    /// Bind the ports, receive, and write what comes into the record as it is, from the first sound or key frame on.
    /// Answered by <see cref="WorkerEvent.RtpReady"/> or <see cref="WorkerEvent.Failed"/>, later by
    /// <see cref="WorkerEvent.FirstFrame"/>. Only once in a worker's life; <see cref="Prepare"/> and
    /// <see cref="Begin"/> do not belong to it.
    /// </summary>
    /// <param name="Session">The session's id; it appears in messages for people.</param>
    /// <param name="Address">The address to bind the ports on, or a name of it.</param>
    /// <param name="Codec">The picture's codec.</param>
    /// <param name="Video">The picture.</param>
    /// <param name="Audio">The sound, Opus; null: none.</param>
    /// <param name="Container">How the file is packed; one that can hold the codec.</param>
    /// <param name="Path">As <see cref="Prepare.Path"/>.</param>
    /// <param name="MinimumFreeBytes">As <see cref="Prepare.MinimumFreeBytes"/>.</param>
    public sealed record ReceiveRtp(
        long Session,
        string Address,
        PictureCodec Codec,
        RtpLegSettings Video,
        RtpLegSettings? Audio,
        FileContainer Container,
        string Path,
        long MinimumFreeBytes
    ) : WorkerCommand;
}

[JsonDerivedType(typeof(RtpReady), "rtpReady")]
[JsonDerivedType(typeof(RtpProgress), "rtpProgress")]
[JsonDerivedType(typeof(RtpSenderSilent), "rtpSenderSilent")]
[JsonDerivedType(typeof(RtpSenderHeard), "rtpSenderHeard")]
[JsonDerivedType(typeof(RtpReceptionFailed), "rtpReceptionFailed")]
[JsonDerivedType(typeof(RtpSenderIgnored), "rtpSenderIgnored")]
public abstract partial record WorkerEvent
{
    /// <summary>The ports are bound and listened on.</summary>
    /// <param name="At">Since when.</param>
    /// <param name="RtpPort">The picture's RTP.</param>
    /// <param name="RtcpPort">The picture's RTCP.</param>
    /// <param name="AudioRtpPort">The sound's RTP; null without sound.</param>
    /// <param name="AudioRtcpPort">The sound's RTCP; null without sound.</param>
    public sealed record RtpReady(DateTimeOffset At, int RtpPort, int RtcpPort, int? AudioRtpPort, int? AudioRtcpPort)
        : WorkerEvent;

    /// <summary>Sent once a second from <see cref="RtpReady"/> on.</summary>
    /// <param name="Frames">Pictures in the record.</param>
    /// <param name="FileBytes">Length of the file on disk.</param>
    /// <param name="Duration">Length of the record so far, in seconds.</param>
    /// <param name="Statistics">What was received since <see cref="RtpReady"/>.</param>
    public sealed record RtpProgress(long Frames, long FileBytes, double Duration, RtpFigures Statistics) : WorkerEvent;

    /// <summary>Nothing usable has come for the picture for 5 seconds, or for longer where its sender has been called
    /// silent before.</summary>
    /// <param name="At">Since when.</param>
    /// <param name="Message">A sentence: what was awaited where, and what came instead.</param>
    public sealed record RtpSenderSilent(DateTimeOffset At, string Message) : WorkerEvent;

    /// <summary>A second sender sends to a port too and is not recorded, as long as the first one sends. Told once a
    /// sender, and of a few senders only.</summary>
    /// <param name="At">When.</param>
    /// <param name="Message">A sentence: which one is recorded, which one is not, and what to do.</param>
    public sealed record RtpSenderIgnored(DateTimeOffset At, string Message) : WorkerEvent;

    /// <summary>It comes again.</summary>
    /// <param name="At">Since when.</param>
    public sealed record RtpSenderHeard(DateTimeOffset At) : WorkerEvent;

    /// <summary>
    /// What was received broke the reception, which is begun anew. Of several failures in a row only the first is told,
    /// and the one after which the waits in between become no longer.
    /// </summary>
    /// <param name="At">When.</param>
    /// <param name="Message">A sentence: what failed, and when it is tried again.</param>
    public sealed record RtpReceptionFailed(DateTimeOffset At, string Message) : WorkerEvent;
}
