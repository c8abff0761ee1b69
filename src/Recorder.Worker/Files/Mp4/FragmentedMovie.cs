using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Recorder.Worker.Files.Mp4;

/// <summary>A run of equal values in a sample table.</summary>
internal readonly record struct Run<T>(int Count, T Value);

/// <summary>Samples that follow each other in the file.</summary>
/// <param name="Track">Index of the track in <see cref="FragmentedMovie.Tracks"/>.</param>
/// <param name="Offset">Position of the first byte.</param>
/// <param name="Length">Number of bytes.</param>
/// <param name="Samples">Number of samples.</param>
internal readonly record struct MovieChunk(int Track, long Offset, long Length, int Samples);

/// <summary>The samples of one track, gathered from all fragments.</summary>
internal sealed class MovieTrack(uint id, uint timescale, ReadOnlyMemory<byte> box, bool isVideo)
{
    private readonly List<Run<uint>> _durations = [];
    private readonly List<Run<int>> _compositionOffsets = [];
    private long _shownEnd;

    /// <summary>The track's number, track_ID.</summary>
    public uint Id { get; } = id;

    /// <summary>Units a second.</summary>
    public uint Timescale { get; } = timescale;

    /// <summary>The content of the track's <c>trak</c> box as the muxer wrote it at the start.</summary>
    public ReadOnlyMemory<byte> Box { get; } = box;

    /// <summary>Whether the track holds pictures, not sound.</summary>
    public bool IsVideo { get; } = isVideo;

    /// <summary>Decoding time of the first sample.</summary>
    public long Start { get; private set; }

    /// <summary>Sum of all durations, from the first sample's decoding time.</summary>
    public long Duration { get; private set; }

    /// <summary>The playing time, from the first shown picture. Longer than <see cref="Duration"/> where later pictures
    /// are decoded further ahead.</summary>
    public long PlayingTime => Math.Max(Duration, _shownEnd - FirstComposition);

    /// <summary>Composition offset of the first sample; 0 before the first sample.</summary>
    public int FirstComposition => _compositionOffsets.Count > 0 ? _compositionOffsets[0].Value : 0;

    /// <summary>Size of each sample in bytes.</summary>
    public List<uint> Sizes { get; } = [];

    /// <summary>Numbers, from 1, of the samples that can be decoded alone.</summary>
    public List<uint> SyncSamples { get; } = [];

    /// <summary>Decoding durations, run by run.</summary>
    public IReadOnlyList<Run<uint>> Durations => _durations;

    /// <summary>Composition offsets, run by run.</summary>
    public IReadOnlyList<Run<int>> CompositionOffsets => _compositionOffsets;

    /// <summary>Begins a fragment at this decoding time. A hole before the fragment is added to the duration of the
    /// sample before the hole.</summary>
    public void BeginFragment(long decodeTime)
    {
        if (Sizes.Count == 0)
        {
            Start = decodeTime;
        }
        else if (decodeTime > Start + Duration)
        {
            var hole = (uint)(decodeTime - Start - Duration);
            var last = _durations[^1];
            _durations.RemoveAt(_durations.Count - 1);
            if (last.Count > 1)
            {
                _durations.Add(last with { Count = last.Count - 1 });
            }

            Append(_durations, last.Value + hole);
            Duration += hole;
        }
    }

    /// <summary>Adds the next sample.</summary>
    public void Add(uint size, uint duration, bool sync, int compositionOffset)
    {
        Sizes.Add(size);
        Duration += duration;
        _shownEnd = Math.Max(_shownEnd, Duration + compositionOffset);
        Append(_durations, duration);
        Append(_compositionOffsets, compositionOffset);
        if (sync)
        {
            SyncSamples.Add((uint)Sizes.Count);
        }
    }

    private static void Append<T>(List<Run<T>> runs, T value)
    {
        if (runs.Count > 0 && EqualityComparer<T>.Default.Equals(runs[^1].Value, value))
        {
            runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
        }
        else
        {
            runs.Add(new Run<T>(1, value));
        }
    }
}

/// <summary>The content of a fragmented MP4, up to the last whole fragment.</summary>
internal sealed class FragmentedMovie
{
    private FragmentedMovie(ReadOnlyMemory<byte> movie) => Movie = movie;

