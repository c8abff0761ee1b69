using System.Buffers.Binary;
using System.Text;
using Recorder.Worker.Files.Mp4;

namespace Recorder.Worker.Files.Joining;

/// <summary>The index of a progressive MP4, and where its media data are.</summary>
internal sealed class MovieIndex
{
    private const int AtOnce = 256 << 10;

    // A finalised record has three or four. Each costs a question to the node that holds the record.
    private const int MostBoxes = 64;

    private MovieIndex(ReadOnlyMemory<byte> movie) => Movie = movie;

    /// <summary>The content of the <c>moov</c> box.</summary>
    public ReadOnlyMemory<byte> Movie { get; }

    /// <summary>Position of the first byte of media data.</summary>
    public long MediaFrom { get; private set; }

    /// <summary>Number of bytes of media data.</summary>
    public long MediaLength { get; private set; }

    /// <summary>The playing time in seconds.</summary>
    public double Seconds { get; private set; }

    /// <summary>The tracks, in the order of the index.</summary>
    public IReadOnlyList<MovieIndexTrack> Tracks { get; private set; } = [];

    /// <summary>Reads the index of a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="most">The most bytes that the index may take.</param>
    /// <exception cref="NotJoinableException">The file has no index that can be joined.</exception>
    public static async Task<MovieIndex> ReadAsync(JoinedRecord record, long most)
    {
        ReadOnlyMemory<byte> movie = default;
        var media = new List<Mp4Box>();
        var boxes = 0;
        for (long at = 0; at < record.Length;)
        {
            if (++boxes > MostBoxes)
            {
                throw new NotJoinableException($"{record.Name} has more than {MostBoxes} parts.");
            }
            var head = await record.Read(at, Mp4Box.LongestHeader);
            if (!Mp4Box.TryRead(head.Span, at, out var box) || box.End > record.Length)
            {
                throw new NotJoinableException($"{record.Name} is no whole MP4.");
            }
            if (box.Type == Mp4Box.Code("moov"))
            {
                movie = await LoadAsync(record, box, most);
            }
            else if (box.Type == Mp4Box.Code("moof"))
            {
                // The fragments of a day are not walked, since each would be asked for.
                throw InFragments(record);
            }
            else if (box.Type == Mp4Box.Code("mdat"))
            {
                media.Add(box);
            }
            at = box.End;
        }
        if (movie.IsEmpty || !Mp4Box.Find(movie, "mvex").IsEmpty || media is not [var data])
        {
            throw InFragments(record);
        }
        var index = new MovieIndex(movie) { MediaFrom = data.Content, MediaLength = data.End - data.Content };
        index.Parse();
        return index;
    }

    private static NotJoinableException InFragments(JoinedRecord record) =>
        new($"{record.Name} was left in fragments, since its disk had no room for an index.");

    private static async Task<ReadOnlyMemory<byte>> LoadAsync(JoinedRecord record, Mp4Box box, long most)
    {
        if (box.End - box.Content > most)
        {
            throw new NotJoinableException(
                $"{record.Name} is too long to be joined; the indexes of the records take more than {MovieJoin.MostIndexBytes >> 20} MB together."
            );
        }
        var content = new byte[box.End - box.Content];
        for (var got = 0; got < content.Length;)
        {
            var part = await record.Read(box.Content + got, Math.Min(AtOnce, content.Length - got));
            if (part.IsEmpty)
            {
                throw new NotJoinableException($"{record.Name} became shorter while it was read.");
            }
            part.CopyTo(content.AsMemory(got));
            got += part.Length;
        }
        return content;
    }

    private void Parse()
    {
        var header = Mp4Box.Find(Movie, "mvhd").Span;
        var (scale, duration) = Times(header);
        Seconds = (double)duration / scale;
        var code = Mp4Box.Code("trak");
        Tracks =
        [
            .. Mp4Box
                .Children(Movie)
                .Where(box => box.Type == code)
                .Select(box => MovieIndexTrack.Parse(Movie[(int)box.Content..(int)box.End], scale)),
        ];
    }

    /// <summary>Units a second, and the duration, of the content of a <c>mvhd</c> or <c>mdhd</c> box.</summary>
    public static (uint Scale, long Duration) Times(ReadOnlySpan<byte> content) =>
        content[0] == 1
            ? (
                BinaryPrimitives.ReadUInt32BigEndian(content[20..]),
                BinaryPrimitives.ReadInt64BigEndian(content[24..])
            )
            : (
                BinaryPrimitives.ReadUInt32BigEndian(content[12..]),
                BinaryPrimitives.ReadUInt32BigEndian(content[16..])
            );
}

/// <summary>A track of a progressive MP4. The tables are as in the file: numbers of 32 bits, big endian.</summary>
internal sealed record MovieIndexTrack
{
    /// <summary>The content of the track's <c>trak</c> box.</summary>
    public required ReadOnlyMemory<byte> Box { get; init; }

    /// <summary>The four letters of the track's kind, such as <c>vide</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Units a second.</summary>
    public required uint Scale { get; init; }

    /// <summary>When the track begins, in seconds from the movie's beginning.</summary>
    public required double Start { get; init; }

    /// <summary>The time of the media at which the track begins to be shown.</summary>
    public required long MediaTime { get; init; }

