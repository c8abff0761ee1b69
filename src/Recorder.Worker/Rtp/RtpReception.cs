using Recorder.Worker.Protocol;

namespace Recorder.Worker.Rtp;

/// <summary>
/// The reception of one port, counted from the packets' headers (RFC 3550, A.1, A.3 and A.8). An immutable value: each
/// packet leads to the next value.
/// </summary>
internal sealed record RtpReception
{
    // A source counts after two packets with consecutive numbers: one stray packet is no new sender.
    private const int Probation = 2;
    private const int LargestStep = 3000;

    /// <summary>The counted source; null before the first.</summary>
    public uint? Ssrc { get; private init; }

    /// <summary>When the last packet of the counted source came.</summary>
    public DateTimeOffset? LastPacketAt { get; private init; }

    /// <summary>Number of usable packets.</summary>
    public long Packets { get; private init; }

    /// <summary>Bytes of the usable packets.</summary>
    public long Bytes { get; private init; }

    /// <summary>Number of packets of another payload type.</summary>
    public long WrongPayloadTypes { get; private init; }

    /// <summary>The last payload type that was not the expected one.</summary>
    public int? WrongPayloadType { get; private init; }

    /// <summary>Number of datagrams that were not RTP.</summary>
    public long NotRtp { get; private init; }

    /// <summary>Number of changes from one source to another.</summary>
    public int SourceChanges { get; private init; }

    /// <summary>Packets that are missing by their sequence numbers, of all sources.</summary>
    public long Lost => LostBefore + Math.Max(0, Expected - Received);

    private long LostBefore { get; init; }

    private long FirstSequence { get; init; }

    private long HighestSequence { get; init; }

    private long Received { get; init; }

    private double JitterUnits { get; init; }

    private double? Transit { get; init; }

    private (uint Ssrc, ushort Next, int Seen)? Candidate { get; init; }

    private long Expected => Ssrc is null ? 0 : HighestSequence - FirstSequence + 1;

    /// <summary>Counts a datagram that is not RTP.</summary>
    public RtpReception NotRtpCame() => this with { NotRtp = NotRtp + 1 };

    /// <summary>Counts an RTP packet.</summary>
    /// <param name="packet">The packet's header.</param>
    /// <param name="bytes">The packet's length.</param>
    /// <param name="at">When the packet came.</param>
    /// <param name="leg">The form of the expected packets.</param>
    public RtpReception Came(RtpPacket packet, int bytes, DateTimeOffset at, RtpLegSettings leg)
    {
        if (packet.PayloadType != leg.PayloadType)
        {
            return Passed(packet) with
            {
                WrongPayloadTypes = WrongPayloadTypes + 1,
                WrongPayloadType = packet.PayloadType,
            };
        }

        if (packet.Ssrc != Ssrc)
        {
            return OfAnother(packet, bytes, at, leg);
        }

        var sequence = HighestSequence + (short)(packet.Sequence - (ushort)HighestSequence);
        var counted =
            Math.Abs(sequence - HighestSequence) > LargestStep
                ? Begin(packet)
                : this with
                {
                    HighestSequence = Math.Max(HighestSequence, sequence),
                    Received = Received + 1,
                };
        return counted.Count(packet, bytes, at, leg);
    }

    /// <summary>The figures for people.</summary>
    /// <param name="clockRate">The leg's clock rate in Hz.</param>
    /// <param name="keyFrameRequests">How often a key frame was asked for.</param>
    public RtpLegFigures Statistics(int clockRate, int keyFrameRequests) =>
        new(
            Ssrc,
            LastPacketAt,
            Packets,
            Bytes,
            Lost,
            WrongPayloadTypes + NotRtp,
            TimeSpan.FromSeconds(JitterUnits / clockRate),
            SourceChanges,
            keyFrameRequests
        );

    /// <summary>The figures for the sender (RFC 3550, A.3).</summary>
    /// <param name="earlier">The reception at the previous report.</param>
    /// <param name="lastReport">The same as <see cref="ReceptionBlock.LastReport"/>.</param>
    /// <param name="sinceLastReport">The same as <see cref="ReceptionBlock.SinceLastReport"/>.</param>
    /// <returns>The report's block; null before the first packet.</returns>
    public ReceptionBlock? BlockSince(RtpReception earlier, uint lastReport, uint sinceLastReport)
    {
        if (Ssrc is not { } ssrc)
        {
            return null;
        }

        var goesOn = earlier.Ssrc == Ssrc && earlier.FirstSequence == FirstSequence;
        var expected = goesOn ? Expected - earlier.Expected : Expected;
        var lost = expected - (goesOn ? Received - earlier.Received : Received);
        var fraction = lost <= 0 || expected <= 0 ? (byte)0 : (byte)Math.Min(255, lost * 256 / expected);
        return new ReceptionBlock(
            ssrc,
            fraction,
            (int)Math.Clamp(Expected - Received, 0, int.MaxValue),
            (uint)HighestSequence,
            (uint)JitterUnits,
            lastReport,
            sinceLastReport
        );
    }

    // Packets of other payload types, such as error correction, use sequence numbers of the source too. They are not
    // missing.
    private RtpReception Passed(RtpPacket packet)
    {
        if (packet.Ssrc != Ssrc)
        {
            return Candidate is { } candidate && candidate.Ssrc == packet.Ssrc && candidate.Next == packet.Sequence
                ? this with
                {
                    Candidate = candidate with { Next = (ushort)(packet.Sequence + 1) },
                }
                : this;
        }

        long ahead = (short)(packet.Sequence - (ushort)HighestSequence);
        return Math.Abs(ahead) > LargestStep
            ? this
            : this with
            {
                HighestSequence = HighestSequence + Math.Max(0, ahead),
                Received = Received + 1,
            };
    }

    private RtpReception OfAnother(RtpPacket packet, int bytes, DateTimeOffset at, RtpLegSettings leg)
    {
        var seen =
            Candidate is { } candidate && candidate.Ssrc == packet.Ssrc && candidate.Next == packet.Sequence
                ? candidate.Seen + 1
                : 1;
        return seen < Probation
            ? this with
            {
                Candidate = (packet.Ssrc, (ushort)(packet.Sequence + 1), seen),
            }
            : (Begin(packet) with { SourceChanges = Ssrc is null ? 0 : SourceChanges + 1 }).Count(
                packet,
                bytes,
                at,
                leg
            );
    }

    private RtpReception Begin(RtpPacket packet) =>
        this with
        {
            Ssrc = packet.Ssrc,
            LostBefore = Lost,
            FirstSequence = packet.Sequence,
            HighestSequence = packet.Sequence,
            Received = 1,
            Transit = null,
            JitterUnits = 0,
            Candidate = null,
        };

    private RtpReception Count(RtpPacket packet, int bytes, DateTimeOffset at, RtpLegSettings leg)
    {
        var transit = (at.UtcTicks / (double)TimeSpan.TicksPerSecond * leg.ClockRate) - packet.Timestamp;
        var jitter =
            Transit is { } before && Math.Abs(transit - before) is var difference && difference < leg.ClockRate * 10d
                ? JitterUnits + ((difference - JitterUnits) / 16)
                : JitterUnits;
        return this with
        {
            Packets = Packets + 1,
            Bytes = Bytes + bytes,
            LastPacketAt = at,
            Transit = transit,
            JitterUnits = jitter,
        };
    }
}