    /// <summary>The content of the <c>moov</c> box at the start.</summary>
    public ReadOnlyMemory<byte> Movie { get; }

    /// <summary>The tracks, in the order of the <c>moov</c> box.</summary>
    public List<MovieTrack> Tracks { get; } = [];

    /// <summary>The media data, in the order of the file.</summary>
    public List<MovieChunk> Chunks { get; } = [];

    /// <summary>Position after the last whole fragment.</summary>
    public long WholeLength { get; private set; }

    /// <summary>Number of bytes of media data.</summary>
    public long MediaLength => Chunks.Sum(chunk => chunk.Length);

    /// <summary>Length of the longest track in seconds.</summary>
    public double Seconds =>
        Tracks.Count == 0 ? 0 : Tracks.Max(track => (double)(track.Start + track.PlayingTime) / track.Timescale);

    /// <summary>Whether the file holds a whole picture or a whole piece of sound.</summary>
    public bool HoldsMedia => Chunks.Count > 0;

    /// <summary>Number of pictures.</summary>
    public long Frames => Tracks.Where(track => track.IsVideo).Sum(track => (long)track.Sizes.Count);

    /// <summary>Reads all heads of the file; null when the file does not begin with a <c>moov</c> box that announces
    /// fragments.</summary>
    public static FragmentedMovie? Read(SafeFileHandle file)
    {
        FragmentedMovie? movie = null;
        ReadOnlyMemory<byte> fragment = default;
        long fragmentStart = 0;
        Span<byte> head = stackalloc byte[Mp4Box.LongestHeader];
        var length = RandomAccess.GetLength(file);
        for (
            long at = 0;
            Mp4Box.TryRead(head[..RandomAccess.Read(file, head, at)], at, out var box) && box.End <= length;
            at = box.End
        )
        {
            if (box.Type == Mp4Box.Code("moov"))
            {
                movie = Parse(Load(file, box));
                if (movie is null)
                {
                    return null;
                }
            }
            else if (box.Type == Mp4Box.Code("moof"))
            {
                (fragment, fragmentStart) = (Load(file, box), box.Start);
            }
            else if (box.Type == Mp4Box.Code("mdat") && movie is not null && !fragment.IsEmpty)
            {
                movie.AddFragment(fragment, fragmentStart, box);
                fragment = default;
                movie.WholeLength = box.End;
            }
        }

        return movie;
    }

    /// <summary>Reads the content of a box.</summary>
    public static byte[] Load(SafeFileHandle file, Mp4Box box)
    {
        var content = new byte[checked((int)(box.Length - box.HeaderLength))];
        var got = 0;
        while (got < content.Length)
        {
            var count = RandomAccess.Read(file, content.AsSpan(got), box.Content + got);
            if (count == 0)
            {
                throw new EndOfStreamException("The file became shorter while it was read.");
            }

            got += count;
        }

        return content;
    }

    private static FragmentedMovie? Parse(ReadOnlyMemory<byte> content)
    {
        if (Mp4Box.Find(content, "mvex").IsEmpty)
        {
            return null;
        }

        FragmentedMovie movie = new(content);
        var code = Mp4Box.Code("trak");
        foreach (var box in Mp4Box.Children(content).Where(box => box.Type == code))
        {
            var track = content[(int)box.Content..(int)box.End];
            var header = Mp4Box.Find(track, "tkhd").Span;
            var media = Mp4Box.Find(track, "mdia", "mdhd").Span;
            var handler = Mp4Box.Find(track, "mdia", "hdlr").Span;
            var id = BinaryPrimitives.ReadUInt32BigEndian(header[(header[0] == 1 ? 20 : 12)..]);
            var timescale = BinaryPrimitives.ReadUInt32BigEndian(media[(media[0] == 1 ? 20 : 12)..]);
            movie.Tracks.Add(new MovieTrack(id, timescale, track, handler[8..12].SequenceEqual("vide"u8)));
        }

        return movie;
    }

