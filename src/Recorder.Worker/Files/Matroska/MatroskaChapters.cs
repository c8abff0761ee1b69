using System.Buffers.Binary;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Files.Matroska;

/// <summary>Puts chapters into a final Matroska or WebM file: at the end of the file, with their position in the room
/// that the table of positions has. No media data move.</summary>
internal static class MatroskaChapters
{
    // More than any head of the recorder's files up to the table of positions.
    private const int Start = 4096;
    private const int SmallestRoom = 2;
    private const int LongestShortRoom = 126;

    /// <summary>Writes the chapters. False: the file has no room for their position, and stays as it was.</summary>
    /// <param name="path">A final file.</param>
    /// <param name="chapters">The chapters in the order of playing.</param>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public static bool Write(string path, IReadOnlyList<RecordChapter> chapters)
    {
        using var file = File.OpenHandle(
            path,
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        var start = new byte[Start];
        var read = RandomAccess.Read(file, start, 0);
        if (Find(start.AsSpan(0, read)) is not { } place)
        {
            return false;
        }

        // The position comes last: a file without the position plays as before.
        var end = RandomAccess.GetLength(file);
        RandomAccess.Write(file, ChaptersOf(chapters), end);
        if (place.LengthIsKnown)
        {
            Span<byte> length = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64BigEndian(
                length,
                EbmlWriter.Long(RandomAccess.GetLength(file) - place.Segment)
            );
            RandomAccess.Write(file, length, place.Segment - sizeof(ulong));
        }
        RandomAccess.FlushToDisk(file);
        RandomAccess.Write(file, EntryOf(end - place.Segment, place), place.Room);
        if (place.TableLength is { } tableLength)
        {
            RandomAccess.Write(file, tableLength.Bytes, tableLength.At);
        }
        RandomAccess.FlushToDisk(file);
        return true;
    }

    /// <summary>Finds the room for the position; null without such room, and when there is a position of chapters
    /// already.</summary>
    private static Place? Find(ReadOnlySpan<byte> start)
    {
        if (
            !Ebml.TryRead(start, out var id, out var header, out var length)
            || id != MatroskaId.Header
            || header + length > start.Length
        )
        {
            return null;
        }
        var at = header + (int)length;
        if (!Ebml.TryRead(start[at..], out id, out header, out length) || id != MatroskaId.Segment)
        {
            return null;
        }
        var known = length >= 0 && header == sizeof(uint) + sizeof(ulong);
        var segment = at + header;
        if (
            !Ebml.TryRead(start[segment..], out id, out header, out length)
            || id != MatroskaId.SeekHead
            || length < 0
            || segment + header + length > start.Length
        )
        {
            return null;
        }
        var table = segment + header;
        var end = table + (int)length;
        var entry = EntryOf(0, null).Length;
        int? room = null;
        var roomLength = 0;
        for (at = table; at < end && Ebml.TryRead(start[at..end], out id, out header, out length) && length >= 0;)
        {
            var whole = header + (int)length;
            if (id == MatroskaId.Void && room is null && Fits(whole, entry))
            {
                (room, roomLength) = (at, whole);
            }
            if (id == MatroskaId.Seek && Names(start.Slice(at + header, (int)length), MatroskaId.Chapters))
            {
                return null;
            }
            at += whole;
        }
        if (room is { } inside)
        {
            return new Place(segment, known, inside, roomLength, null);
        }

        // The recorder's own files have their room behind the table, whose length is written anew.
        if (
            !Ebml.TryRead(start[end..], out id, out header, out length)
            || id != MatroskaId.Void
            || length < 0
            || !Fits(header + (int)length, entry)
        )
        {
            return null;
        }
        const int shortLength = sizeof(uint);
        if (table - segment != sizeof(uint) + shortLength)
        {
            return null;
        }
        var bytes = new byte[shortLength];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (1U << 28) | (uint)(end - table + entry));
        return new Place(segment, known, end, header + (int)length, (table - shortLength, bytes));
    }

    private static bool Fits(int room, int entry) =>
        room == entry || (room >= entry + SmallestRoom && room - entry - SmallestRoom <= LongestShortRoom);

    private static bool Names(ReadOnlySpan<byte> seek, uint wanted)
    {
        Span<byte> name = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(name, wanted);
        return seek.IndexOf(name) >= 0;
    }

    private static byte[] EntryOf(long position, Place? place)
    {
        EbmlWriter writer = new();
        writer.Master(
            MatroskaId.Seek,
            () =>
            {
                Span<byte> name = stackalloc byte[sizeof(uint)];
                BinaryPrimitives.WriteUInt32BigEndian(name, MatroskaId.Chapters);
                writer.Binary(MatroskaId.SeekId, name);
                writer.Number(MatroskaId.SeekPosition, (ulong)position);
            }
        );
        if (place is not null && place.RoomLength > writer.Length)
        {
            var rest = place.RoomLength - writer.Length - SmallestRoom;
            writer.Bytes([(byte)MatroskaId.Void, (byte)(0x80 | rest)]);
            writer.Zeros(rest);
        }
        return writer.ToArray();
    }

    private static byte[] ChaptersOf(IReadOnlyList<RecordChapter> chapters)
    {
        const double nanoseconds = 1e9;
        const ulong smallestStep = 1000;
        EbmlWriter writer = new();
        writer.Master(
            MatroskaId.Chapters,
            () =>
                writer.Master(
                    MatroskaId.Edition,
                    () =>
                    {
                        // Players pass over a chapter that does not begin after the chapter before.
                        ulong next = 0;
                        for (var i = 0; i < chapters.Count; i++)
                        {
                            var (number, chapter) = ((ulong)i + 1, chapters[i]);
                            var at = Math.Max(next, (ulong)Math.Round(chapter.At * nanoseconds));
                            next = at + smallestStep;
                            writer.Master(
                                MatroskaId.Chapter,
                                () =>
                                {
                                    writer.Number(MatroskaId.ChapterUid, number);
                                    writer.Number(MatroskaId.ChapterStart, at);
                                    writer.Master(
                                        MatroskaId.ChapterDisplay,
                                        () =>
                                        {
                                            writer.Binary(MatroskaId.ChapterTitle, chapter.Utf8Title());
                                            writer.Text(MatroskaId.ChapterLanguage, "und");
                                        }
                                    );
                                }
                            );
                        }
                    }
                )
        );
        return writer.ToArray();
    }

    /// <param name="Segment">Position of the segment's content.</param>
    /// <param name="LengthIsKnown">Whether the segment tells its length, in the eight bytes before its content.</param>
    /// <param name="Room">Position of the room.</param>
    /// <param name="RoomLength">Length of the room.</param>
    /// <param name="TableLength">The new length of the table and its position; null: the room is in the table.</param>
    private sealed record Place(
        long Segment,
        bool LengthIsKnown,
        long Room,
        int RoomLength,
        (long At, byte[] Bytes)? TableLength
    );
}
