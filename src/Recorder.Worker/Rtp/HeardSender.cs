using System.Collections.Immutable;
using System.Net;

namespace Recorder.Worker.Rtp;

/// <summary>A packet of a sender, as it is put in order.</summary>
/// <param name="Content">The whole packet.</param>
/// <param name="MediaTime">Its time by the sender's clock, in nanoseconds.</param>
internal sealed record ReceivedPacket(byte[] Content, long MediaTime)
{
    /// <summary>In the place of a packet of another payload type.</summary>
    public static ReceivedPacket LeftOut { get; } = new([], 0);
}

/// <summary>One sender of a medium: its clock, its packets, what makes frames of them, and the frames that are kept.
/// Guarded by the lock of <see cref="RtpSenders"/>.</summary>
/// <param name="ssrc">The sender.</param>
/// <param name="clock">Its clock, before the first packet.</param>
internal sealed class HeardSender(uint ssrc, SenderClock clock)
{
    /// <summary>The sender.</summary>
    public uint Ssrc { get; } = ssrc;

    /// <summary>Its clock.</summary>
    public SenderClock Clock { get; set; } = clock;

    /// <summary>Its packets in order.</summary>
    public PacketOrder<ReceivedPacket> Order { get; set; } = PacketOrder<ReceivedPacket>.Empty;

    /// <summary>Its canonical name; null: it has told none.</summary>
    public string? Name { get; set; }

    /// <summary>What came before it was known as a sender.</summary>
    public ImmutableList<(ushort Sequence, ReceivedPacket Packet, long At)> Early { get; set; } = [];

    /// <summary>Where its packets come from.</summary>
    public SenderAddress Address { get; private set; }

    /// <summary>Whether it was told that another sender has the same SSRC.</summary>
    public bool IsToldShared { get; set; }

    /// <summary>Packets of other payload types so far, modulo 2^16.</summary>
    public ushort LeftOut { get; set; }

    /// <summary>Whether its packets are put in order.</summary>
    public bool IsFed { get; set; }

    /// <summary>Its frames that may be recorded next.</summary>
    public KeptFrames Kept { get; } = new();

    /// <summary>What makes frames of its packets; null: nothing yet.</summary>
    public RtpReceiver? Receiver { get; set; }

    /// <summary>The number of the stretch that the receiver's frames belong to.</summary>
    public int Source { get; set; }

    /// <summary>Whether its next picture can only be shown after a key frame.</summary>
    public bool WantsKeyFrame { get; set; }

    /// <summary>When it was asked for a key frame last, in nanoseconds; 0: never.</summary>
    public long AskedAt { get; set; }

    /// <summary>The name of its latest report, and when that came in nanoseconds.</summary>
    public (uint Middle, long At)? LastReport { get; set; }

    /// <summary>What says where its frames belong.</summary>
    public TimedSender Timed => new(Ssrc, Clock, Name);

    /// <summary>After a packet with its SSRC.</summary>
    /// <param name="from">Where the packet came from.</param>
    /// <param name="at">When, in nanoseconds.</param>
    /// <returns>Whether the packet is of this sender.</returns>
    public bool IsFrom(IPEndPoint from, long at)
    {
        (Address, var isOfSender) = Address.Came(from, at);
        return isOfSender;
    }

    /// <summary>After a report of its clock.</summary>
    /// <param name="report">The report.</param>
    /// <param name="at">When it came, in nanoseconds.</param>
    public void Said(RtcpSenderReport report, long at)
    {
        Clock = Clock.Said(report, at);
        LastReport = (report.Middle, at);
    }

    /// <summary>Lets go of the receiver, which its owner stops, and of all frames.</summary>
    public void Drop()
    {
        Receiver = null;
        Kept.Clear();
    }
}
