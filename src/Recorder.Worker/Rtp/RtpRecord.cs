using Recorder.Worker.Files;
using Recorder.Worker.Files.Matroska;
using Recorder.Worker.Files.Mp4;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Rtp;

/// <summary>
/// The record of received media. Frames are placed on the record's own timeline, and a thread of the record's own
/// writes them unchanged. The record is separate from the reception, so that no sender's end, restart or invalid data
/// reaches the file. Neither picture nor sound waits for the other.
/// </summary>
internal sealed class RtpRecord : IRtpFrames, IDisposable
{
    private const long SoundPiece = 20_000_000;

    // 20 ms of silence in stereo (RFC 6716: the CELT configuration with the shortest possible frame).
    private static readonly ReadOnlyMemory<byte> Silence = new byte[] { 0xFC, 0xFF, 0xFE };

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(Muxer.FragmentMilliseconds);

    private readonly IRecordWriter _writer;
    private readonly PictureCodec _codec;
    private readonly bool _hasSound;
    private readonly Action _began;
    private readonly Action<Exception> _failed;
    private readonly Action<int> _tooLong;
    private readonly TimeProvider _time;
    private readonly ManualResetEventSlim _ending = new();
    private readonly TaskCompletionSource<FileSummary?> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _guard = new();
    private RtpOpening? _opening = RtpOpening.Empty;
    private RtpTimeline _timeline = RtpTimeline.Empty;
    private DecodingTimes _decoding = DecodingTimes.Empty;
    private Interleaving _waiting;
    private SoundGap _soundGap;
    private RecordPicture? _toDescribe;
    private bool _isDescribed;
    private DateTimeOffset _opensAt;
    private DateTimeOffset? _beganAt;
    private bool _hasFormat;
    private bool _leftOutTold;
    private long _written;
    private long _frames;
    private bool _ended;

