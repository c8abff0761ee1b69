using System.Buffers.Binary;
using System.Collections.Immutable;
using Recorder.Worker.Files.Mp4;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Files.Joining;

/// <summary>
/// Joins finished MP4 records without encoding: one index for the media data of all, which follow each other unchanged.
/// Each record is a chapter. Only the records' indexes are read.
/// </summary>
public static class MovieJoin
{
    /// <summary>The most bytes that the indexes of all records may take. The index of a day takes some 30 MB.</summary>
    public const long MostIndexBytes = 64L << 20;

    private const int MostChapters = ChapterList.Most;

    /// <summary>Plans the joined file.</summary>
    /// <param name="records">The records, in the order of playing; at least one.</param>
    /// <param name="mostIndexBytes">The most bytes that the indexes of all records may take.</param>
    /// <exception cref="NotJoinableException">The records cannot be one file.</exception>
    public static async Task<JoinedFile> PlanAsync(
        IReadOnlyList<JoinedRecord> records,
        long mostIndexBytes = MostIndexBytes
    )
    {
        ArgumentNullException.ThrowIfNull(records);
        var parts = new List<MovieIndex>();
        foreach (var record in records)
        {
            try
            {
                parts.Add(await MovieIndex.ReadAsync(record, mostIndexBytes - parts.Sum(part => part.Movie.Length)));
            }
            catch (Exception error) when (IsOfTheIndex(error))
            {
                throw new NotJoinableException($"{record.Name} has an index that cannot be read.");
            }
            Compare(records, parts);
        }
        var media = parts.Sum(part => part.MediaLength);
        var wide = media > uint.MaxValue - (256L << 20);
        byte[] head;
        try
        {
            var length = Write(records, parts, shift: 0, wide, media).Length;
            head = Write(records, parts, length, wide, media);
        }
        catch (Exception error) when (IsOfTheIndex(error))
        {
            throw new NotJoinableException(
                $"{string.Join(" or ", records.Select(record => record.Name))} has an index that contradicts itself."
            );
        }
        return new JoinedFile(
            [
                new JoinedPiece(head, -1, 0, head.Length),
                .. parts.Select((part, index) => new JoinedPiece(default, index, part.MediaFrom, part.MediaLength)),
            ],
            TimeSpan.FromSeconds(parts.Sum(part => part.Seconds))
        );
    }

    /// <summary>Whether a fault is one of the index: a length or a number in the index that cannot be.</summary>
    private static bool IsOfTheIndex(Exception error) =>
        error is ArgumentException or OverflowException or IndexOutOfRangeException or DivideByZeroException;

    /// <summary>Compares the newest record with the first.</summary>
    private static void Compare(IReadOnlyList<JoinedRecord> records, List<MovieIndex> parts)
    {
        var (first, last) = (parts[0], parts[^1]);
        var (one, other) = (records[0].Name, records[parts.Count - 1].Name);
        if (!first.Tracks.Select(track => track.Kind).SequenceEqual(last.Tracks.Select(track => track.Kind)))
        {
            throw new NotJoinableException(
                $"{other} has {Kinds(last)}, and {one} has {Kinds(first)}."
            );
        }
        foreach (var (a, b) in first.Tracks.Zip(last.Tracks))
        {
            var (words, others) = (Words(a), Words(b));
            if (words != others)
            {
                throw new NotJoinableException($"{other} has {Noun(b.Kind)} of {others}, and {one} of {words}.");
            }
            if (a.Kind == "soun" && !a.Descriptions.SequenceEqual(b.Descriptions, SampleDescription.Comparer))
            {
                throw new NotJoinableException($"{other} has sound that its encoder describes otherwise than that of {one}.");
            }
            if (a.Scale != b.Scale)
            {
                throw new NotJoinableException(
                    $"{other} counts the time of its {Bare(b.Kind)} in 1/{b.Scale} s, and {one} in 1/{a.Scale} s."
                );
            }
        }
    }

    private static string Words(MovieIndexTrack track) =>
        string.Join(
            " and ",
            track.Descriptions.Select(box => SampleDescription.Words(box.Span, track.Kind)).Distinct()
        );

    private static string Kinds(MovieIndex index) =>
        index.Tracks.Count == 0 ? "no track" : string.Join(" and ", index.Tracks.Select(track => Noun(track.Kind)));

