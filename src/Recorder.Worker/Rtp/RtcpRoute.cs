using System.Collections.Immutable;
using System.Net;

namespace Recorder.Worker.Rtp;

/// <summary>Which of a medium's two ports.</summary>
internal enum RtpPortKind
{
    /// <summary>The port for RTP, which may carry RTCP too (RFC 5761).</summary>
    Rtp,

    /// <summary>The port for RTCP.</summary>
    Rtcp,
}

/// <summary>
/// Where RTCP goes, and from which port: a function of what came. A sender may take RTCP only from the port that it
/// sends its own to. So RTCP goes back the way it came, and both ways as long as none has come.
/// </summary>
internal sealed record RtcpRoute
{
    /// <summary>Nothing received.</summary>
    public static RtcpRoute Empty { get; } = new();

    private IPEndPoint? Sender { get; init; }

    private (RtpPortKind Port, IPEndPoint From)? Known { get; init; }

    /// <summary>After RTP of any sender: it is answered until one is recorded.</summary>
    public RtcpRoute RtpCameFirst(IPEndPoint from) => Sender is null ? RtpCame(from) : this;

    /// <summary>After RTP of the sender that is recorded.</summary>
    public RtcpRoute RtpCame(IPEndPoint from) =>
        from.Equals(Sender)
            ? this
            : new RtcpRoute
            {
                Sender = from,
                Known = Sender is null && Known?.From.Address.Equals(from.Address) == true ? Known : null,
            };

    /// <summary>After RTCP. What does not come from where the sender is changes nothing.</summary>
    /// <param name="port">The port it came to.</param>
    /// <param name="from">Where it came from.</param>
    public RtcpRoute RtcpCame(RtpPortKind port, IPEndPoint from) =>
        IsOfSender(from) ? this with { Known = (port, from) } : this;

    /// <summary>Whether what comes from there may be the sender's.</summary>
    public bool IsOfSender(IPEndPoint from) => Sender is null || Sender.Address.Equals(from.Address);

    /// <summary>From which ports RTCP goes where; none while no sender is known.</summary>
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
