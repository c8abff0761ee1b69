using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Recorder.Worker.Rtp;

/// <summary>A sender's report about its clock (RFC 3550, 6.4.1).</summary>
/// <param name="Ssrc">The sender.</param>
/// <param name="Time">The sender's own time in nanoseconds since 1900; 0: the sender has no clock.</param>
/// <param name="Timestamp">The RTP timestamp of <paramref name="Time"/>.</param>
/// <param name="Middle">The middle 32 bits of the time, by which a receiver's report refers to this report.</param>
internal readonly record struct RtcpSenderReport(uint Ssrc, long Time, uint Timestamp, uint Middle);

/// <summary>The useful content of an RTCP datagram.</summary>
/// <param name="Author">The source that sent the datagram; null: no packet in the datagram says.</param>
/// <param name="Reports">Reports of senders.</param>
/// <param name="Names">Canonical names of sources.</param>
/// <param name="Left">Sources that say good-bye.</param>
internal sealed record RtcpContent(
    uint? Author,
    ImmutableList<RtcpSenderReport> Reports,
    ImmutableDictionary<uint, string> Names,
    ImmutableList<uint> Left
)
{
    private const int SenderReport = 200;
    private const int Description = 202;
    private const int Goodbye = 203;
    private const int NameItem = 1;
    private const int SenderReportLength = 28;

    /// <summary>Reads a datagram from outside, whatever its content.</summary>
    public static RtcpContent Read(ReadOnlySpan<byte> datagram)
    {
        RtcpContent content = new(null, [], ImmutableDictionary<uint, string>.Empty, []);
        while (RtpPacket.IsRtcp(datagram))
        {
            var length = 4 * (BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) + 1);
            content = content.With(datagram[..length]);
            datagram = datagram[length..];
        }

        return content;
    }

    private RtcpContent With(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 8)
        {
            return this;
        }

        var next = this with { Author = Author ?? BinaryPrimitives.ReadUInt32BigEndian(packet[4..]) };
        return packet[1] switch
        {
            SenderReport when packet.Length >= SenderReportLength => next with
            {
                Reports = Reports.Add(ReadReport(packet)),
            },
            Description => next with { Names = ReadNames(packet, packet[0] & 0x1F) },
            Goodbye => next with { Left = ReadLeft(packet, packet[0] & 0x1F) },
            _ => next,
        };
    }

    private static RtcpSenderReport ReadReport(ReadOnlySpan<byte> packet)
    {
        var time = BinaryPrimitives.ReadUInt64BigEndian(packet[8..]);
        var nanoseconds = ((long)(time >> 32) * 1_000_000_000) + (long)(((time & uint.MaxValue) * 1_000_000_000) >> 32);
        return new RtcpSenderReport(
            BinaryPrimitives.ReadUInt32BigEndian(packet[4..]),
            nanoseconds,
            BinaryPrimitives.ReadUInt32BigEndian(packet[16..]),
            (uint)(time >> 16)
        );
    }

    private ImmutableDictionary<uint, string> ReadNames(ReadOnlySpan<byte> packet, int chunks)
    {
        var names = Names;
        var at = 4;
        for (var i = 0; i < chunks && at + 4 <= packet.Length; i++)
        {
            var source = BinaryPrimitives.ReadUInt32BigEndian(packet[at..]);
            at += 4;
            while (at + 1 < packet.Length && packet[at] != 0)
            {
                var length = Math.Min(packet[at + 1], packet.Length - at - 2);
                names =
                    packet[at] == NameItem
                        ? names.SetItem(source, Encoding.UTF8.GetString(packet.Slice(at + 2, length)))
                        : names;
                at += 2 + length;
            }

            // A chunk ends with at least one zero and at a multiple of four bytes.
            at = (at & ~3) + 4;
        }

        return names;
    }

    private ImmutableList<uint> ReadLeft(ReadOnlySpan<byte> packet, int sources)
    {
        var left = Left;
        for (var at = 4; at < 4 + (4 * sources) && at + 4 <= packet.Length; at += 4)
        {
            left = left.Add(BinaryPrimitives.ReadUInt32BigEndian(packet[at..]));
        }

        return left;
    }
}