    private static string Bare(string kind) => Noun(kind).Split(' ', 2)[^1];

    private static string Noun(string kind) =>
        kind switch
        {
            "vide" => "a picture",
            "soun" => "sound",
            _ => $"a track {kind}",
        };

    private static byte[] Write(
        IReadOnlyList<JoinedRecord> records,
        List<MovieIndex> parts,
        long shift,
        bool wide,
        long media
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
        writer.Box("moov", () => WriteMovie(writer, records, parts, new JoinedTracks(parts, shift, wide)));
        writer.UInt32(1);
        writer.Bytes("mdat"u8);
        writer.UInt64((ulong)(media + Mp4Box.LongestHeader));
        return writer.ToArray();
    }

    private static void WriteMovie(
        Mp4Writer writer,
        IReadOnlyList<JoinedRecord> records,
        List<MovieIndex> parts,
        JoinedTracks tracks
    )
    {
        var track = 0;
        var movie = parts[0].Movie;
        foreach (var box in Mp4Box.Children(movie))
        {
            var content = movie[(int)box.Content..(int)box.End];
            if (box.Type == Mp4Box.Code("mvhd"))
            {
                var duration = (long)Math.Round(parts.Sum(part => part.Seconds) * ProgressiveMovie.MovieTimescale);
                writer.Box(
                    "mvhd",
                    () => ProgressiveMovie.WriteTimes(writer, content.Span, ProgressiveMovie.MovieTimescale, duration)
                );
            }
            else if (box.Type == Mp4Box.Code("trak"))
            {
                var index = track++;
                writer.Box("trak", () => tracks.Write(writer, index));
            }
            else if (box.Type != Mp4Box.Code("udta") && box.Type != Mp4Box.Code("free"))
            {
                writer.Bytes(movie[(int)box.Start..(int)box.End].Span);
            }
        }
        writer.Box("udta", () => ChapterList.Write(writer, ChaptersOf(records, parts)));
    }

    /// <summary>The chapters of the joined file: of each record the title, and what was marked in the record.</summary>
    private static ImmutableList<RecordChapter> ChaptersOf(IReadOnlyList<JoinedRecord> records, List<MovieIndex> parts)
    {
        var chapters = ImmutableList.CreateBuilder<RecordChapter>();
        var begin = 0.0;
        for (var i = 0; i < parts.Count; i++)
        {
            if (i < MostChapters)
            {
                chapters.Add(new RecordChapter(records[i].Chapter, begin));
            }
            chapters.AddRange(
                RecordChapter
                    .InOrder(ChapterList.Read(parts[i].Movie), parts[i].Seconds)
                    .Select(mark => mark with { At = begin + mark.At })
            );
            begin += parts[i].Seconds;
        }
        return chapters.ToImmutable();
    }
}

/// <summary>Writes the tracks of a joined MP4.</summary>
/// <param name="parts">The records' indexes.</param>
/// <param name="shift">Position of the first record's media data in the joined file.</param>
/// <param name="wide">Whether positions take 64 bits.</param>
internal sealed class JoinedTracks(List<MovieIndex> parts, long shift, bool wide)
{
    private double Seconds => parts.Sum(part => part.Seconds);

    /// <summary>Writes the content of a <c>trak</c> box.</summary>
    public void Write(Mp4Writer writer, int index)
    {
        var first = parts[0].Tracks[index];
        var movieTime = (long)Math.Round(Seconds * ProgressiveMovie.MovieTimescale);
        foreach (var box in Mp4Box.Children(first.Box))
        {
            var content = first.Box[(int)box.Content..(int)box.End];
            if (box.Type == Mp4Box.Code("tkhd"))
            {
                writer.Box("tkhd", () => ProgressiveMovie.WriteTrackHeader(writer, content.Span, movieTime));
                WriteEdits(writer, first, movieTime);
            }
            else if (box.Type == Mp4Box.Code("mdia"))
            {
                writer.Box("mdia", () => WriteMedia(writer, index, content));
            }
            else if (box.Type != Mp4Box.Code("edts"))
            {
                writer.Bytes(first.Box[(int)box.Start..(int)box.End].Span);
            }
        }
    }

