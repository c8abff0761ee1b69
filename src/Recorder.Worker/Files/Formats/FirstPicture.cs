using System.Buffers.Binary;
using Recorder.Worker.Files.Matroska;
using Recorder.Worker.Files.Mp4;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Files.Formats;

/// <summary>Looks for evidence of a picture in the bytes of a growing file.</summary>
internal static class FirstPicture
{
    /// <summary>Length of a file's start, in bytes, that is searched for the first picture. Only an enormous picture
    /// needs more.</summary>
    public const int Window = 8 << 20;

    /// <summary>The number of the pictures' track, as a Matroska block begins with it. Pictures are track 1, the first
    /// track that the muxer was given.</summary>
    public const byte MatroskaTrack = 0x81;

    /// <summary>True when the file holds the whole first encoded picture.</summary>
    /// <param name="container">The file's container.</param>
    /// <param name="start">The file's bytes from its start, as many as there are.</param>
    public static bool IsIn(FileContainer container, ReadOnlyMemory<byte> start) =>
        container switch
        {
            FileContainer.Mp4 => IsInFragments(start),
            FileContainer.Ts => IsInPackets(start.Span),
            FileContainer.Mkv or FileContainer.Webm => IsInClusters(start.Span),
            _ => throw new ArgumentOutOfRangeException(nameof(container), container, "Not a container of records."),
        };

    private static bool IsInFragments(ReadOnlyMemory<byte> start)
    {
        ReadOnlyMemory<byte> fragment = default;
        uint videoTrack = 0;
        foreach (var box in Mp4Box.Children(start))
        {
            var content = start[(int)box.Content..(int)box.End];
            if (box.Type == Mp4Box.Code("moov"))
            {
                videoTrack = VideoTrack(content);
            }
            else if (box.Type == Mp4Box.Code("moof"))
            {
                fragment = content;
            }
            else if (box.Type == Mp4Box.Code("mdat") && !fragment.IsEmpty)
            {
                var header = Mp4Box.Find(fragment, "traf", "tfhd").Span;
                if (header.Length >= 8 && BinaryPrimitives.ReadUInt32BigEndian(header[4..]) == videoTrack)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static uint VideoTrack(ReadOnlyMemory<byte> movie)
    {
        var code = Mp4Box.Code("trak");
        foreach (var box in Mp4Box.Children(movie).Where(box => box.Type == code))
        {
            var track = movie[(int)box.Content..(int)box.End];
            var header = Mp4Box.Find(track, "tkhd").Span;
            var handler = Mp4Box.Find(track, "mdia", "hdlr").Span;
            if (handler.Length >= 12 && handler[8..12].SequenceEqual("vide"u8))
            {
                return BinaryPrimitives.ReadUInt32BigEndian(header[(header[0] == 1 ? 20 : 12)..]);
            }
        }

        return 0;
    }

    // The start of a second picture means that the first is whole.
    private static bool IsInPackets(ReadOnlySpan<byte> start)
    {
        const int packet = 188;
        var pictures = 0;
        for (; start.Length >= packet && start[0] == 0x47; start = start[packet..])
        {
            var unitStart = (start[1] & 0x40) != 0;
            var adaptation = (start[3] & 0x20) != 0 ? start[4] + 1 : 0;
            var payload = 4 + adaptation;
            var isVideo =
                unitStart
                && payload + 4 <= packet
                && start[payload] == 0
                && start[payload + 1] == 0
                && start[payload + 2] == 1
                && (start[payload + 3] & 0xF0) == 0xE0;
            if (isVideo && ++pictures == 2)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsInClusters(ReadOnlySpan<byte> start)
    {
        const uint segment = 0x18538067,
            cluster = 0x1F43B675,
            simpleBlock = 0xA3,
            blockGroup = 0xA0,
            block = 0xA1;
        while (Ebml.TryRead(start, out var id, out var header, out var length))
        {
            if (id is segment or cluster or blockGroup)
            {
                start = start[header..];
                continue;
            }

            if (length < 0 || header + length > start.Length)
            {
                return false;
            }

            if (id is simpleBlock or block && start[header] == MatroskaTrack)
            {
                return true;
            }

            start = start[(int)(header + length)..];
        }

        return false;
    }
}
