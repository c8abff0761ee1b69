using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Node.Pipelines.Files;

/// <summary>What is in a Matroska or WebM file as it was written, with an end or without one: its pictures are counted, nothing is changed.</summary>
internal static class MatroskaFile
{
    private const uint Segment = 0x18538067, Information = 0x1549A966, Scale = 0x2AD7B1, Cluster = 0x1F43B675, ClusterTime = 0xE7;
    private const uint SimpleBlock = 0xA3, BlockGroup = 0xA0, Block = 0xA1;

    // The longest head of an element that is read: an id of 4 bytes, a length of 8.
    private const int LongestHead = 12;

    /// <summary>What is in the file. Null: no whole picture.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FileSummary? Describe(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        long length = RandomAccess.GetLength(file);
        PictureTimes pictures = new();
        Span<byte> start = stackalloc byte[LongestHead + sizeof(long)];
        for (long at = 0; at < length;)
        {
            ReadOnlySpan<byte> read = start[..RandomAccess.Read(file, start, at)];
            if (!Ebml.TryRead(read, out uint id, out int header, out long content))
            {
                break;
            }

            if (id is Segment or Information or Cluster or BlockGroup)
            {
                at += header;
                continue;
            }

            long next = at + header + content;
            if (content < 0 || next > length)
            {
                // It was being written when its writer died.
                break;
            }

            if (id is Scale or ClusterTime or SimpleBlock or Block)
            {
                int known = (int)Math.Min(content, read.Length - header);
                pictures.Look(id, read.Slice(header, known));
            }

            at = next;
        }

        return pictures.Summary(length);
    }

    private sealed class PictureTimes
    {
        private long scale = 1_000_000;
        private long cluster;
        private long first = long.MaxValue;
        private long last = long.MinValue;
        private long frames;

        // RFC 9559: a block begins with its track's number, one byte for the first 126, and its time within the cluster in 16 bits.
        public void Look(uint id, ReadOnlySpan<byte> content)
        {
            switch (id)
            {
                case Scale:
                    scale = Number(content);
                    break;
                case ClusterTime:
                    cluster = Number(content);
                    break;
                case SimpleBlock or Block when content.Length >= 3 && content[0] == FirstPicture.MatroskaTrack:
                    long time = cluster + BinaryPrimitives.ReadInt16BigEndian(content[1..]);
                    (first, last) = (Math.Min(first, time), Math.Max(last, time));
                    frames++;
                    break;
                default:
                    break;
            }
        }

        /// <summary>The last picture is shown for as long as the ones before it were.</summary>
        public FileSummary? Summary(long bytes)
        {
            if (frames == 0)
            {
                return null;
            }

            double between = frames > 1 ? (last - first) / (double)(frames - 1) : 0;
            return new FileSummary((last - first + between) * scale / 1e9, bytes, frames);
        }

        private static long Number(ReadOnlySpan<byte> bytes)
        {
            long number = 0;
            foreach (byte next in bytes[..Math.Min(bytes.Length, 8)])
            {
                number = (number << 8) | next;
            }

            return number;
        }
    }
}