    private static void WriteEdits(Mp4Writer writer, MovieIndexTrack first, long movieTime)
    {
        var empty = (uint)Math.Round(first.Start * ProgressiveMovie.MovieTimescale);
        if (empty == 0 && first.MediaTime == 0)
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
                        writer.UInt32(empty > 0 ? 2u : 1u);
                        if (empty > 0)
                        {
                            writer.UInt32(empty);
                            writer.UInt32(uint.MaxValue);
                            writer.UInt32(1 << 16);
                        }
                        writer.UInt32((uint)(movieTime - empty));
                        writer.UInt32((uint)first.MediaTime);
                        writer.UInt32(1 << 16);
                    }
                )
        );
    }

    private void WriteMedia(Mp4Writer writer, int index, ReadOnlyMemory<byte> media)
    {
        var durations = new DurationTable(parts, index);
        foreach (var box in Mp4Box.Children(media))
        {
            var content = media[(int)box.Content..(int)box.End];
            if (box.Type == Mp4Box.Code("mdhd"))
            {
                writer.Box(
                    "mdhd",
                    () =>
                        ProgressiveMovie.WriteTimes(
                            writer,
                            content.Span,
                            parts[0].Tracks[index].Scale,
                            durations.Duration
                        )
                );
            }
            else if (box.Type == Mp4Box.Code("minf"))
            {
                writer.Box("minf", () => WriteInformation(writer, index, content, durations));
            }
            else
            {
                writer.Bytes(media[(int)box.Start..(int)box.End].Span);
            }
        }
    }

    private void WriteInformation(
        Mp4Writer writer,
        int index,
        ReadOnlyMemory<byte> information,
        DurationTable durations
    )
    {
        foreach (var box in Mp4Box.Children(information))
        {
            if (box.Type == Mp4Box.Code("stbl"))
            {
                writer.Box("stbl", () => WriteTables(writer, [.. parts.Select(part => part.Tracks[index])], durations));
            }
            else
            {
                writer.Bytes(information[(int)box.Start..(int)box.End].Span);
            }
        }
    }

    private void WriteTables(Mp4Writer writer, List<MovieIndexTrack> tracks, DurationTable durations)
    {
        var descriptions = new List<ReadOnlyMemory<byte>>();
        var numbers = tracks.ConvertAll(track => track.Descriptions.Select(Number).ToList());
        writer.Table("stsd", descriptions, box => writer.Bytes(box.Span));
        writer.Table(
            "stts",
            durations.Runs,
            run =>
            {
                writer.UInt32(run.Count);
                writer.UInt32(run.Value);
            }
        );
        WriteCompositions(writer, tracks);
        WriteSyncSamples(writer, tracks);
        WriteChunkRuns(writer, tracks, numbers);
        writer.Box(
            "stsz",
            () =>
            {
                writer.UInt32(0);
                writer.UInt32(0);
                writer.UInt32((uint)tracks.Sum(track => track.Samples));
                foreach (var track in tracks)
                {
                    writer.Bytes(track.Sizes.Span);
                    for (var i = 0; track.EqualSize > 0 && i < track.Samples; i++)
                    {
                        writer.UInt32(track.EqualSize);
                    }
                }
            }
        );
        WritePositions(writer, tracks);

        // The number of a description, which is added when it is a new one.
        uint Number(ReadOnlyMemory<byte> box)
        {
            var known = descriptions.FindIndex(other => SampleDescription.AreSame(other, box));
            if (known < 0)
            {
                descriptions.Add(box);
                known = descriptions.Count - 1;
            }
            return (uint)known + 1;
        }
    }

    private static void WriteCompositions(Mp4Writer writer, List<MovieIndexTrack> tracks)
    {
        if (tracks.TrueForAll(track => track.Compositions.IsEmpty))
        {
            return;
        }
        writer.Box(
            "ctts",
            () =>
            {
                writer.UInt32((uint)tracks.Max(track => track.CompositionVersion) << 24);
                writer.UInt32((uint)tracks.Sum(track => Math.Max(1, track.Compositions.Length / 8)));
                foreach (var track in tracks)
                {
                    if (track.Compositions.IsEmpty)
                    {
                        writer.UInt32(track.Samples);
                        writer.UInt32(0);
                    }
                    writer.Bytes(track.Compositions.Span);
                }
            }
        );
    }

    private static uint SyncCount(MovieIndexTrack track) =>
        track.SyncSamples is { } numbers ? (uint)(numbers.Length / 4) : track.Samples;

    private static void WriteSyncSamples(Mp4Writer writer, List<MovieIndexTrack> tracks)
    {
        if (tracks.TrueForAll(track => track.SyncSamples is null))
        {
            return;
        }
        writer.Box(
            "stss",
            () =>
            {
                writer.UInt32(0);
                writer.UInt32((uint)tracks.Sum(track => (long)SyncCount(track)));
                uint before = 0;
                foreach (var track in tracks)
                {
                    var count = SyncCount(track);
                    for (uint i = 0; i < count; i++)
                    {
                        writer.UInt32(
                            before
                                + (
                                    track.SyncSamples is { } numbers
                                        ? BinaryPrimitives.ReadUInt32BigEndian(numbers.Span[(int)(i * 4)..])
                                        : i + 1
                                )
                        );
                    }
                    before += track.Samples;
                }
            }
        );
    }

    private static void WriteChunkRuns(Mp4Writer writer, List<MovieIndexTrack> tracks, List<List<uint>> numbers) =>
        writer.Box(
            "stsc",
            () =>
            {
                writer.UInt32(0);
                writer.UInt32((uint)tracks.Sum(track => track.ChunkRuns.Length / 12));
                uint before = 0;
                foreach (var (track, own) in tracks.Zip(numbers))
                {
                    for (var runs = track.ChunkRuns.Span; runs.Length >= 12; runs = runs[12..])
                    {
                        writer.UInt32(before + BinaryPrimitives.ReadUInt32BigEndian(runs));
                        writer.UInt32(BinaryPrimitives.ReadUInt32BigEndian(runs[4..]));
                        writer.UInt32(own[(int)BinaryPrimitives.ReadUInt32BigEndian(runs[8..]) - 1]);
                    }
                    before += (uint)track.Chunks.Count;
                }
            }
        );

    private void WritePositions(Mp4Writer writer, List<MovieIndexTrack> tracks) =>
        writer.Box(
            wide ? "co64" : "stco",
            () =>
            {
                writer.UInt32(0);
                writer.UInt32((uint)tracks.Sum(track => track.Chunks.Count));
                var at = shift;
                foreach (var (part, track) in parts.Zip(tracks))
                {
                    foreach (var chunk in track.Chunks)
                    {
                        var position = chunk - part.MediaFrom + at;
                        if (wide)
                        {
                            writer.UInt64((ulong)position);
                        }
                        else
                        {
                            writer.UInt32((uint)position);
                        }
                    }
                    at += part.MediaLength;
                }
            }
        );
}

