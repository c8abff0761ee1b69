using Microsoft.Win32.SafeHandles;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Files.Mp4;

/// <summary>
/// Writes an MP4 in fragments, each with what has come of either track. The picture's track takes room that was kept in the index at the front, so
/// that sound need not wait for a picture. <see cref="Mp4Finaliser"/> makes the file progressive afterwards.
/// </summary>
internal sealed class FragmentWriter : IRecordWriter
{
    // A picture's length is known with the next one only; one that is the last for a while is written with the least there is, and the time of the
    // next fragment tells that it was shown for longer.
    private const long Least = RecordFrame.SmallestStep;
    private const long LongestLast = 1_000_000_000;

    private readonly SafeFileHandle file;
    private readonly MovieHead head;
    private readonly Mp4Writer writer = new();
    private long position;
    private RecordFrame? held;
    private long between;
    private uint sequence;

    /// <summary>Takes over an empty file.</summary>
    /// <param name="file">The file, to be written from its start.</param>
    /// <param name="hasSound">Whether sound is expected.</param>
    /// <param name="at">When the file is made.</param>
    public FragmentWriter(SafeFileHandle file, bool hasSound, DateTimeOffset at)
    {
        this.file = file;
        head = MovieHead.Of(hasSound, at);
    }

    /// <inheritdoc/>
    public void Describe(RecordPicture picture)
    {
        const int boxHead = 8;
        WriteHead();
        byte[] track = head.TrackOf(picture);
        RandomAccess.Write(file, track.AsSpan(boxHead), head.Picture + boxHead);
        RandomAccess.Write(file, track.AsSpan(0, boxHead), head.Picture);
    }

    /// <inheritdoc/>
    public bool Write(IReadOnlyList<RecordFrame> frames)
    {
        List<Sample> pictures = [];
        List<RecordFrame> sound = [];
        RecordFrame? earlier = held;
        foreach (RecordFrame frame in frames)
        {
            if (frame.Track == EncodedTrack.Audio)
            {
                sound.Add(frame);
                continue;
            }

            if (held is not null)
            {
                between = frame.Decoded - held.Decoded;
                pictures.Add(new Sample(held, frame.Decoded));
            }

            held = frame;
        }

        if (held is not null && ReferenceEquals(held, earlier))
        {
            pictures.Add(new Sample(held, held.Decoded + Least));
            held = null;
        }

        return WriteFragment(pictures, [.. sound.Select(Sounding)]);
    }

    /// <inheritdoc/>
    public FileSummary? Finish()
    {
        if (held is not null)
        {
            _ = WriteFragment([new Sample(held, held.Decoded + Math.Clamp(between, Least, LongestLast))], []);
            held = null;
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static Sample Sounding(RecordFrame piece) => new(piece, piece.Time + piece.Duration);

    private void WriteHead()
    {
        if (position == 0)
        {
            RandomAccess.Write(file, head.Bytes, 0);
            position = head.Bytes.Length;
        }
    }

    private bool WriteFragment(List<Sample> pictures, List<Sample> sound)
    {
        if (pictures.Count + sound.Count == 0)
        {
            return false;
        }

        WriteHead();
        sequence++;
        WriteIndex(pictures, sound, 0);
        WriteIndex(pictures, sound, writer.Length);
        writer.Box("mdat", () =>
        {
            foreach (Sample sample in pictures.Concat(sound))
            {
                writer.Bytes(sample.Frame.Content.Span);
            }
        });
        RandomAccess.Write(file, writer.Written, position);
        position += writer.Length;
        return true;
    }

    // Where the samples are depends on the index's own length, which does not depend on where they are.
    private void WriteIndex(List<Sample> pictures, List<Sample> sound, int length)
    {
        const int boxHead = 8;
        writer.Clear();
        writer.Box("moof", () =>
        {
            writer.Box("mfhd", () =>
            {
                writer.UInt32(0);
                writer.UInt32(sequence);
            });
            WriteTrack(MovieHead.PictureTrack, MovieHead.PictureTimescale, pictures, length + boxHead);
            WriteTrack(MovieHead.SoundTrack, RtpLegSettings.OpusClockRate, sound, length + boxHead + pictures.Sum(sample => sample.Frame.Content.Length));
        });
    }

    private void WriteTrack(uint track, int timescale, List<Sample> samples, int offset)
    {
        // ISO/IEC 14496-12, 8.8: positions count from the fragment's start; each sample has its length in time, its bytes, flags and composition offset.
        const uint baseIsFragment = 0x020000, run = 0x01000F01, wide = 1 << 24;
        if (samples.Count == 0)
        {
            return;
        }

        writer.Box("traf", () =>
        {
            writer.Box("tfhd", () =>
            {
                writer.UInt32(baseIsFragment);
                writer.UInt32(track);
            });
            writer.Box("tfdt", () =>
            {
                writer.UInt32(wide);
                writer.UInt64((ulong)Ticks(samples[0].Frame.Decoded, timescale));
            });
            writer.Box("trun", () =>
            {
                writer.UInt32(run);
                writer.UInt32((uint)samples.Count);
                writer.UInt32((uint)offset);
                for (int i = 0; i < samples.Count; i++)
                {
                    WriteSample(samples[i], i + 1 < samples.Count ? samples[i + 1].Frame.Decoded : samples[i].End, timescale);
                }
            });
        });
    }

    private void WriteSample(Sample sample, long end, int timescale)
    {
        const uint decodedAlone = 0x02000000, decodedWithOthers = 0x01010000;
        long decoded = Ticks(sample.Frame.Decoded, timescale);
        writer.UInt32((uint)(Ticks(end, timescale) - decoded));
        writer.UInt32((uint)sample.Frame.Content.Length);
        writer.UInt32(sample.Frame.IsKey ? decodedAlone : decodedWithOthers);
        writer.UInt32((uint)(int)(Ticks(sample.Frame.Time, timescale) - decoded));
    }

    private static long Ticks(long nanoseconds, int timescale) => (long)Math.Round(nanoseconds * (timescale / 1e9));

    /// <summary>A frame, and where on the timeline it ends unless the next one of its fragment begins there.</summary>
    private sealed record Sample(RecordFrame Frame, long End);
}
