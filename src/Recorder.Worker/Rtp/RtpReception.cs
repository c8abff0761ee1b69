using Recorder.Worker.Protocol;

namespace Recorder.Worker.Rtp;

/// <summary>
/// What one port has received, counted from the packets' heads (RFC 3550, A.1, A.3 and A.8). A value: each packet leads
/// to the next one.
/// </summary>
internal sealed record RtpReception
{
    // A source counts once two of its packets came one after the other: one stray packet is no new sender.
    private const int Probation = 2;
    private const int LargestStep = 3000;

    /// <summary>The source whose packets count; null before the first.</summary>
    public uint? Ssrc { get; private init; }

    /// <summary>When its last packet came.</summary>
    public DateTimeOffset? LastPacketAt { get; private init; }

    /// <summary>Usable packets.</summary>
    public long Packets { get; private init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private init; }

    /// <summary>Packets of another payload type.</summary>
    public long WrongPayloadTypes { get; private init; }

    /// <summary>The last of those types.</summary>
    public int? WrongPayloadType { get; private init; }

    /// <summary>Datagrams that were no RTP.</summary>
    public long NotRtp { get; private init; }

    /// <summary>How often another source followed the one before.</summary>
    public int SourceChanges { get; private init; }

    /// <summary>Packets missing by their sequence numbers, of all sources.</summary>
    public long Lost => LostBefore + Math.Max(0, Expected - Received);

    private long LostBefore { get; init; }

    private long FirstSequence { get; init; }

    private long HighestSequence { get; init; }

    private long Received { get; init; }

    private double JitterUnits { get; init; }

    private double? Transit { get; init; }

    private (uint Ssrc, ushort Next, int Seen)? Candidate { get; init; }

    private long Expected => Ssrc is null ? 0 : HighestSequence - FirstSequence + 1;

    /// <summary>After one more datagram that is not RTP.</summary>
    public RtpReception NotRtpCame() => this with { NotRtp = NotRtp + 1 };

    /// <summary>After one more RTP packet.</summary>
    /// <param name="packet">Its head.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="at">When it came.</param>
    /// <param name="leg">What was awaited.</param>
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
    /// <param name="earlier">What was received at the report before.</param>
    /// <param name="lastReport">As <see cref="ReceptionBlock.LastReport"/>.</param>
    /// <param name="sinceLastReport">As <see cref="ReceptionBlock.SinceLastReport"/>.</param>
    /// <returns>Null before the first packet.</returns>
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

    // All packets of a source have a place in its count, such as those of error correction: they are not missing.
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
