using System.Collections.Concurrent;
using System.Collections.Immutable;
using Recorder.Cluster.Sessions;
using Recorder.Node.GStreamer;
using Recorder.Node.Pipelines.Streams;
using Buffer = Recorder.Node.GStreamer.Buffer;

namespace Recorder.Node.Pipelines.Live;

/// <summary>
/// The live playlist beside a record, on the record's timeline. A thread of its own writes it, since a disk may block; what cannot be written is left out,
/// the next segment is tried again, and the record never notices.
/// </summary>
internal sealed class HlsOutput : IEncodedOutput, IDisposable
{
    // Some segments of 4 s at 25 pictures and 47 sound frames a second; then the disk hangs.
    private const int WaitingLimit = 3000;

    private readonly BlockingCollection<Waiting> waiting = new(WaitingLimit);
    private readonly HlsSegmenter<Buffer> segmenter = new();
    private readonly string folder;
    private readonly KeyFrameRequests keyFrames;
    private readonly TimeProvider time;
    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock sharing = new();
    private OutputSummary summary;
    private ImmutableList<HlsSegment> segments = [];
    private Caps? pictures;
    private Caps? sound;
    private int next;
    private bool follows = true;

    /// <summary>Starts the thread; the folder is made with the first segment.</summary>
    /// <param name="recordPath">The record it is beside.</param>
    /// <param name="keyFrames">Where to ask for key frames to cut at.</param>
    /// <param name="time">The clock.</param>
    public HlsOutput(string recordPath, KeyFrameRequests keyFrames, TimeProvider time)
    {
        this.keyFrames = keyFrames;
        this.time = time;
        folder = HlsFiles.FolderOf(recordPath);
        summary = new OutputSummary(OutputSummary.HlsId, OutputKind.Hls, folder, OutputState.Starting, time.GetUtcNow(), null, 0, 0, 0, 0);
        new Thread(Run) { Name = "hls", IsBackground = true }.Start();
    }

    /// <summary>How it stands. From any thread.</summary>
    public OutputSummary Summary
    {
        get
        {
            lock (sharing)
            {
                return summary;
            }
        }
    }

    /// <inheritdoc/>
    public void Take(in EncodedFrame frame)
    {
        Buffer copy = frame.Buffer.Copy();
        if (waiting.IsAddingCompleted || !waiting.TryAdd(new Waiting(frame.Track, copy, frame.Caps)))
        {
            copy.Unref();
            Count(dropped: frame.Track == EncodedTrack.Video ? 1 : 0);
        }
    }

    /// <summary>Writes what is left and ends the playlist. Nothing may be given to <see cref="Take"/> any more.</summary>
    /// <returns>When that is done; a disk that hangs may keep it for ever.</returns>
    public Task CloseAsync()
    {
        waiting.CompleteAdding();
        return closed.Task;
    }

    /// <summary>Lets go of the queue. Only after <see cref="CloseAsync"/>.</summary>
    public void Dispose() => waiting.Dispose();

    private void Run()
    {
        try
        {
            foreach (Waiting unit in waiting.GetConsumingEnumerable())
            {
                Hear(unit);
            }

            foreach (SegmentUnits<Buffer> rest in segmenter.End())
            {
                Write(rest);
            }

            if (!segments.IsEmpty)
            {
                HlsPlaylist.Write(folder, HlsPlaylist.Text(segments, ended: true));
            }

            Become(OutputState.Finished, null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or GStreamerException)
        {
            Become(OutputState.Failed, error.Message);
        }
        finally
        {
            pictures?.Dispose();
            sound?.Dispose();
            closed.SetResult();
        }
    }

    private void Hear(Waiting unit)
    {
        Buffer content = unit.Content;
        if (unit.Track == EncodedTrack.Video)
        {
            pictures ??= unit.Caps.Ref();
        }
        else
        {
            sound ??= unit.Caps.Ref();
        }

        SegmentUnits<Buffer>? segment = segmenter.Add(unit.Track, content.Pts, content.Duration, content.IsDeltaUnit, content);
        if (segmenter.WantsKeyFrame && !waiting.IsAddingCompleted)
        {
            keyFrames.Ask();
        }

        if (segment is not null)
        {
            Write(segment);
        }
    }

    private void Write(SegmentUnits<Buffer> units)
    {
        string path = Path.Combine(folder, HlsFiles.Segment(next));
        try
        {
            Directory.CreateDirectory(folder);
            HlsMuxer.Write(path, units, pictures!, sound);
            segments = segments.Add(new HlsSegment(next, TimeSpan.FromMicroseconds((units.End - units.Start) / 1000.0), follows));
            HlsPlaylist.Write(folder, HlsPlaylist.Text(segments, ended: false));
            next++;
            follows = true;
            Count(sent: units.Pictures.Count, bytes: new FileInfo(path).Length);
            Become(OutputState.Active, null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The segment is listed only if the playlist with it is on disk.
            segments = segments.RemoveAll(segment => segment.Index == next);
            follows = segments.IsEmpty;
            Count(dropped: units.Pictures.Count);
            Become(OutputState.Retrying, error.Message);
        }
    }

    private void Become(OutputState state, string? reason)
    {
        lock (sharing)
        {
            summary = summary with
            {
                State = state,
                Since = state == summary.State ? summary.Since : time.GetUtcNow(),
                Reason = reason,
                Retries = summary.Retries + (state == OutputState.Retrying ? 1 : 0),
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

    private readonly record struct Waiting(EncodedTrack Track, Buffer Content, Caps Caps);
}