    /// <summary>The descriptions of samples, each a whole box.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Descriptions { get; init; }

    /// <summary>Runs of durations: count and value.</summary>
    public required ReadOnlyMemory<byte> Durations { get; init; }

    /// <summary>Runs of composition offsets: count and value; empty without such offsets.</summary>
    public required ReadOnlyMemory<byte> Compositions { get; init; }

    /// <summary>The version of the table of composition offsets. 1: offsets may be negative.</summary>
    public required byte CompositionVersion { get; init; }

    /// <summary>The numbers of samples that can be decoded alone; null: every sample.</summary>
    public required ReadOnlyMemory<byte>? SyncSamples { get; init; }

    /// <summary>The size of every sample; 0: see <see cref="Sizes"/>.</summary>
    public required uint EqualSize { get; init; }

    /// <summary>The size of each sample.</summary>
    public required ReadOnlyMemory<byte> Sizes { get; init; }

    /// <summary>Number of samples.</summary>
    public required uint Samples { get; init; }

    /// <summary>Runs of chunks: first chunk, samples in each, number of the description.</summary>
    public required ReadOnlyMemory<byte> ChunkRuns { get; init; }

    /// <summary>Positions of the chunks in the file.</summary>
    public required IReadOnlyList<long> Chunks { get; init; }

    /// <summary>Reads a track.</summary>
    /// <param name="track">The content of the <c>trak</c> box.</param>
    /// <param name="movieScale">The movie's units a second.</param>
    public static MovieIndexTrack Parse(ReadOnlyMemory<byte> track, uint movieScale)
    {
        var tables = Mp4Box.Find(track, "mdia", "minf", "stbl");
        var (start, mediaTime) = Edits(Mp4Box.Find(track, "edts", "elst").Span, movieScale);
        var sizes = Mp4Box.Find(tables, "stsz");
        var equal = BinaryPrimitives.ReadUInt32BigEndian(sizes.Span[4..]);
        var compositions = Mp4Box.Find(tables, "ctts");
        var sync = Mp4Box.Find(tables, "stss");
        var descriptions = Mp4Box.Find(tables, "stsd")[8..];
        return new MovieIndexTrack
        {
            Box = track,
            Kind = Encoding.ASCII.GetString(Mp4Box.Find(track, "mdia", "hdlr").Span[8..12]),
            Scale = MovieIndex.Times(Mp4Box.Find(track, "mdia", "mdhd").Span).Scale,
            Start = start,
            MediaTime = mediaTime,
            Descriptions =
            [
                .. Mp4Box.Children(descriptions).Select(box => descriptions[(int)box.Start..(int)box.End]),
            ],
            Durations = Entries(Mp4Box.Find(tables, "stts"), 8),
            Compositions = compositions.IsEmpty ? default : Entries(compositions, 8),
            CompositionVersion = compositions.IsEmpty ? (byte)0 : compositions.Span[0],
            SyncSamples = sync.IsEmpty ? null : Entries(sync, 4),
            EqualSize = equal,
            Samples = BinaryPrimitives.ReadUInt32BigEndian(sizes.Span[8..]),
            Sizes = equal == 0 ? sizes[12..] : default,
            ChunkRuns = Entries(Mp4Box.Find(tables, "stsc"), 12),
            Chunks = Positions(tables),
        };
    }

    private static ReadOnlyMemory<byte> Entries(ReadOnlyMemory<byte> table, int length) =>
        table.Slice(8, checked((int)BinaryPrimitives.ReadUInt32BigEndian(table.Span[4..]) * length));

    private static long[] Positions(ReadOnlyMemory<byte> tables)
    {
        var narrow = Mp4Box.Find(tables, "stco");
        var wide = narrow.IsEmpty;
        var entries = Entries(wide ? Mp4Box.Find(tables, "co64") : narrow, wide ? 8 : 4).Span;
        var positions = new long[entries.Length / (wide ? 8 : 4)];
        for (var i = 0; i < positions.Length; i++)
        {
            positions[i] = wide
                ? BinaryPrimitives.ReadInt64BigEndian(entries[(i * 8)..])
                : BinaryPrimitives.ReadUInt32BigEndian(entries[(i * 4)..]);
        }
        return positions;
    }

    // An empty edit at the front is the time before the track begins.
    private static (double Start, long MediaTime) Edits(ReadOnlySpan<byte> list, uint movieScale)
    {
        if (list.IsEmpty)
        {
            return (0, 0);
        }
        var wide = list[0] == 1;
        var length = wide ? 20 : 12;
        var start = 0.0;
        var count = BinaryPrimitives.ReadUInt32BigEndian(list[4..]);
        for (var i = 0; i < count; i++)
        {
            var edit = list.Slice(8 + (i * length), length);
            var time = wide
                ? BinaryPrimitives.ReadInt64BigEndian(edit[8..])
                : BinaryPrimitives.ReadInt32BigEndian(edit[4..]);
            if (time >= 0)
            {
                return (start, time);
            }
            start +=
                (double)(
                    wide
                        ? BinaryPrimitives.ReadInt64BigEndian(edit)
                        : BinaryPrimitives.ReadUInt32BigEndian(edit)
                ) / movieScale;
        }
        return (start, 0);
    }
}
