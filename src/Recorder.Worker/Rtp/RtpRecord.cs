using Microsoft.Win32.SafeHandles;
using Recorder.Worker.Files;
using Recorder.Worker.Files.Matroska;
using Recorder.Worker.Files.Mp4;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Rtp;

/// <summary>
/// The record of what is received: frames are put on the record's own timeline and written as they are, by a thread of its own. It is apart from the
/// reception, so that no sender's end, restart or nonsense reaches the file, and neither picture nor sound waits for the other.
/// </summary>
internal sealed class RtpRecord : IRtpFrames, IDisposable
{
    private const long SoundPiece = 20_000_000;

    // 20 ms of silence in stereo (RFC 6716: the CELT configuration with the shortest possible frame).
    private static readonly ReadOnlyMemory<byte> Silence = new byte[] { 0xFC, 0xFF, 0xFE };

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(Muxer.FragmentMilliseconds);

    private readonly IRecordWriter writer;
    private readonly PictureCodec codec;
    private readonly bool hasSound;
    private readonly Action began;
    private readonly Action<Exception> failed;
    private readonly Action<int> tooLong;
    private readonly TimeProvider time;
    private readonly ManualResetEventSlim ending = new();
    private readonly TaskCompletionSource<FileSummary?> end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock guard = new();
    private RtpOpening? opening = RtpOpening.Empty;
    private RtpTimeline timeline = RtpTimeline.Empty;
    private DecodingTimes decoding = DecodingTimes.Empty;
    private Interleaving waiting;
    private SoundGap soundGap;
    private RecordPicture? toDescribe;
    private bool isDescribed;
    private DateTimeOffset opensAt;
    private DateTimeOffset? beganAt;
    private bool hasFormat;
    private bool leftOutTold;
    private long written;
    private long frames;
    private bool ended;

