using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Worker.Files.Matroska;

/// <summary>The content of a Matroska or WebM file, with or without an end. The frames are counted, and the file is not
/// changed.</summary>
internal sealed class MatroskaFile
{
    // The longest element head that is read: an id of 4 bytes, a length of 8.
    private const int LongestHead = 12;

    private readonly TrackEnd _pictures = new();
    private readonly TrackEnd _sound = new();
    private long _scale = 1_000_000;
    private double _told;

    private MatroskaFile() { }

    /// <summary>The clusters. Their positions are right for a file of <see cref="MatroskaWriter"/>.</summary>
    public MatroskaClusters Clusters { get; } = new();

    /// <summary>Position after the last whole block.</summary>
    public long End { get; private set; }

    /// <summary>Whether the file tells its duration, which only a file with an end does.</summary>
    public bool IsFinal => _told > 0;

    /// <summary>Number of pictures.</summary>
    public long Frames => _pictures.Frames;

    /// <summary>Whether the file holds a whole picture or a whole piece of sound.</summary>
    public bool HoldsMedia => _pictures.Frames + _sound.Frames > 0;

    /// <summary>The duration in milliseconds: the file's own statement, or else the end of the track that ends
    /// last.</summary>
    public double Milliseconds => (IsFinal ? _told : Math.Max(_pictures.End, _sound.End)) * _scale / 1e6;

    /// <summary>The content of the file. Null: no whole picture and no whole piece of sound.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FileSummary? Describe(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var content = Read(file);
        return content.HoldsMedia
            ? new FileSummary(content.Milliseconds / 1000, RandomAccess.GetLength(file), content.Frames)
            : null;
    }

    /// <summary>Reads the heads of all elements, up to the last whole element.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static MatroskaFile Read(SafeFileHandle file)
    {
        MatroskaFile content = new();
        var length = RandomAccess.GetLength(file);
        Span<byte> start = stackalloc byte[LongestHead + sizeof(long)];
        for (long at = 0; at < length;)
        {
            ReadOnlySpan<byte> read = start[..RandomAccess.Read(file, start, at)];
            if (!Ebml.TryRead(read, out var id, out var header, out var bytes))
            {
                break;
            }

            if (id is MatroskaId.Segment or MatroskaId.Information or MatroskaId.Cluster or MatroskaId.BlockGroup)
            {
                content.Enter(id, at);
                at += header;
                continue;
            }

            var next = at + header + bytes;
            if (bytes < 0 || next > length)
            {
                // The element was being written when the writer died.
                break;
            }

            content.Look(id, read[header..(header + (int)Math.Min(bytes, read.Length - header))], next);
            at = next;
        }

        return content;
    }

    private void Enter(uint id, long position)
    {
        if (id == MatroskaId.Cluster)
        {
            Clusters.Begin(position, 0);
        }
    }

    // RFC 9559: a block begins with the number of its track, the time within the cluster in 16 bits, and flags. The
    // track's number takes one byte for the first 126 tracks.
    private void Look(uint id, ReadOnlySpan<byte> content, long next)
    {
        const byte trackMark = 0x80;
        const byte keyFrame = 0x80;
        const int blockHead = 4;
        switch (id)
        {
            case MatroskaId.TimestampScale:
                _scale = Number(content);
                break;
            case MatroskaId.Duration when content.Length == sizeof(double):
                _told = BinaryPrimitives.ReadDoubleBigEndian(content);
                break;
            case MatroskaId.Duration when content.Length == sizeof(float):
                _told = BinaryPrimitives.ReadSingleBigEndian(content);
                break;
            case MatroskaId.Timestamp when Clusters.Count > 0:
                Clusters.Time = Number(content);
                break;
            case MatroskaId.SimpleBlock or MatroskaId.Block when content.Length >= blockHead && Clusters.Count > 0:
                var isPicture = content[0] == (trackMark | MatroskaHead.PictureTrack);
                var time = Clusters.Time + BinaryPrimitives.ReadInt16BigEndian(content[1..]);
                (isPicture ? _pictures : _sound).Add(time, 0);
                Clusters.Add(isPicture, (content[blockHead - 1] & keyFrame) != 0, time);
                End = next;
                break;
            default:
                break;
        }
    }

    private static long Number(ReadOnlySpan<byte> bytes)
    {
        long number = 0;
        foreach (var next in bytes[..Math.Min(bytes.Length, sizeof(long))])
        {
            number = (number << 8) | next;
        }

        return number;
    }
}