    private void AddFragment(ReadOnlyMemory<byte> fragment, long fragmentStart, Mp4Box data)
    {
        var code = Mp4Box.Code("traf");
        foreach (var box in Mp4Box.Children(fragment).Where(box => box.Type == code))
        {
            AddTrackFragment(fragment[(int)box.Content..(int)box.End], fragmentStart, data);
        }
    }

    private void AddTrackFragment(ReadOnlyMemory<byte> content, long fragmentStart, Mp4Box data)
    {
        var header = TrackFragmentHeader.Parse(Mp4Box.Find(content, "tfhd").Span, fragmentStart);
        var index = Tracks.FindIndex(track => track.Id == header.TrackId);
        if (index < 0)
        {
            return;
        }

        var track = Tracks[index];
        var time = Mp4Box.Find(content, "tfdt").Span;
        track.BeginFragment(
            time.IsEmpty ? track.Start + track.Duration
            : time[0] == 1 ? BinaryPrimitives.ReadInt64BigEndian(time[4..])
            : BinaryPrimitives.ReadUInt32BigEndian(time[4..])
        );
        var position = data.Content;
        var code = Mp4Box.Code("trun");
        foreach (var box in Mp4Box.Children(content).Where(box => box.Type == code))
        {
            position = AddRun(content[(int)box.Content..(int)box.End].Span, header, index, position);
        }
    }

    private long AddRun(ReadOnlySpan<byte> run, TrackFragmentHeader header, int index, long position)
    {
        const uint hasOffset = 0x1,
            hasFirstFlags = 0x4,
            hasDuration = 0x100,
            hasSize = 0x200,
            hasFlags = 0x400,
            hasComposition = 0x800;
        var flags = BinaryPrimitives.ReadUInt32BigEndian(run) & 0xFFFFFF;
        var samples = BinaryPrimitives.ReadInt32BigEndian(run[4..]);
        FieldReader fields = new(run[8..]);
        if ((flags & hasOffset) != 0)
        {
            position = header.BaseOffset + (int)fields.Next();
        }

        uint? firstFlags = (flags & hasFirstFlags) != 0 ? fields.Next() : null;
        var track = Tracks[index];
        long length = 0;
        for (var i = 0; i < samples; i++)
        {
            var duration = (flags & hasDuration) != 0 ? fields.Next() : header.Duration;
            var size = (flags & hasSize) != 0 ? fields.Next() : header.Size;
            var sampleFlags =
                (flags & hasFlags) != 0 ? fields.Next()
                : i == 0 && firstFlags is { } first ? first
                : header.Flags;
            var composition = (flags & hasComposition) != 0 ? (int)fields.Next() : 0;
            const uint isNonSync = 0x10000;
            track.Add(size, duration, (sampleFlags & isNonSync) == 0, composition);
            length += size;
        }

        Chunks.Add(new MovieChunk(index, position, length, samples));
        return position + length;
    }

    private readonly record struct TrackFragmentHeader(
        uint TrackId,
        long BaseOffset,
        uint Duration,
        uint Size,
        uint Flags
    )
    {
        public static TrackFragmentHeader Parse(ReadOnlySpan<byte> content, long fragmentStart)
        {
            const uint hasBase = 0x1,
                hasDescription = 0x2,
                hasDuration = 0x8,
                hasSize = 0x10,
                hasFlags = 0x20;
            var flags = BinaryPrimitives.ReadUInt32BigEndian(content) & 0xFFFFFF;
            FieldReader fields = new(content[4..]);
            var track = fields.Next();
            var offset = (flags & hasBase) != 0 ? ((long)fields.Next() << 32) | fields.Next() : fragmentStart;
            if ((flags & hasDescription) != 0)
            {
                fields.Next();
            }

            return new TrackFragmentHeader(
                track,
                offset,
                (flags & hasDuration) != 0 ? fields.Next() : 0,
                (flags & hasSize) != 0 ? fields.Next() : 0,
                (flags & hasFlags) != 0 ? fields.Next() : 0
            );
        }
    }

    private ref struct FieldReader(ReadOnlySpan<byte> content)
    {
        private ReadOnlySpan<byte> _rest = content;

        public uint Next()
        {
            var value = BinaryPrimitives.ReadUInt32BigEndian(_rest);
            _rest = _rest[4..];
            return value;
        }
    }
}
