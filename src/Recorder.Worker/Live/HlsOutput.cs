using System.Collections.Immutable;
using System.Threading.Channels;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Live;

/// <summary>
/// The live playlist beside a record, on the record's timeline. Segments are written on threads of their own, because a
/// disk may block. A segment that cannot be written is left out, and the next segment is tried again. The record never
/// notices.
/// </summary>
internal sealed class HlsOutput : IEncodedOutput
{
    // Room for some segments of 4 s at 25 pictures and 47 sound frames a second. A full queue means that the disk
    // hangs.
    private const int WaitingLimit = 3000;

    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(WaitingLimit) { SingleReader = true }
    );
    private readonly HlsSegmenter<Buffer> _segmenter = new();
    private readonly string _folder;
    private readonly KeyFrameRequests _keyFrames;
    private readonly Func<ulong, ulong> _encodersTimeOf;
    private readonly TimeProvider _time;
    private readonly Task _running;
    private readonly Lock _sharing = new();
    private WorkerOutput _summary;
    private DateTimeOffset? _beganAt;
    private ImmutableList<HlsSegment> _segments = [];
    private Caps? _pictures;
    private Caps? _sound;
    private int _next;
    private bool _follows = true;

    /// <summary>Begins to take frames. The folder is made with the first segment.</summary>
    /// <param name="recordPath">The path of the playlist's record.</param>
    /// <param name="keyFrames">Takes the requests for key frames to cut at.</param>
    /// <param name="encodersTimeOf">Converts nanoseconds of the record's timeline, which leaves pauses out, to
    /// nanoseconds of the encoders' timeline. From any thread.</param>
    /// <param name="time">The clock.</param>
    public HlsOutput(
        string recordPath,
        KeyFrameRequests keyFrames,
        Func<ulong, ulong> encodersTimeOf,
        TimeProvider time
    )
    {
        this._keyFrames = keyFrames;
        this._encodersTimeOf = encodersTimeOf;
        this._time = time;
        _folder = PlaylistNames.FolderOf(recordPath);
        _summary = new WorkerOutput(
            WorkerOutput.HlsId,
            WorkerOutput.HlsKind,
            _folder,
            WorkerOutputState.Starting,
            time.GetUtcNow(),
            null,
            0,
            0,
            0,
            0
        );
        _running = Task.Run(RunAsync);
    }

    /// <summary>The state of the playlist. From any thread.</summary>
    public WorkerOutput Summary
    {
        get
        {
            lock (_sharing)
            {
                return _summary;
            }
        }
    }

    /// <summary>The content of the playlist on disk. Only after <see cref="CloseAsync"/> has ended.</summary>
    public PlaylistLength? Length =>
        _running.IsCompleted ? new PlaylistLength(_segments.Count, _segments.Count(segment => !segment.Follows)) : null;

    /// <summary>Sets the beginning of the encoders' timeline, so that players are told when each segment was
    /// captured.</summary>
    public void BeganAt(DateTimeOffset at)
    {
        lock (_sharing)
        {
            _beganAt = at;
        }
    }

    /// <inheritdoc/>
    public void Take(in EncodedFrame frame)
    {
        if (frame.Track == EncodedTrack.Video)
        {
            _pictures ??= frame.Caps.Ref();
        }
        else
        {
            _sound ??= frame.Caps.Ref();
        }

        var copy = frame.Buffer.Copy();
        if (!_waiting.Writer.TryWrite(new Waiting(frame.Track, copy)))
        {
            copy.Unref();
            Count(dropped: frame.Track == EncodedTrack.Video ? 1 : 0);
        }
    }

    /// <summary>Takes no more frames, writes the rest and ends the playlist.</summary>
    /// <returns>A task that completes at the end of the playlist. A disk that hangs may keep the task from
    /// completing.</returns>
    public Task CloseAsync()
    {
        _ = _waiting.Writer.TryComplete();
        return _running;
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (var unit in _waiting.Reader.ReadAllAsync())
            {
                if (Hear(unit) is { } segment)
                {
                    await OnThreadAsync(() => Write(segment));
                }
            }

            foreach (var rest in _segmenter.End())
            {
                await OnThreadAsync(() => Write(rest));
            }

            if (!_segments.IsEmpty)
            {
                await OnThreadAsync(() => HlsPlaylist.Write(_folder, HlsPlaylist.Text(_segments, ended: true)));
            }

            Become(WorkerOutputState.Finished, null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or GStreamerException)
        {
            Become(WorkerOutputState.Failed, error.Message);
        }
        finally
        {
            _ = _waiting.Writer.TryComplete();
            while (_waiting.Reader.TryRead(out var unit))
            {
                unit.Content.Unref();
            }
        }
    }

    private SegmentUnits<Buffer>? Hear(Waiting unit)
    {
        var content = unit.Content;
        var segment = _segmenter.Add(unit.Track, content.Pts, content.Duration, content.IsDeltaUnit, content);
        if (_segmenter.WantsKeyFrame)
        {
            _keyFrames.Ask();
        }

        return segment;
    }

    private static Task OnThreadAsync(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Write(SegmentUnits<Buffer> units)
    {
        var path = Path.Combine(_folder, PlaylistNames.Segment(_next));
        var given = false;
        try
        {
            HlsFolder.Make(_folder);
            given = true;
            HlsMuxer.Write(path, units, _pictures!, _sound);
            _segments = _segments.Add(
                new HlsSegment(_next, TimeSpan.FromMicroseconds((units.End - units.Start) / 1000.0), _follows)
                {
                    At = CapturedAt(units.Start),
                }
            );
            HlsPlaylist.Write(_folder, HlsPlaylist.Text(_segments, ended: false));
            _next++;
            _follows = true;
            Count(sent: units.Pictures.Count, bytes: new FileInfo(path).Length);
            Become(WorkerOutputState.Active, null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The segment is listed only if the playlist with it is on disk.
            _segments = _segments.RemoveAll(segment => segment.Index == _next);
            _follows = _segments.IsEmpty;
            if (!given)
            {
                Release([.. units.Pictures, .. units.Sound]);
            }

            Count(dropped: units.Pictures.Count);
            Become(WorkerOutputState.Retrying, error.Message);
        }
    }

    private DateTimeOffset? CapturedAt(ulong recordTime)
    {
        lock (_sharing)
        {
            return _beganAt?.AddTicks((long)(_encodersTimeOf(recordTime) / TimeSpan.NanosecondsPerTick));
        }
    }

    private static void Release(IReadOnlyList<Buffer> buffers)
    {
        foreach (var buffer in buffers)
        {
            buffer.Unref();
        }
    }

    private void Become(WorkerOutputState state, string? reason)
    {
        lock (_sharing)
        {
            _summary = _summary with
            {
                State = state,
                Since = state == _summary.State ? _summary.Since : _time.GetUtcNow(),
                Reason = reason,
                Retries = _summary.Retries + (state == WorkerOutputState.Retrying ? 1 : 0),
            };
        }
    }

    private void Count(int sent = 0, int dropped = 0, long bytes = 0)
    {
        lock (_sharing)
        {
            _summary = _summary with
            {
                FramesSent = _summary.FramesSent + sent,
                FramesDropped = _summary.FramesDropped + dropped,
                BytesSent = _summary.BytesSent + bytes,
            };
        }
    }

    private readonly record struct Waiting(EncodedTrack Track, Buffer Content);
}
