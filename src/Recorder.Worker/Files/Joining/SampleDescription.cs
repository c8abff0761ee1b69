using System.Buffers.Binary;
using System.Text;

namespace Recorder.Worker.Files.Joining;

/// <summary>What a sample description of an MP4 says to a person, and whether two describe the same. Pure.</summary>
internal static class SampleDescription
{
    /// <summary>The codec and the parameters, such as "avc1 1920x1080" or "mp4a 48000 Hz, 2 channels".</summary>
    /// <param name="box">The description, a whole box.</param>
    /// <param name="kind">The kind of the track, such as <c>vide</c>.</param>
    public static string Words(ReadOnlySpan<byte> box, string kind)
    {
        const int picture = 32,
            channels = 24,
            rate = 32;
        var codec = Encoding.ASCII.GetString(box[4..8]);
        return kind switch
        {
            "vide" =>
                $"{codec} {BinaryPrimitives.ReadUInt16BigEndian(box[picture..])}x{BinaryPrimitives.ReadUInt16BigEndian(box[(picture + 2)..])}",
            "soun" =>
                $"{codec} {BinaryPrimitives.ReadUInt16BigEndian(box[rate..])} Hz, channels: {ChannelsOf(box) ?? BinaryPrimitives.ReadUInt16BigEndian(box[channels..])}",
            _ => codec,
        };
    }

    /// <summary>Compares as <see cref="AreSame"/> does.</summary>
    public static IEqualityComparer<ReadOnlyMemory<byte>> Comparer { get; } =
        EqualityComparer<ReadOnlyMemory<byte>>.Create(AreSame, box => box.Length);

    /// <summary>Whether two descriptions are the same but for the bit rates, which say what was measured.</summary>
    public static bool AreSame(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other) =>
        one.Length == other.Length && WithoutRates(one).AsSpan().SequenceEqual(WithoutRates(other));

    // The description's own number of channels is always 2 for AAC. AudioSpecificConfig (5) begins with 5 bits of the
    // object's type, 4 bits of rate and 4 bits of channels.
    private static int? ChannelsOf(ReadOnlySpan<byte> box)
    {
        var at = DecoderOf(box);
        at = at < 0 ? -1 : Descriptor(box, at + 13, 5);
        return at >= 0 && at + 1 < box.Length ? (box[at + 1] >> 3) & 0xF : null;
    }

    // ISO/IEC 14496-1: the descriptor of the stream (3), its id and flags, the descriptor of the decoder (4).
    private static int DecoderOf(ReadOnlySpan<byte> box)
    {
        var esds = box.IndexOf("esds"u8);
        var at = esds < 0 ? -1 : Descriptor(box, esds + 8, 3);
        return at < 0 ? -1 : Descriptor(box, at + 3, 4);
    }

    private static byte[] WithoutRates(ReadOnlyMemory<byte> box)
    {
        const int rates = 11;
        var content = box.ToArray();
        var span = content.AsSpan();
        if (span.IndexOf("btrt"u8) is >= 0 and var btrt)
        {
            span[(btrt + 4)..Math.Min(span.Length, btrt + 16)].Clear();
        }
        var decoder = DecoderOf(span);
        if (decoder >= 0 && decoder + 2 + rates <= span.Length)
        {
            span.Slice(decoder + 2, rates).Clear();
        }
        return content;
    }

    /// <summary>The position of a descriptor's content; -1 when there is no such descriptor.</summary>
    private static int Descriptor(ReadOnlySpan<byte> content, int at, byte tag)
    {
        if (at >= content.Length || content[at] != tag)
        {
            return -1;
        }
        at++;
        while (at < content.Length && (content[at] & 0x80) != 0)
        {
            at++;
        }
        return at + 1;
    }
}
