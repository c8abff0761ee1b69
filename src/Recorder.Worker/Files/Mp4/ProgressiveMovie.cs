using System.Buffers.Binary;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Files.Mp4;

/// <summary>
/// The head of a progressive, fast-start MP4 with the samples of a fragmented MP4. Consists of <c>ftyp</c>, a
/// <c>moov</c> with sample tables and the head of the <c>mdat</c>.
/// </summary>
internal static class ProgressiveMovie
{
    /// <summary>The units a second in which a movie tells its length.</summary>
    public const uint MovieTimescale = 1000;

    private const int BoxHeader = 8;

    /// <summary>A head before the media data of <see cref="FragmentedMovie.Chunks"/>, which follow one after the
    /// other.</summary>
    /// <param name="movie">The samples.</param>
    /// <param name="chapters">The chapters in the order of playing.</param>
    public static byte[] Head(FragmentedMovie movie, IReadOnlyList<RecordChapter> chapters)
    {
        var positions = new long[movie.Chunks.Count];
        long length = 0;
        for (var i = 0; i < positions.Length; i++)
        {
            positions[i] = length;
            length += movie.Chunks[i].Length;
        }

        var wide = IsWide(length);

        // The head's own length does not depend on the chunks' positions, only on the width of an offset.
        var head = Write(movie, chapters, positions, shift: 0, wide, padding: 0, length).Length;
        return Write(movie, chapters, positions, head, wide, padding: 0, length);
    }

    /// <summary>
    /// A head to put before the unchanged fragmented file. The head's length is a multiple of
    /// <paramref name="blockLength"/>. The whole old file becomes media data, and the sample tables refer to the parts
    /// that are samples.
    /// </summary>
    public static byte[] HeadInPlace(
        FragmentedMovie movie,
        int blockLength,
        IReadOnlyList<RecordChapter> chapters
    )
    {
        long[] positions = [.. movie.Chunks.Select(chunk => chunk.Offset)];
        var wide = IsWide(movie.WholeLength);
        var head = Write(movie, chapters, positions, shift: 0, wide, padding: BoxHeader, movie.WholeLength).Length;
        var whole = (head + blockLength - 1) / blockLength * blockLength;
        return Write(movie, chapters, positions, whole, wide, BoxHeader + whole - head, movie.WholeLength);
    }

    // Leaves room for the head itself.
    private static bool IsWide(long length) => length > uint.MaxValue - (256 << 20);

    private static byte[] Write(
        FragmentedMovie movie,
        IReadOnlyList<RecordChapter> chapters,
        long[] positions,
        long shift,
        bool wide,
        int padding,
        long mediaLength
    )
    {
        Mp4Writer writer = new();
        writer.Box(
            "ftyp",
            () =>
            {
                writer.Bytes("isom"u8);
                writer.UInt32(0x200);
                writer.Bytes("isomiso2avc1mp41"u8);
            }
        );
        writer.Box("moov", () => WriteMovie(writer, movie, chapters, new Placement(positions, shift, wide)));
        if (padding > 0)
        {
            writer.Box("free", () => writer.Zeros(padding - BoxHeader));
        }

        writer.UInt32(1);
        writer.Bytes("mdat"u8);
        writer.UInt64((ulong)(mediaLength + Mp4Box.LongestHeader));
        return writer.ToArray();
    }