/// <summary>The durations of a track's samples in a joined MP4. The last sample of each record lasts until the next
/// record's first sample.</summary>
internal sealed class DurationTable
{
    /// <param name="parts">The records' indexes.</param>
    /// <param name="index">The track.</param>
    public DurationTable(List<MovieIndex> parts, int index)
    {
        var first = parts[0].Tracks[index];
        var seconds = 0.0;
        foreach (var part in parts)
        {
            var track = part.Tracks[index];

            // Shown at this time when decoded so much earlier.
            var due = (long)
                Math.Round((seconds + track.Start - first.Start) * track.Scale)
                + first.MediaTime
                - track.MediaTime;
            if (track.Samples > 0)
            {
                Lengthen(due - Duration);
                Add(track.Durations.Span);
            }
            seconds += part.Seconds;
        }
    }

    /// <summary>Runs of equal durations.</summary>
    public List<(uint Count, uint Value)> Runs { get; } = [];

    /// <summary>The sum of all durations.</summary>
    public long Duration { get; private set; }

    private void Lengthen(long by)
    {
        if (by <= 0 || Runs.Count == 0)
        {
            return;
        }
        var (count, value) = Runs[^1];
        Runs.RemoveAt(Runs.Count - 1);
        if (count > 1)
        {
            Runs.Add((count - 1, value));
        }
        Runs.Add((1, checked((uint)(value + by))));
        Duration += by;
    }

    private void Add(ReadOnlySpan<byte> runs)
    {
        for (; runs.Length >= 8; runs = runs[8..])
        {
            var (count, value) = (
                BinaryPrimitives.ReadUInt32BigEndian(runs),
                BinaryPrimitives.ReadUInt32BigEndian(runs[4..])
            );
            Runs.Add((count, value));
            Duration += (long)count * value;
        }
    }
}
