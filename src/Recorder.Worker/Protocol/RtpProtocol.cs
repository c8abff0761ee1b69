using System.Text.Json.Serialization;

namespace Recorder.Worker.Protocol;

/// <summary>One medium of an RTP session: its ports and its packets.</summary>
/// <param name="RtpPort">The UDP port requested for RTP; 0: any port. If both ports are 0, RTP gets an even port and
/// RTCP the next port.</param>
/// <param name="RtcpPort">The UDP port requested for RTCP; 0: any port.</param>
/// <param name="PayloadType">The RTP payload type; packets of other types are counted and dropped.</param>
/// <param name="ClockRate">The RTP clock rate in Hz.</param>
public sealed record RtpLegSettings(int RtpPort, int RtcpPort, int PayloadType, int ClockRate)
{
    /// <summary>The clock rate of Opus in RTP (RFC 7587), in Hz.</summary>
    public const int OpusClockRate = 48_000;

    /// <summary>The RTP port to try first when the requested ports are 0, so that a sender need not be told new ports;
    /// 0: none.</summary>
    public int EarlierRtpPort { get; init; }

    /// <summary>The RTCP port that belongs to <see cref="EarlierRtpPort"/>.</summary>
    public int EarlierRtcpPort { get; init; }
}

[JsonDerivedType(typeof(ReceiveRtp), "receiveRtp")]
public abstract partial record WorkerCommand
{
    /// <summary>
    /// Bind the ports, receive, and write the received media unchanged into the record, from the first sound or key
    /// frame on. Answered by <see cref="WorkerEvent.RtpReady"/> or <see cref="WorkerEvent.Failed"/>, later by
    /// <see cref="WorkerEvent.FirstFrame"/>. Only once in a worker's life, and not together with <see cref="Prepare"/>
    /// and <see cref="Begin"/>.
    /// </summary>
    /// <param name="Session">The session's id, which appears in messages for people.</param>
    /// <param name="Address">The address to bind the ports on, or the name of an address.</param>
    /// <param name="Codec">The picture's codec.</param>
    /// <param name="Video">The picture.</param>
    /// <param name="Audio">The sound, Opus; null: none.</param>
    /// <param name="Container">The file's container, which must be able to hold the codec.</param>
    /// <param name="Path">The same as <see cref="Prepare.Path"/>.</param>
    /// <param name="MinimumFreeBytes">The same as <see cref="Prepare.MinimumFreeBytes"/>.</param>
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
    /// <summary>The ports are bound, and the worker listens on them.</summary>
    /// <param name="At">When the worker began to listen.</param>
    /// <param name="RtpPort">The picture's RTP.</param>
    /// <param name="RtcpPort">The picture's RTCP.</param>
    /// <param name="AudioRtpPort">The sound's RTP; null without sound.</param>
    /// <param name="AudioRtcpPort">The sound's RTCP; null without sound.</param>
    public sealed record RtpReady(DateTimeOffset At, int RtpPort, int RtcpPort, int? AudioRtpPort, int? AudioRtcpPort)
        : WorkerEvent;

    /// <summary>Sent once a second from <see cref="RtpReady"/> on.</summary>
    /// <param name="Frames">Number of pictures in the record.</param>
    /// <param name="FileBytes">Length of the file on disk.</param>
    /// <param name="Duration">Length of the record so far, in seconds.</param>
    /// <param name="Statistics">The figures of the reception since <see cref="RtpReady"/>.</param>
    public sealed record RtpProgress(long Frames, long FileBytes, double Duration, RtpFigures Statistics) : WorkerEvent;

    /// <summary>Nothing usable has come for the picture for 5 seconds, or for longer if the sender has been reported
    /// silent before.</summary>
    /// <param name="At">When the silence began.</param>
    /// <param name="Message">A sentence: what was expected on which port, and what came instead.</param>
    public sealed record RtpSenderSilent(DateTimeOffset At, string Message) : WorkerEvent;

    /// <summary>A second sender sends to a port, and is not recorded as long as the first sender sends. Reported once
    /// for each sender, and only for a few senders.</summary>
    /// <param name="At">When the second sender was noticed.</param>
    /// <param name="Message">A sentence: which sender is recorded, which sender is not, and what to do.</param>
    public sealed record RtpSenderIgnored(DateTimeOffset At, string Message) : WorkerEvent;

    /// <summary>The silent sender sends again.</summary>
    /// <param name="At">When the sender began again.</param>
    public sealed record RtpSenderHeard(DateTimeOffset At) : WorkerEvent;

    /// <summary>
    /// Received data broke the reception, which begins anew. Of several failures in a row, only two are reported: the
    /// first, and the failure after which the waits no longer grow.
    /// </summary>
    /// <param name="At">When the reception failed.</param>
    /// <param name="Message">A sentence: what failed, and when the reception begins again.</param>
    public sealed record RtpReceptionFailed(DateTimeOffset At, string Message) : WorkerEvent;
}
