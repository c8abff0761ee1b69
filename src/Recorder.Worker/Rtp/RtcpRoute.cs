using System.Collections.Immutable;
using System.Net;

namespace Recorder.Worker.Rtp;

/// <summary>One of a medium's two ports.</summary>
internal enum RtpPortKind
{
    /// <summary>The port for RTP, which may carry RTCP too (RFC 5761).</summary>
    Rtp,

    /// <summary>The port for RTCP.</summary>
    Rtcp,
}

/// <summary>
/// Where RTCP goes, and from which port. A sender may take RTCP only from the port that the sender sends its own RTCP
/// to. So RTCP goes back the way it came, and both ways until the first RTCP has come. A pure function of the packets
/// that came.
/// </summary>
internal sealed record RtcpRoute
{
    /// <summary>The state before the first packet.</summary>
    public static RtcpRoute Empty { get; } = new();

    private IPEndPoint? Sender { get; init; }

    private (RtpPortKind Port, IPEndPoint From)? Known { get; init; }

    /// <summary>Takes note of RTP of any sender, which is answered until a sender is recorded.</summary>
    public RtcpRoute RtpCameFirst(IPEndPoint from) => Sender is null ? RtpCame(from) : this;

    /// <summary>Takes note of RTP of the recorded sender.</summary>
    public RtcpRoute RtpCame(IPEndPoint from) =>
        from.Equals(Sender)
            ? this
            : new RtcpRoute
            {
                Sender = from,
                Known = Sender is null && Known?.From.Address.Equals(from.Address) == true ? Known : null,
            };

    /// <summary>Takes note of RTCP. RTCP from another address than the sender's changes nothing.</summary>
    /// <param name="port">The port that the RTCP came to.</param>
    /// <param name="from">The address that the RTCP came from.</param>
    public RtcpRoute RtcpCame(RtpPortKind port, IPEndPoint from) =>
        IsOfSender(from) ? this with { Known = (port, from) } : this;

    /// <summary>Whether packets from this address may be the sender's.</summary>
    public bool IsOfSender(IPEndPoint from) => Sender is null || Sender.Address.Equals(from.Address);

    /// <summary>The ports to send RTCP from, and the addresses to send it to; none while no sender is known.</summary>
    public ImmutableList<(RtpPortKind From, IPEndPoint To)> Ways() =>
        (Known, Sender) switch
        {
            ({ } known, _) => [(known.Port, known.From)],
            (null, { } sender) =>
            [
                (RtpPortKind.Rtp, sender),
                (RtpPortKind.Rtcp, new IPEndPoint(sender.Address, Math.Min(sender.Port + 1, IPEndPoint.MaxPort))),
            ],
            _ => [],
        };
}
