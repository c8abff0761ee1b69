using System.Buffers.Binary;

namespace Recorder.Worker.Rtp;

/// <summary>The kinds of datagrams on an RTP port.</summary>
internal enum RtpPacketKind
{
    /// <summary>An RTP packet.</summary>
    Rtp,

    /// <summary>RTCP, multiplexed onto the RTP port (RFC 5761).</summary>
    Rtcp,

    /// <summary>Neither RTP nor RTCP.</summary>
    Other,
}

/// <summary>The fixed header of an RTP packet (RFC 3550, 5.1), reduced to the fields that are of use here.</summary>
/// <param name="Kind">The kind of datagram; the other values are only valid for
/// <see cref="RtpPacketKind.Rtp"/>.</param>
/// <param name="PayloadType">The payload type.</param>
/// <param name="Sequence">The sequence number.</param>
/// <param name="Timestamp">The timestamp, in the clock rate's units.</param>
/// <param name="Ssrc">The synchronisation source.</param>
internal readonly record struct RtpPacket(
    RtpPacketKind Kind,
    int PayloadType,
    ushort Sequence,
    uint Timestamp,
    uint Ssrc
)
{
    /// <summary>A payload type that is free for any codec (RFC 3551) and that all depayloaders take. The Opus
    /// depayloader refuses all lower types.</summary>
    public const int UsualPayloadType = 96;

    /// <summary>The position of the sequence number in the header, in bytes.</summary>
    public const int SequencePosition = 2;

    private const int HeadLength = 12;
    private const int RtcpHeadLength = 8;

    /// <summary>Reads a datagram from outside, whatever its content.</summary>
    public static RtpPacket Read(ReadOnlySpan<byte> datagram)
    {
        if (IsRtcp(datagram))
        {
            return new RtpPacket(RtpPacketKind.Rtcp, 0, 0, 0, 0);
        }

        if (datagram.Length < HeadLength || datagram[0] >> 6 != 2)
        {
            return new RtpPacket(RtpPacketKind.Other, 0, 0, 0, 0);
        }

        // Contributing sources and an extension lengthen the header; padding shortens the payload. A datagram whose
        // header claims more bytes than the datagram has is not RTP.
        var head = HeadLength + (4 * (datagram[0] & 0x0F));
        if ((datagram[0] & 0x10) != 0)
        {
            head =
                datagram.Length >= head + 4
                    ? head + 4 + (4 * BinaryPrimitives.ReadUInt16BigEndian(datagram[(head + 2)..]))
                    : int.MaxValue;
        }

        var padding = (datagram[0] & 0x20) != 0 ? datagram[^1] : 0;
        if (head > datagram.Length - padding)
        {
            return new RtpPacket(RtpPacketKind.Other, 0, 0, 0, 0);
        }

        return new RtpPacket(
            RtpPacketKind.Rtp,
            datagram[1] & 0x7F,
            BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(datagram[8..])
        );
    }

    /// <summary>Changes the payload type of an RTP packet in place.</summary>
    /// <returns>The same datagram.</returns>
    public static Span<byte> As(int payloadType, Span<byte> datagram)
    {
        datagram[1] = (byte)((datagram[1] & 0x80) | payloadType);
        return datagram;
    }

    /// <summary>Whether a datagram has the form of RTCP: version 2, an RTCP packet type, and a length that
    /// fits.</summary>
    public static bool IsRtcp(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= RtcpHeadLength
        && datagram[0] >> 6 == 2
        && datagram[1] is >= 192 and <= 223
        && 4 * (BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) + 1) <= datagram.Length;
}