    private static void WriteMovie(
        Mp4Writer writer,
        FragmentedMovie movie,
        IReadOnlyList<RecordChapter> chapters,
        Placement placement
    )
    {
        var index = 0;
        var listed = chapters.Count == 0;
        foreach (var box in Mp4Box.Children(movie.Movie))
        {
            var content = movie.Movie[(int)box.Content..(int)box.End];
            if (box.Type == Mp4Box.Code("mvhd"))
            {
                var duration = movie.Tracks.Max(track => InMovieTime(track, track.Start + track.PlayingTime));
                writer.Box("mvhd", () => WriteTimes(writer, content.Span, timescale: MovieTimescale, duration));
            }
            else if (box.Type == Mp4Box.Code("trak"))
            {
                var track = index++;
                if (movie.Tracks[track].Sizes.Count > 0)
                {
                    writer.Box("trak", () => WriteTrack(writer, movie, track, placement));
                }
            }
            else if (box.Type == Mp4Box.Code("udta") && !listed)
            {
                // A movie has one such box, which may hold the muxer's name.
                listed = true;
                writer.Box(
                    "udta",
                    () =>
                    {
                        writer.Bytes(content.Span);
                        ChapterList.Write(writer, chapters);
                    }
                );
            }
            else if (box.Type != Mp4Box.Code("mvex") && box.Type != Mp4Box.Code("free"))
            {
                writer.Bytes(movie.Movie[(int)box.Start..(int)box.End].Span);
            }
        }
        if (!listed)
        {
            writer.Box("udta", () => ChapterList.Write(writer, chapters));
        }
    }

    private static void WriteTrack(Mp4Writer writer, FragmentedMovie movie, int index, Placement placement)
    {
        var track = movie.Tracks[index];
        foreach (var box in Mp4Box.Children(track.Box))
        {
            var content = track.Box[(int)box.Content..(int)box.End];
            if (box.Type == Mp4Box.Code("tkhd"))
            {
                writer.Box(
                    "tkhd",
                    () => WriteTrackHeader(writer, content.Span, InMovieTime(track, track.Start + track.PlayingTime))
                );
                WriteEdits(writer, track);
            }
            else if (box.Type == Mp4Box.Code("mdia"))
            {
                writer.Box("mdia", () => WriteMedia(writer, movie, index, content, placement));
            }
            else if (box.Type != Mp4Box.Code("edts"))
            {
                writer.Bytes(track.Box[(int)box.Start..(int)box.End].Span);
            }
        }
    }

    // An edit list is written only where it says something: for a track that starts late, or for pictures shown later
    // than decoded.
    private static void WriteEdits(Mp4Writer writer, MovieTrack track)
    {
        if (track.Start == 0 && track.FirstComposition == 0)
        {
            return;
        }

        writer.Box(
            "edts",
            () =>
                writer.Box(
                    "elst",
                    () =>
                    {
                        writer.UInt32(0);
                        writer.UInt32(track.Start > 0 ? 2u : 1u);
                        if (track.Start > 0)
                        {
                            writer.UInt32((uint)InMovieTime(track, track.Start));
                            writer.UInt32(uint.MaxValue);
                            writer.UInt32(1 << 16);
                        }

                        writer.UInt32((uint)InMovieTime(track, track.PlayingTime));
                        writer.UInt32((uint)track.FirstComposition);
                        writer.UInt32(1 << 16);
                    }
                )
        );
    }

    private static void WriteMedia(
        Mp4Writer writer,
        FragmentedMovie movie,
        int index,
        ReadOnlyMemory<byte> media,
        Placement placement
    )
    {
        var track = movie.Tracks[index];
        foreach (var box in Mp4Box.Children(media))
        {
            var content = media[(int)box.Content..(int)box.End];
            if (box.Type == Mp4Box.Code("mdhd"))
            {
                writer.Box("mdhd", () => WriteTimes(writer, content.Span, track.Timescale, track.Duration));
            }
            else if (box.Type == Mp4Box.Code("minf"))
            {
                writer.Box(
                    "minf",
                    () =>
                    {
                        foreach (var part in Mp4Box.Children(content))
                        {
                            if (part.Type == Mp4Box.Code("stbl"))
                            {
                                var tables = content[(int)part.Content..(int)part.End];
                                writer.Box("stbl", () => WriteTables(writer, movie, index, tables, placement));
                            }
                            else
                            {
                                writer.Bytes(content[(int)part.Start..(int)part.End].Span);
                            }
                        }
                    }
                );
            }
            else
            {
                writer.Bytes(media[(int)box.Start..(int)box.End].Span);
            }
        }
    }