    /// <summary>Opens the file, which exists and is empty.</summary>
    /// <param name="settings">What is written where.</param>
    /// <param name="began">Called once on the writing thread when <see cref="BeganAt"/> is known.</param>
    /// <param name="failed">Called once on the writing thread when the file cannot be written any more.</param>
    /// <param name="tooLong">Called once when pictures are left out whose parameter sets have more bytes than the file has room for; must not call back.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be opened.</exception>
    public RtpRecord(WorkerCommand.ReceiveRtp settings, Action began, Action<Exception> failed, Action<int> tooLong, TimeProvider time)
    {
        codec = settings.Codec;
        hasSound = settings.Audio is not null;
        waiting = hasSound ? Interleaving.Both : Interleaving.PicturesOnly;
        this.began = began;
        this.failed = failed;
        this.tooLong = tooLong;
        this.time = time;
        SafeFileHandle file = File.OpenHandle(settings.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        DateTimeOffset now = time.GetUtcNow();
        writer = settings.Container == FileContainer.Mp4 ? new FragmentWriter(file, hasSound, now) : new MatroskaWriter(file, settings.Container, hasSound, now);
    }

    /// <summary>Pictures received for the record.</summary>
    public long Frames => Interlocked.Read(ref frames);

    /// <summary>When the record began; null before the first media, picture or sound, are in the file.</summary>
    public DateTimeOffset? BeganAt
    {
        get
        {
            lock (guard)
            {
                return beganAt;
            }
        }
    }

    /// <summary>How long the record plays so far, in seconds; 0 before it begins.</summary>
    public double Duration
    {
        get
        {
            lock (guard)
            {
                return Reached / 1e9;
            }
        }
    }

    /// <summary>How much of the record waits to be written.</summary>
    public TimeSpan Waiting
    {
        get
        {
            lock (guard)
            {
                return TimeSpan.FromSeconds(Math.Max(0, Reached - Interlocked.Read(ref written)) / 1e9);
            }
        }
    }

    private long Reached => Math.Max(0, Math.Max(timeline.Last, timeline.LastSound));

    /// <summary>Begins to write what comes.</summary>
    public void Start() => _ = Task.Factory.StartNew(Work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc/>
    public void Picture(int source, Buffer buffer, Pad pad)
    {
        if (buffer.Pts == Buffer.ClockTimeNone)
        {
            return;
        }

        bool isKey = !buffer.IsDeltaUnit;
        RtpFrame frame = new(EncodedTrack.Video, source, (long)buffer.Pts, 0, isKey, buffer.ToArray());
        lock (guard)
        {
            // A sender may begin to have B-frames at any key frame.
            if (isKey)
            {
                using Caps? caps = pad.GetCurrentCaps();
                if (caps is null)
                {
                    return;
                }

                RecordPicture format = new(codec, caps.Number("width") ?? 0, caps.Number("height") ?? 0, caps.Bytes("codec_data"));
                if (!hasFormat && format.Configuration.Length > RecordPicture.MostConfiguration)
                {
                    TellTooLong(format.Configuration.Length);
                    return;
                }

                frame = frame with { Format = format, Reorders = codec == PictureCodec.H264 && !IsBaseline(caps) };
                hasFormat = true;
            }

            Take(frame);
        }
    }

    /// <inheritdoc/>
    public void Sound(Buffer buffer)
    {
        if (!hasSound || buffer.Pts == Buffer.ClockTimeNone)
        {
            return;
        }

        long length = buffer.Duration is 0 or Buffer.ClockTimeNone ? SoundPiece : (long)buffer.Duration;
        RtpFrame frame = new(EncodedTrack.Audio, 0, (long)buffer.Pts, length, IsKey: true, buffer.ToArray());
        lock (guard)
        {
            Take(frame);
        }
    }

    /// <summary>Takes no more frames and ends the file.</summary>
    /// <returns>
    /// Null: nothing was ever received that a record can begin with. Else what ends with what is in the file, or with null: it has still to be
    /// finalised. It fails with what the file failed with.
    /// </returns>
    public Task<FileSummary?>? End()
    {
        lock (guard)
        {
            bool any = opening?.HasBegun ?? true;
            if (any && !ended)
            {
                Open();
                if (hasSound)
                {
                    FillSilenceTo(timeline.Last);
                }
            }

            ended = true;
            ending.Set();
            return any ? end.Task : null;
        }
    }

    /// <summary>Lets go of the file, once what is being written is written.</summary>
    public void Dispose()
    {
        lock (guard)
        {
            ended = true;
            ending.Set();
        }

        _ = end.Task.ContinueWith(
            _ =>
            {
                writer.Dispose();
                ending.Dispose();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    // These profiles have no B-frames.
    private static bool IsBaseline(Caps caps)
    {
        using Caps baseline = Caps.FromString("video/x-h264,profile=(string){ constrained-baseline, baseline }");
        return caps.CanIntersect(baseline);
    }

    private void TellTooLong(int bytes)
    {
        if (!leftOutTold)
        {
            leftOutTold = true;
            tooLong(bytes);
        }
    }

    private void Take(RtpFrame frame)
    {
        if (ended)
        {
            return;
        }

        if (opening is null)
        {
            Place(frame);
            return;
        }

        DateTimeOffset now = time.GetUtcNow();
        opening = opening.Put(frame, now);
        if (opening.IsOver(hasSound, now))
        {
            Open();
        }
    }

    private void Open()
    {
        if (opening is { } earlier)
        {
            opening = null;
            opensAt = earlier.BeganAt;
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
        (timeline, long? placed) = timeline.Picture(new ReceivedFrame(frame.Source, frame.Time, frame.IsKey));
        if (placed is not { } shown)
        {
            return;
        }

        if (frame.Format is { } format)
        {
            timeline = timeline with { Reorders = frame.Reorders };
            decoding = frame.Reorders ? decoding.Reordering() : decoding;

            // What changes later, such as the size, stands in the pictures themselves; the track says what it began with.
            if (!isDescribed)
            {
                (isDescribed, toDescribe) = (true, format);
            }
        }

        (decoding, long decoded) = decoding.Picture(shown);
        waiting = waiting.Put(new RecordFrame(EncodedTrack.Video, shown, decoded, 0, frame.IsKey, frame.Content));
        frames++;
    }

    private void PlaceSound(RtpFrame frame)
    {
        (RtpTimeline next, long? placed) = timeline.Sound(frame.Time, frame.Length);
        if (placed is { } start)
        {
            FillSilenceTo(start);
            timeline = next;
            PutSound(frame.Content, start, frame.Length);
        }
    }

    private void FillSilenceTo(long until)
    {
        for (long start = timeline.LastSound; start + SoundPiece <= until; start += SoundPiece)
        {
            PutSound(Silence, start, SoundPiece);
            timeline = timeline with { LastSound = start + SoundPiece };
        }
    }

    private void PutSound(ReadOnlyMemory<byte> content, long start, long length) =>
        waiting = waiting.Put(new RecordFrame(EncodedTrack.Audio, start, start, length, IsKey: true, content));

    private void Work()
    {
        try
        {
            bool last;
            do
            {
                last = ending.Wait(Turn);
                WriteTurn(last);
            }
            while (!last);
            end.SetResult(opening is null ? writer.Finish() : null);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            failed(error);
            end.SetException(error);
            _ = end.Task.Exception;
        }
    }

    private void WriteTurn(bool all)
    {
        IReadOnlyList<RecordFrame> due;
        RecordPicture? format;
        lock (guard)
        {
            if (opening?.IsOver(hasSound, time.GetUtcNow()) == true)
            {
                Open();
            }

            // Players want sound without holes.
            if (hasSound && timeline.Origin is not null)
            {
                (soundGap, long? until) = soundGap.Look(timeline.Last, timeline.LastSound, time.GetUtcNow());
                FillSilenceTo(until ?? 0);
            }

            (format, toDescribe) = (toDescribe, null);
            if (all)
            {
                due = waiting.All();
            }
            else
            {
                (waiting, due) = waiting.Look();
            }
        }

        if (format is not null)
        {
            writer.Describe(format);
        }

        bool any = writer.Write(due);
        Interlocked.Exchange(ref written, due.Select(frame => frame.Time + frame.Duration).Append(written).Max());
        if (any && BeganAt is null)
        {
            lock (guard)
            {
                beganAt = opensAt;
            }

            began();
        }
    }
}
