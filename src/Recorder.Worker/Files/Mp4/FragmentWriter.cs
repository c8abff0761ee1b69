using Microsoft.Win32.SafeHandles;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;

namespace Recorder.Worker.Files.Mp4;

/// <summary>
/// Writes an MP4 in fragments. Each fragment has the frames that have come of either track. The picture's track takes
/// room that was kept in the index at the front, so that sound need not wait for a picture. <see cref="Mp4Finaliser"/>
/// makes the file progressive afterwards.
/// </summary>
internal sealed class FragmentWriter : IRecordWriter
{
    // A picture's length is only known with the next picture. A picture that stays the last for a while is written with
    // the least length. The time of the next fragment then tells that the picture was shown for longer.
    private const long Least = RecordFrame.SmallestStep;
    private const long LongestLast = 1_000_000_000;

    private readonly SafeFileHandle _file;
    private readonly MovieHead _head;
    private readonly Mp4Writer _writer = new();
    private long _position;
    private RecordFrame? _held;
    private long _between;
    private uint _sequence;

    /// <summary>Takes ownership of an empty file.</summary>
    /// <param name="file">The file, to be written from its start.</param>
    /// <param name="hasSound">Whether sound is expected.</param>
    /// <param name="at">When the file is made.</param>
    public FragmentWriter(SafeFileHandle file, bool hasSound, DateTimeOffset at)
    {
        this._file = file;
        _head = MovieHead.Of(hasSound, at);
    }

    /// <inheritdoc/>
    public void Describe(RecordPicture picture)
    {
        const int boxHead = 8;
        WriteHead();
        var track = _head.TrackOf(picture);
        RandomAccess.Write(_file, track.AsSpan(boxHead), _head.Picture + boxHead);
        RandomAccess.Write(_file, track.AsSpan(0, boxHead), _head.Picture);
    }

    /// <inheritdoc/>
    public bool Write(IReadOnlyList<RecordFrame> frames)
    {
        List<Sample> pictures = [];
        List<RecordFrame> sound = [];
        var earlier = _held;
        foreach (var frame in frames)
        {
            if (frame.Track == EncodedTrack.Audio)
            {
                sound.Add(frame);
                continue;
            }

            if (_held is not null)
            {
                _between = frame.Decoded - _held.Decoded;
                pictures.Add(new Sample(_held, frame.Decoded));
            }

            _held = frame;
        }

        if (_held is not null && ReferenceEquals(_held, earlier))
        {
            pictures.Add(new Sample(_held, _held.Decoded + Least));
            _held = null;
        }

        return WriteFragment(pictures, [.. sound.Select(Sounding)]);
    }

    /// <inheritdoc/>
    public FileSummary? Finish()
    {
        if (_held is not null)
        {
            _ = WriteFragment([new Sample(_held, _held.Decoded + Math.Clamp(_between, Least, LongestLast))], []);
            _held = null;
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static Sample Sounding(RecordFrame piece) => new(piece, piece.Time + piece.Duration);

    private void WriteHead()
    {
        if (_position == 0)
        {
            RandomAccess.Write(_file, _head.Bytes, 0);
            _position = _head.Bytes.Length;
        }
    }

    private bool WriteFragment(List<Sample> pictures, List<Sample> sound)
    {
        if (pictures.Count + sound.Count == 0)
        {
            return false;
        }

        WriteHead();
        _sequence++;
        WriteIndex(pictures, sound, 0);
        WriteIndex(pictures, sound, _writer.Length);
        _writer.Box(
            "mdat",
            () =>
            {
                foreach (var sample in pictures.Concat(sound))
                {
                    _writer.Bytes(sample.Frame.Content.Span);
                }
            }
        );
        RandomAccess.Write(_file, _writer.Written, _position);
        _position += _writer.Length;
        return true;
    }

    // The samples' positions depend on the index's own length, which does not depend on those positions.
    private void WriteIndex(List<Sample> pictures, List<Sample> sound, int length)
    {
        const int boxHead = 8;
        _writer.Clear();
        _writer.Box(
            "moof",
            () =>
            {
                _writer.Box(
                    "mfhd",
                    () =>
                    {
                        _writer.UInt32(0);
                        _writer.UInt32(_sequence);
                    }
                );
                WriteTrack(MovieHead.PictureTrack, MovieHead.PictureTimescale, pictures, length + boxHead);
                WriteTrack(
                    MovieHead.SoundTrack,
                    RtpLegSettings.OpusClockRate,
                    sound,
                    length + boxHead + pictures.Sum(sample => sample.Frame.Content.Length)
                );
            }
        );
    }

    private void WriteTrack(uint track, int timescale, List<Sample> samples, int offset)
    {
        // ISO/IEC 14496-12, 8.8: positions count from the fragment's start. Each sample has its duration, its size in
        // bytes, flags and composition offset.
        const uint baseIsFragment = 0x020000,
            run = 0x01000F01,
            wide = 1 << 24;
        if (samples.Count == 0)
        {
            return;
        }

        _writer.Box(
            "traf",
            () =>
            {
                _writer.Box(
                    "tfhd",
                    () =>
                    {
                        _writer.UInt32(baseIsFragment);
                        _writer.UInt32(track);
                    }
                );
                _writer.Box(
                    "tfdt",
                    () =>
                    {
                        _writer.UInt32(wide);
                        _writer.UInt64((ulong)Ticks(samples[0].Frame.Decoded, timescale));
                    }
                );
                _writer.Box(
                    "trun",
                    () =>
                    {
                        _writer.UInt32(run);
                        _writer.UInt32((uint)samples.Count);
                        _writer.UInt32((uint)offset);
                        for (var i = 0; i < samples.Count; i++)
                        {
                            WriteSample(
                                samples[i],
                                i + 1 < samples.Count ? samples[i + 1].Frame.Decoded : samples[i].End,
                                timescale
                            );
                        }
                    }
                );
            }
        );
    }

    private void WriteSample(Sample sample, long end, int timescale)
    {
        const uint decodedAlone = 0x02000000,
            decodedWithOthers = 0x01010000;
        var decoded = Ticks(sample.Frame.Decoded, timescale);
        _writer.UInt32((uint)(Ticks(end, timescale) - decoded));
        _writer.UInt32((uint)sample.Frame.Content.Length);
        _writer.UInt32(sample.Frame.IsKey ? decodedAlone : decodedWithOthers);
        _writer.UInt32((uint)(int)(Ticks(sample.Frame.Time, timescale) - decoded));
    }

    private static long Ticks(long nanoseconds, int timescale) => (long)Math.Round(nanoseconds * (timescale / 1e9));

    /// <summary>A frame, and its end on the timeline unless the next frame of its fragment begins there.</summary>
    private sealed record Sample(RecordFrame Frame, long End);
}