    private static void WriteTables(
        Mp4Writer writer,
        FragmentedMovie movie,
        int index,
        ReadOnlyMemory<byte> tables,
        Placement placement
    )
    {
        var track = movie.Tracks[index];
        writer.Box("stsd", () => writer.Bytes(Mp4Box.Find(tables, "stsd").Span));
        writer.Table(
            "stts",
            track.Durations,
            run =>
            {
                writer.UInt32((uint)run.Count);
                writer.UInt32(run.Value);
            }
        );
        if (track.CompositionOffsets.Any(run => run.Value != 0))
        {
            writer.Table(
                "ctts",
                track.CompositionOffsets,
                run =>
                {
                    writer.UInt32((uint)run.Count);
                    writer.UInt32((uint)run.Value);
                }
            );
        }

        if (track.SyncSamples.Count < track.Sizes.Count)
        {
            writer.Table("stss", track.SyncSamples, writer.UInt32);
        }

        List<(uint First, uint Samples)> runs = [];
        List<long> offsets = [];
        for (var i = 0; i < movie.Chunks.Count; i++)
        {
            var chunk = movie.Chunks[i];
            if (chunk.Track == index)
            {
                offsets.Add(placement.Positions[i] + placement.Shift);
                if (runs.Count == 0 || runs[^1].Samples != chunk.Samples)
                {
                    runs.Add(((uint)offsets.Count, (uint)chunk.Samples));
                }
            }
        }

        writer.Table(
            "stsc",
            runs,
            run =>
            {
                writer.UInt32(run.First);
                writer.UInt32(run.Samples);
                writer.UInt32(1);
            }
        );
        writer.Box(
            "stsz",
            () =>
            {
                writer.UInt32(0);
                writer.UInt32(0);
                writer.UInt32((uint)track.Sizes.Count);
                track.Sizes.ForEach(writer.UInt32);
            }
        );
        writer.Table(
            placement.Wide ? "co64" : "stco",
            offsets,
            position =>
            {
                if (placement.Wide)
                {
                    writer.UInt64((ulong)position);
                }
                else
                {
                    writer.UInt32((uint)position);
                }
            }
        );
    }

    // mvhd and mdhd begin with the same fields: version, creation, modification, timescale, duration.
    internal static void WriteTimes(Mp4Writer writer, ReadOnlySpan<byte> original, uint timescale, long duration)
    {
        var wasWide = original[0] == 1;
        writer.UInt32(1 << 24);
        writer.UInt64(
            wasWide
                ? BinaryPrimitives.ReadUInt64BigEndian(original[4..])
                : BinaryPrimitives.ReadUInt32BigEndian(original[4..])
        );
        writer.UInt64(
            wasWide
                ? BinaryPrimitives.ReadUInt64BigEndian(original[12..])
                : BinaryPrimitives.ReadUInt32BigEndian(original[8..])
        );
        writer.UInt32(timescale);
        writer.UInt64((ulong)duration);
        writer.Bytes(original[(wasWide ? 32 : 20)..]);
    }

    internal static void WriteTrackHeader(Mp4Writer writer, ReadOnlySpan<byte> original, long duration)
    {
        var wasWide = original[0] == 1;
        writer.UInt32((1 << 24) | (BinaryPrimitives.ReadUInt32BigEndian(original) & 0xFFFFFF));
        writer.UInt64(
            wasWide
                ? BinaryPrimitives.ReadUInt64BigEndian(original[4..])
                : BinaryPrimitives.ReadUInt32BigEndian(original[4..])
        );
        writer.UInt64(
            wasWide
                ? BinaryPrimitives.ReadUInt64BigEndian(original[12..])
                : BinaryPrimitives.ReadUInt32BigEndian(original[8..])
        );
        writer.Bytes(original.Slice(wasWide ? 20 : 12, 8));
        writer.UInt64((ulong)duration);
        writer.Bytes(original[(wasWide ? 36 : 24)..]);
    }

    private static long InMovieTime(MovieTrack track, long time) =>
        (long)Math.Round((double)time * MovieTimescale / track.Timescale);

    /// <summary>The positions of the chunks, the shift to add to each, and whether offsets take 64 bits or
    /// 32.</summary>
    private sealed record Placement(long[] Positions, long Shift, bool Wide);
}
