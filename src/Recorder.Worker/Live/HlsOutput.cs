using System.Collections.Immutable;
using System.Threading.Channels;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Live;

/// <summary>
/// The live playlist beside a record, on the record's timeline. Segments are written on threads of their own, since a disk may block; what cannot be written is left out,
/// the next segment is tried again, and the record never notices.
/// </summary>
internal sealed class HlsOutput : IEncodedOutput
{
    // Some segments of 4 s at 25 pictures and 47 sound frames a second; then the disk hangs.
    private const int WaitingLimit = 3000;

    private readonly Channel<Waiting> waiting = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(WaitingLimit) { SingleReader = true });
    private readonly HlsSegmenter<Buffer> segmenter = new();
    private readonly string folder;
    private readonly KeyFrameRequests keyFrames;
    private readonly Func<ulong, ulong> encodersTimeOf;
    private readonly TimeProvider time;
    private readonly Task running;
    private readonly Lock sharing = new();
    private WorkerOutput summary;
    private DateTimeOffset? beganAt;
    private ImmutableList<HlsSegment> segments = [];
    private Caps? pictures;
    private Caps? sound;
    private int next;
    private bool follows = true;

    /// <summary>Begins to listen; the folder is made with the first segment.</summary>
    /// <param name="recordPath">The record it is beside.</param>
    /// <param name="keyFrames">Where to ask for key frames to cut at.</param>
    /// <param name="encodersTimeOf">Nanoseconds of the encoders' timeline from those of the record's, which leaves pauses out. From any thread.</param>
    /// <param name="time">The clock.</param>
    public HlsOutput(string recordPath, KeyFrameRequests keyFrames, Func<ulong, ulong> encodersTimeOf, TimeProvider time)
    {
        this.keyFrames = keyFrames;
        this.encodersTimeOf = encodersTimeOf;
        this.time = time;
        folder = PlaylistNames.FolderOf(recordPath);
        summary = new WorkerOutput(WorkerOutput.HlsId, WorkerOutput.HlsKind, folder, WorkerOutputState.Starting, time.GetUtcNow(), null, 0, 0, 0, 0);
        running = Task.Run(RunAsync);
    }

    /// <summary>How it stands. From any thread.</summary>
    public WorkerOutput Summary
    {
        get
        {
            lock (sharing)
            {
                return summary;
            }
        }
    }

    /// <summary>What the playlist on disk holds. Only after <see cref="CloseAsync"/> has ended.</summary>
    public PlaylistLength? Length => running.IsCompleted ? new PlaylistLength(segments.Count, segments.Count(segment => !segment.Follows)) : null;

    /// <summary>When the encoders' timeline began: players are told when each segment was captured.</summary>
    public void BeganAt(DateTimeOffset at)
    {
        lock (sharing)
        {
            beganAt = at;
        }
    }

    /// <inheritdoc/>
    public void Take(in EncodedFrame frame)
    {
        if (frame.Track == EncodedTrack.Video)
        {
            pictures ??= frame.Caps.Ref();
        }
        else
        {
            sound ??= frame.Caps.Ref();
        }

        Buffer copy = frame.Buffer.Copy();
        if (!waiting.Writer.TryWrite(new Waiting(frame.Track, copy)))
        {
            copy.Unref();
            Count(dropped: frame.Track == EncodedTrack.Video ? 1 : 0);
        }
    }

    /// <summary>Takes no more, writes what is left and ends the playlist.</summary>
    /// <returns>When that is done; a disk that hangs may keep it for ever.</returns>
    public Task CloseAsync()
    {
        _ = waiting.Writer.TryComplete();
        return running;
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (Waiting unit in waiting.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                if (Hear(unit) is { } segment)
                {
                    await OnThreadAsync(() => Write(segment)).ConfigureAwait(false);
                }
            }

            foreach (SegmentUnits<Buffer> rest in segmenter.End())
            {
                await OnThreadAsync(() => Write(rest)).ConfigureAwait(false);
            }

            if (!segments.IsEmpty)
            {
                await OnThreadAsync(() => HlsPlaylist.Write(folder, HlsPlaylist.Text(segments, ended: true))).ConfigureAwait(false);
            }

            Become(WorkerOutputState.Finished, null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or GStreamerException)
        {
            Become(WorkerOutputState.Failed, error.Message);
        }
        finally
        {
            _ = waiting.Writer.TryComplete();
            while (waiting.Reader.TryRead(out Waiting unit))
            {
                unit.Content.Unref();
            }
        }
    }

    private SegmentUnits<Buffer>? Hear(Waiting unit)
    {
        Buffer content = unit.Content;
        SegmentUnits<Buffer>? segment = segmenter.Add(unit.Track, content.Pts, content.Duration, content.IsDeltaUnit, content);
        if (segmenter.WantsKeyFrame)
        {
            keyFrames.Ask();
        }

        return segment;
    }

    private static Task OnThreadAsync(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Write(SegmentUnits<Buffer> units)
    {
        string path = Path.Combine(folder, PlaylistNames.Segment(next));
        bool given = false;
        try
        {
            HlsFolder.Make(folder);
            given = true;
            HlsMuxer.Write(path, units, pictures!, sound);
            segments = segments.Add(new HlsSegment(next, TimeSpan.FromMicroseconds((units.End - units.Start) / 1000.0), follows) { At = CapturedAt(units.Start) });
            HlsPlaylist.Write(folder, HlsPlaylist.Text(segments, ended: false));
            next++;
            follows = true;
            Count(sent: units.Pictures.Count, bytes: new FileInfo(path).Length);
            Become(WorkerOutputState.Active, null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The segment is listed only if the playlist with it is on disk.
            segments = segments.RemoveAll(segment => segment.Index == next);
            follows = segments.IsEmpty;
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
        lock (sharing)
        {
            return beganAt?.AddTicks((long)(encodersTimeOf(recordTime) / TimeSpan.NanosecondsPerTick));
        }
    }

    private static void Release(IReadOnlyList<Buffer> buffers)
    {
        foreach (Buffer buffer in buffers)
        {
            buffer.Unref();
        }
    }

    private void Become(WorkerOutputState state, string? reason)
    {
        lock (sharing)
        {
            summary = summary with
            {
                State = state,
                Since = state == summary.State ? summary.Since : time.GetUtcNow(),
                Reason = reason,
                Retries = summary.Retries + (state == WorkerOutputState.Retrying ? 1 : 0),
            };
        }
    }

    private void Count(int sent = 0, int dropped = 0, long bytes = 0)
    {
        lock (sharing)
        {
            summary = summary with
            {
                FramesSent = summary.FramesSent + sent,
                FramesDropped = summary.FramesDropped + dropped,
                BytesSent = summary.BytesSent + bytes,
            };
        }
    }

    private readonly record struct Waiting(EncodedTrack Track, Buffer Content);
}
