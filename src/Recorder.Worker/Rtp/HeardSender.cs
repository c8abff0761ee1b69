using System.Collections.Immutable;
using System.Net;

namespace Recorder.Worker.Rtp;

/// <summary>A packet of a sender, as the packet order keeps it.</summary>
/// <param name="Content">The whole packet.</param>
/// <param name="MediaTime">The packet's time by the sender's clock, in nanoseconds.</param>
internal sealed record ReceivedPacket(byte[] Content, long MediaTime)
{
    /// <summary>Stands in the place of a packet of another payload type.</summary>
    public static ReceivedPacket LeftOut { get; } = new([], 0);
}

/// <summary>One sender of a medium: its clock, its packets, the receiver that makes frames of them, and the kept
/// frames. Guarded by the lock of <see cref="RtpSenders"/>.</summary>
/// <param name="ssrc">The sender's SSRC.</param>
/// <param name="clock">The sender's clock, before the first packet.</param>
internal sealed class HeardSender(uint ssrc, SenderClock clock)
{
    /// <summary>The sender's SSRC.</summary>
    public uint Ssrc { get; } = ssrc;

    /// <summary>The sender's clock.</summary>
    public SenderClock Clock { get; set; } = clock;

    /// <summary>The sender's packets in order.</summary>
    public PacketOrder<ReceivedPacket> Order { get; set; } = PacketOrder<ReceivedPacket>.Empty;

    /// <summary>The sender's canonical name; null: the sender has told none.</summary>
    public string? Name { get; set; }

    /// <summary>The packets that came before the SSRC was known as a sender.</summary>
    public ImmutableList<(ushort Sequence, ReceivedPacket Packet, long At)> Early { get; set; } = [];

    /// <summary>The address that the sender's packets come from.</summary>
    public SenderAddress Address { get; private set; }

    /// <summary>Whether the node was told that another sender has the same SSRC.</summary>
    public bool IsToldShared { get; set; }

    /// <summary>Number of packets of other payload types so far, modulo 2^16.</summary>
    public ushort LeftOut { get; set; }

    /// <summary>Whether the sender's packets are put in order.</summary>
    public bool IsFed { get; set; }

    /// <summary>The sender's frames that may be recorded next.</summary>
    public KeptFrames Kept { get; } = new();

    /// <summary>The receiver that makes frames of the packets; null: none yet.</summary>
    public RtpReceiver? Receiver { get; set; }

    /// <summary>The number of the stretch that the receiver's frames belong to.</summary>
    public int Source { get; set; }

    /// <summary>Whether the next picture can only be shown after a key frame.</summary>
    public bool WantsKeyFrame { get; set; }

    /// <summary>When the sender was last asked for a key frame, in nanoseconds; 0: never.</summary>
    public long AskedAt { get; set; }

    /// <summary>The identifier of the sender's latest report, and when that report came, in nanoseconds.</summary>
    public (uint Middle, long At)? LastReport { get; set; }

    /// <summary>The facts that decide where the sender's frames belong.</summary>
    public TimedSender Timed => new(Ssrc, Clock, Name);

    /// <summary>Takes note of a packet with the sender's SSRC.</summary>
    /// <param name="from">The address that the packet came from.</param>
    /// <param name="at">When the packet came, in nanoseconds.</param>
    /// <returns>Whether the packet is of this sender.</returns>
    public bool IsFrom(IPEndPoint from, long at)
    {
        (Address, var isOfSender) = Address.Came(from, at);
        return isOfSender;
    }

    /// <summary>Takes note of a report of the sender's clock.</summary>
    /// <param name="report">The report.</param>
    /// <param name="at">When the report came, in nanoseconds.</param>
    public void Said(RtcpSenderReport report, long at)
    {
        Clock = Clock.Said(report, at);
        LastReport = (report.Middle, at);
    }

    /// <summary>Releases all frames, and forgets the receiver, which its owner stops.</summary>
    public void Drop()
    {
        Receiver = null;
        Kept.Clear();
    }
}
