using System.Buffers.Binary;
using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>
/// Reads the codecs from a record's file. The spec does not tell them, because a sender may never have sent its
/// picture or its sound.
/// </summary>
internal static class RecordCodecs
{
    // The head of our Matroska files, up to the first pictures, takes some kilobytes.
    private const int MatroskaHead = 256 << 10;

    /// <summary>The longest index that is read. The index of a day of video is smaller.</summary>
    private const int LongestIndex = 64 << 20;

    // RFC 9559, 5.1.4.1.19: CodecID has the element id 0x86; its length is one byte with the highest bit set.
    private const byte MatroskaCodecId = 0x86;

    // ISO 14496-12 and -15, and the registry of MP4 sample entries.
    private static readonly ImmutableList<(string Name, bool IsPicture, string Codec)> Mp4Names =
    [
        ("avc1", true, "h264"),
        ("avc3", true, "h264"),
        ("vp08", true, "vp8"),
        ("vp09", true, "vp9"),
        ("mp4a", false, "aac"),
        ("Opus", false, "opus"),
    ];

    // The Matroska codec registry.
    private static readonly ImmutableList<(string Name, bool IsPicture, string Codec)> MatroskaNames =
    [
        ("V_MPEG4/ISO/AVC", true, "h264"),
        ("V_VP8", true, "vp8"),
        ("V_VP9", true, "vp9"),
        ("A_AAC", false, "aac"),
        ("A_OPUS", false, "opus"),
    ];

    /// <summary>The codecs of the file's tracks. Null when the file does not tell them. A transport stream tells them
    /// only at playback.</summary>
    /// <param name="file">The record.</param>
    /// <param name="container">The container of the record.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ManifestCodecs? Read(SafeFileHandle file, RecordContainer container) =>
        container switch
        {
            RecordContainer.Mp4 or RecordContainer.M4a => OfMp4(IndexOf(file)),
            RecordContainer.Mkv or RecordContainer.Webm => OfMatroska(Part(file, 0, MatroskaHead)),
            _ => null,
        };

    private static ManifestCodecs? OfMp4(ReadOnlySpan<byte> index)
    {
        // A sample description has a name, version and flags, the number of entries, and the length and name of the
        // first entry.
        const int entry = 16;
        ManifestCodecs? found = null;
        for (
            int at;
            (at = index.IndexOf("stsd"u8)) >= 0 && index.Length >= at + entry + 4;
            index = index[(at + entry)..]
        )
        {
            found = Add(found, index[(at + entry)..], Mp4Names);
        }
        return found;
    }

    private static ManifestCodecs? OfMatroska(ReadOnlySpan<byte> head)
    {
        ManifestCodecs? found = null;
        for (int at; (at = head.IndexOf(MatroskaCodecId)) >= 0 && head.Length > at + 2; head = head[(at + 1)..])
        {
            if ((head[at + 1] & 0x80) != 0)
            {
                found = Add(found, head[(at + 2)..], MatroskaNames);
            }
        }

        return found;
    }

    private static ManifestCodecs? Add(
        ManifestCodecs? found,
        ReadOnlySpan<byte> name,
        ImmutableList<(string Name, bool IsPicture, string Codec)> known
    )
    {
        foreach (var (start, isPicture, codec) in known)
        {
            if (name.Length < start.Length || !Ascii(name[..start.Length], start))
            {
                continue;
            }
            var before = found ?? new ManifestCodecs(null, null);
            return isPicture ? before with { Video = codec } : before with { Audio = codec };
        }

        return found;
    }

    private static bool Ascii(ReadOnlySpan<byte> bytes, string text) => System.Text.Ascii.Equals(bytes, text);

    /// <summary>The movie box, which lists the tracks; empty when there is none.</summary>
    private static byte[] IndexOf(SafeFileHandle file)
    {
        var length = RandomAccess.GetLength(file);
        for (var at = 0L; at + 8 <= length;)
        {
            ReadOnlySpan<byte> head = Part(file, at, 16);
            var size = (long)BinaryPrimitives.ReadUInt32BigEndian(head);
            if (size == 1 && head.Length == 16)
            {
                size = BinaryPrimitives.ReadInt64BigEndian(head[8..]);
            }
            if (size < 8)
            {
                return [];
            }
            if (head[4..8].SequenceEqual("moov"u8))
            {
                return Part(file, at, (int)Math.Min(size, LongestIndex));
            }
            at += size;
        }

        return [];
    }

    private static byte[] Part(SafeFileHandle file, long from, int length)
    {
        var part = new byte[Math.Clamp(RandomAccess.GetLength(file) - from, 0, length)];
        var read = 0;
        while (read < part.Length && RandomAccess.Read(file, part.AsSpan(read), from + read) is > 0 and var more)
        {
            read += more;
        }
        return part[..read];
    }
}