    /// <summary>Opens the file, which exists and is empty.</summary>
    /// <param name="settings">What to write, and where.</param>
    /// <param name="began">Called once on the writing thread when <see cref="BeganAt"/> is known.</param>
    /// <param name="failed">Called once on the writing thread when the file can no longer be written.</param>
    /// <param name="tooLong">Called once when pictures are left out because the file has no room for their parameter
    /// sets. Gets the length of the parameter sets in bytes; must not call back.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be opened.</exception>
    public RtpRecord(
        WorkerCommand.ReceiveRtp settings,
        Action began,
        Action<Exception> failed,
        Action<int> tooLong,
        TimeProvider time
    )
    {
        _codec = settings.Codec;
        _hasSound = settings.Audio is not null;
        _waiting = _hasSound ? Interleaving.Both : Interleaving.PicturesOnly;
        this._began = began;
        this._failed = failed;
        this._tooLong = tooLong;
        this._time = time;
        var file = File.OpenHandle(
            settings.Path,
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        var now = time.GetUtcNow();
        _writer =
            settings.Container == FileContainer.Mp4
                ? new FragmentWriter(file, _hasSound, now)
                : new MatroskaWriter(file, settings.Container, _hasSound, now);
    }

    /// <summary>Number of pictures received for the record.</summary>
    public long Frames => Interlocked.Read(ref _frames);

    /// <summary>When the record began; null before the first frame, picture or sound, is in the file.</summary>
    public DateTimeOffset? BeganAt
    {
        get
        {
            lock (_guard)
            {
                return _beganAt;
            }
        }
    }

    /// <summary>The length of the record so far, in seconds; 0 before the record begins.</summary>
    public double Duration
    {
        get
        {
            lock (_guard)
            {
                return Reached / 1e9;
            }
        }
    }

    /// <summary>The length of the part of the record that waits to be written.</summary>
    public TimeSpan Waiting
    {
        get
        {
            lock (_guard)
            {
                return TimeSpan.FromSeconds(Math.Max(0, Reached - Interlocked.Read(ref _written)) / 1e9);
            }
        }
    }

    private long Reached => Math.Max(0, Math.Max(_timeline.Last, _timeline.LastSound));

    /// <summary>Starts the thread that writes the frames.</summary>
    public void Start() =>
        _ = Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc/>
    public void Picture(int source, Buffer buffer, Pad pad)
    {
        if (buffer.Pts == Buffer.ClockTimeNone)
        {
            return;
        }

        var isKey = !buffer.IsDeltaUnit;
        RtpFrame frame = new(EncodedTrack.Video, source, (long)buffer.Pts, 0, isKey, buffer.ToArray());
        lock (_guard)
        {
            // A sender may begin to have B-frames at any key frame.
            if (isKey)
            {
                using var caps = pad.GetCurrentCaps();
                if (caps is null)
                {
                    return;
                }

                RecordPicture format = new(
                    _codec,
                    caps.Number("width") ?? 0,
                    caps.Number("height") ?? 0,
                    caps.Bytes("codec_data")
                );
                if (!_hasFormat && format.Configuration.Length > RecordPicture.MostConfiguration)
                {
                    TellTooLong(format.Configuration.Length);
                    return;
                }

                frame = frame with { Format = format, Reorders = _codec == PictureCodec.H264 && !IsBaseline(caps) };
                _hasFormat = true;
            }

            Take(frame);
        }
    }

    /// <inheritdoc/>
    public void Sound(Buffer buffer)
    {
        if (!_hasSound || buffer.Pts == Buffer.ClockTimeNone)
        {
            return;
        }

        var length = buffer.Duration is 0 or Buffer.ClockTimeNone ? SoundPiece : (long)buffer.Duration;
        RtpFrame frame = new(EncodedTrack.Audio, 0, (long)buffer.Pts, length, IsKey: true, buffer.ToArray());
        lock (_guard)
        {
            Take(frame);
        }
    }

    /// <summary>Ends the file, and takes no more frames.</summary>
    /// <returns>
    /// Null: nothing was received that a record can begin with. Otherwise a task that gives the content of the final
    /// file, or null when the file has still to be finalised. The task fails with the error of the file.
    /// </returns>
    public Task<FileSummary?>? End()
    {
        lock (_guard)
        {
            var any = _opening?.HasBegun ?? true;
            if (any && !_ended)
            {
                Open();
                if (_hasSound)
                {
                    FillSilenceTo(_timeline.Last);
                }
            }

            _ended = true;
            _ending.Set();
            return any ? _end.Task : null;
        }
    }

    /// <summary>Closes the file after the current write.</summary>
    public void Dispose()
    {
        lock (_guard)
        {
            _ended = true;
            _ending.Set();
        }

        _ = _end.Task.ContinueWith(
            _ =>
            {
                _writer.Dispose();
                _ending.Dispose();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    // The baseline profiles have no B-frames.
    private static bool IsBaseline(Caps caps)
    {
        using var baseline = Caps.FromString("video/x-h264,profile=(string){ constrained-baseline, baseline }");
        return caps.CanIntersect(baseline);
    }

    private void TellTooLong(int bytes)
    {
        if (!_leftOutTold)
        {
            _leftOutTold = true;
            _tooLong(bytes);
        }
    }

    private void Take(RtpFrame frame)
    {
        if (_ended)
        {
            return;
        }

        if (_opening is null)
        {
            Place(frame);
            return;
        }

        var now = _time.GetUtcNow();
        _opening = _opening.Put(frame, now);
        if (_opening.IsOver(_hasSound, now))
        {
            Open();
        }
    }

    private void Open()
    {
        if (_opening is { } earlier)
        {
            _opening = null;
            _opensAt = earlier.BeganAt;
            earlier.Frames().ForEach(Place);
        }
    }

    private void Place(RtpFrame frame)
    {
        if (frame.Track == EncodedTrack.Video)
        {
            PlacePicture(frame);
        }
        else
        {
            PlaceSound(frame);
        }
    }

    private void PlacePicture(RtpFrame frame)
    {
        (_timeline, var placed) = _timeline.Picture(new ReceivedFrame(frame.Source, frame.Time, frame.IsKey));
        if (placed is not { } shown)
        {
            return;
        }

        if (frame.Format is { } format)
        {
            _timeline = _timeline with { Reorders = frame.Reorders };
            _decoding = frame.Reorders ? _decoding.Reordering() : _decoding;

            // Later changes, such as the size, are written in the pictures themselves. The track describes the format
            // at its beginning.
            if (!_isDescribed)
            {
                (_isDescribed, _toDescribe) = (true, format);
            }
        }

        (_decoding, var decoded) = _decoding.Picture(shown);
        _waiting = _waiting.Put(new RecordFrame(EncodedTrack.Video, shown, decoded, 0, frame.IsKey, frame.Content));
        _frames++;
    }

    private void PlaceSound(RtpFrame frame)
    {
        (var next, var placed) = _timeline.Sound(frame.Time, frame.Length);
        if (placed is { } start)
        {
            FillSilenceTo(start);
            _timeline = next;
            PutSound(frame.Content, start, frame.Length);
        }
    }

    private void FillSilenceTo(long until)
    {
        for (var start = _timeline.LastSound; start + SoundPiece <= until; start += SoundPiece)
        {
            PutSound(Silence, start, SoundPiece);
            _timeline = _timeline with { LastSound = start + SoundPiece };
        }
    }

    private void PutSound(ReadOnlyMemory<byte> content, long start, long length) =>
        _waiting = _waiting.Put(new RecordFrame(EncodedTrack.Audio, start, start, length, IsKey: true, content));

    private void Work()
    {
        try
        {
            bool last;
            do
            {
                last = _ending.Wait(Turn);
                WriteTurn(last);
            } while (!last);
            _end.SetResult(_opening is null ? _writer.Finish() : null);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _failed(error);
            _end.SetException(error);
            _ = _end.Task.Exception;
        }
    }

    private void WriteTurn(bool all)
    {
        IReadOnlyList<RecordFrame> due;
        RecordPicture? format;
        lock (_guard)
        {
            if (_opening?.IsOver(_hasSound, _time.GetUtcNow()) == true)
            {
                Open();
            }

            // Players need sound without holes.
            if (_hasSound && _timeline.Origin is not null)
            {
                (_soundGap, var until) = _soundGap.Look(_timeline.Last, _timeline.LastSound, _time.GetUtcNow());
                FillSilenceTo(until ?? 0);
            }

            (format, _toDescribe) = (_toDescribe, null);
            if (all)
            {
                due = _waiting.All();
            }
            else
            {
                (_waiting, due) = _waiting.Look();
            }
        }

        if (format is not null)
        {
            _writer.Describe(format);
        }

        var any = _writer.Write(due);
        Interlocked.Exchange(ref _written, due.Select(frame => frame.Time + frame.Duration).Append(_written).Max());
        if (any && BeganAt is null)
        {
            lock (_guard)
            {
                _beganAt = _opensAt;
            }

            _began();
        }
    }
}
