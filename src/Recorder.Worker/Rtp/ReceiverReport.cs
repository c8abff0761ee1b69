using System.Buffers.Binary;
using System.Text;

namespace Recorder.Worker.Rtp;

/// <summary>A receiver's report about one sender (RFC 3550, 6.4.2).</summary>
/// <param name="Ssrc">The sender.</param>
/// <param name="FractionLost">Packets lost since the previous report, of 256.</param>
/// <param name="Lost">Packets lost in all.</param>
/// <param name="HighestSequence">The highest sequence number, extended above 16 bits by the number of its
/// wraparounds.</param>
/// <param name="Jitter">The jitter, in the clock rate's units.</param>
/// <param name="LastReport"><see cref="RtcpSenderReport.Middle"/> of the sender's latest report; 0: none.</param>
/// <param name="SinceLastReport">The time since the sender's latest report came, in 1/65536 s.</param>
internal readonly record struct ReceptionBlock(
    uint Ssrc,
    byte FractionLost,
    int Lost,
    uint HighestSequence,
    uint Jitter,
    uint LastReport,
    uint SinceLastReport
);

/// <summary>Writes the RTCP of a receiver.</summary>
internal static class ReceiverReport
{
    private const int ReportType = 201;
    private const int DescriptionType = 202;
    private const int FeedbackType = 206;
    private const int PictureLoss = 1;
    private const int BlockLength = 24;
    private const int MostLost = 0x7FFFFF;

    /// <summary>A compound packet: the report, the receiver's name, and a request for a key frame (PLI, RFC 4585,
    /// 6.3.1) where a key frame is wanted.</summary>
    /// <param name="own">The receiver's own source.</param>
    /// <param name="name">The receiver's canonical name, of at most 255 ASCII letters.</param>
    /// <param name="block">The report about the sender; null: nothing received yet.</param>
    /// <param name="keyFrameOf">The sender that is asked for a key frame; null: none.</param>
    public static byte[] Write(uint own, string name, ReceptionBlock? block, uint? keyFrameOf)
    {
        var reportLength = 8 + (block is null ? 0 : BlockLength);

        // Source, kind and length of the item, its text, and at least one zero as padding to a multiple of four.
        var chunkLength = (4 + 2 + name.Length + 4) & ~3;
        var packet = new byte[reportLength + 4 + chunkLength + (keyFrameOf is null ? 0 : 12)];
        var report = packet.AsSpan(0, reportLength);
        WriteHead(report, block is null ? 0 : 1, ReportType, own);
        if (block is { } received)
        {
            WriteBlock(report[8..], received);
        }

        var description = packet.AsSpan(reportLength, 4 + chunkLength);
        WriteHead(description, 1, DescriptionType, own);
        (description[8], description[9]) = (1, (byte)name.Length);
        Encoding.ASCII.GetBytes(name, description[10..]);
        if (keyFrameOf is { } sender)
        {
            var feedback = packet.AsSpan(packet.Length - 12);
            WriteHead(feedback, PictureLoss, FeedbackType, own);
            BinaryPrimitives.WriteUInt32BigEndian(feedback[8..], sender);
        }

        return packet;
    }

    private static void WriteHead(Span<byte> packet, int count, int type, uint own)
    {
        (packet[0], packet[1]) = ((byte)(0x80 | count), (byte)type);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)((packet.Length / 4) - 1));
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], own);
    }

    private static void WriteBlock(Span<byte> place, ReceptionBlock block)
    {
        BinaryPrimitives.WriteUInt32BigEndian(place, block.Ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(
            place[4..],
            ((uint)block.FractionLost << 24) | (uint)Math.Clamp(block.Lost, 0, MostLost)
        );
        BinaryPrimitives.WriteUInt32BigEndian(place[8..], block.HighestSequence);
        BinaryPrimitives.WriteUInt32BigEndian(place[12..], block.Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(place[16..], block.LastReport);
        BinaryPrimitives.WriteUInt32BigEndian(place[20..], block.SinceLastReport);
    }
}
