using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Worker.Files.SoundAlone;

/// <summary>Ogg files with Opus (RFC 3533, RFC 7845). Each page says how many samples play up to its end, so a file
/// without an end plays up to its last whole page.</summary>
internal static class OggFile
{
    private const int Rate = 48000;
    private const int HeadBytes = 27;
    private const int SegmentCountAt = 26;
    private const int LongestHead = HeadBytes + 255;

    /// <summary>Cuts an incomplete page off the end. Null: nothing plays.</summary>
    /// <exception cref="IOException">The file cannot be read or shortened.</exception>
    public static FileSummary? Trim(string path) => SoundLength.Trim(path, Read);

    /// <summary>What plays of a file; null when the file does not begin with the head of Opus.</summary>
    public static SoundLength? Read(SafeFileHandle file)
    {
        // The first page has one segment: "OpusHead", version, channels, and the samples that are not played.
        const int skipAt = HeadBytes + 1 + 10;
        var length = RandomAccess.GetLength(file);
        var first = SoundLength.Part(file, 0, skipAt + 2);
        if (first.Length < skipAt + 2 || !first.AsSpan(HeadBytes + 1, 8).SequenceEqual("OpusHead"u8))
        {
            return null;
        }

        long samples = 0;
        long at = 0;
        var head = new byte[LongestHead];
        while (at + HeadBytes <= length)
        {
            var read = RandomAccess.Read(file, head, at);
            if (read < HeadBytes || !head.AsSpan(0, 4).SequenceEqual("OggS"u8))
            {
                break;
            }

            var segments = head[SegmentCountAt];
            if (read < HeadBytes + segments)
            {
                break;
            }

            long content = 0;
            foreach (var segment in head.AsSpan(HeadBytes, segments))
            {
                content += segment;
            }

            var end = at + HeadBytes + segments + content;
            if (end > length)
            {
                break;
            }

            // -1: no packet ends on the page.
            var position = BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(6));
            samples = position < 0 ? samples : position;
            at = end;
        }

        var skip = BinaryPrimitives.ReadUInt16LittleEndian(first.AsSpan(skipAt));
        return new SoundLength(Math.Max(0, samples - skip), Rate, at);
    }
}
