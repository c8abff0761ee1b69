using System.Collections.Concurrent;
using System.Diagnostics;
using Recorder.Worker.GStreamer;
using Buffer = Recorder.Worker.GStreamer.Buffer;

namespace Recorder.Worker.Sound;

/// <summary>
/// The thread between a sound source and the encoder: it carries out what <see cref="SoundTimeline"/> decides, so that the track is
/// as long as the record whatever the source does. Times are nanoseconds of CLOCK_MONOTONIC.
/// </summary>
internal sealed class SoundCapture : IDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(50);

    private readonly ISoundSource? source;
    private readonly AppSrc target;
    private readonly Action lost;
    private readonly Thread thread;
    private readonly AutoResetEvent wakeUp = new(initialState: false);
    private readonly ConcurrentQueue<Action> requests = new();
    private readonly SoundTimeline timeline = new(SoundFormat.Rate);
    private long pushed;
    private long silence;
    private bool sourceIsLost;
    private bool stopping;

    /// <summary>Takes the source over and starts the thread.</summary>
    /// <param name="source">Where sound comes from; null: silence.</param>
    /// <param name="target">Where sound goes.</param>
    /// <param name="lost">Called once, on the sound thread, when the source is gone.</param>
    public SoundCapture(ISoundSource? source, AppSrc target, Action lost)
    {
        this.source = source;
        this.target = target;
        this.lost = lost;
        sourceIsLost = source is null;
        thread = new Thread(Run) { Name = "sound", IsBackground = true };
        thread.Start();
    }

    /// <summary>Silence put where the source gave nothing.</summary>
    public TimeSpan SilenceInserted => TimeSpan.FromSeconds((double)Volatile.Read(ref silence) / SoundFormat.Rate);

    /// <summary>The track begins with the sound that was readable at this time.</summary>
    public void Begin(long at) => Post(() => timeline.Begin(at));

    /// <summary>Fills the track up to its end and tells the encoder that no more comes.</summary>
    /// <param name="duration">The record's length in nanoseconds.</param>
    public void End(long duration) => Post(() =>
    {
        PushSilence(timeline.End(duration));
        _ = target.EndOfStream();
        stopping = true;
    });

    /// <summary>Ends the thread and lets go of the source.</summary>
    public void Dispose()
    {
        Post(() => stopping = true);
        thread.Join();
        source?.Dispose();
        wakeUp.Dispose();
    }

    private void Post(Action request)
    {
        requests.Enqueue(request);
        source?.WakeUp();
        wakeUp.Set();
    }

    private void Run()
    {
        while (!stopping)
        {
            Wait();
            Take();
            PushSilence(timeline.SilenceDue(Stopwatch.GetTimestamp(), sourceIsLost ? TimeSpan.Zero : SoundTimeline.Patience));
            Volatile.Write(ref silence, timeline.SilenceWritten);
            while (!stopping && requests.TryDequeue(out Action? request))
            {
                request();
            }
        }
    }

    private void Wait()
    {
        if (sourceIsLost)
        {
            wakeUp.WaitOne(Turn);
        }
        else if (!source!.Wait(Turn))
        {
            sourceIsLost = true;
            lost();
        }
    }

    private void Take()
    {
        if (sourceIsLost)
        {
            return;
        }

        for (ReadOnlySpan<byte> piece = source!.Read(); !piece.IsEmpty; piece = source.Read())
        {
            SoundPlacement placement = timeline.Arrived(Stopwatch.GetTimestamp(), piece.Length / SoundFormat.BytesPerSample);
            PushSilence(placement.Silence);
            ReadOnlySpan<byte> rest = piece[(int)(placement.Skip * SoundFormat.BytesPerSample)..];
            Push(placement.Stretch == 0 ? rest : SoundStretch.By(rest, placement.Stretch));
        }
    }

    private void PushSilence(long samples)
    {
        // A long absence goes in pieces of a second.
        while (samples > 0)
        {
            long now = Math.Min(samples, SoundFormat.Rate);
            Buffer buffer = Buffer.NewAllocate(now * SoundFormat.BytesPerSample);
            buffer.MemSet(0, 0, now * SoundFormat.BytesPerSample);
            Push(buffer, now);
            samples -= now;
        }
    }

    private void Push(ReadOnlySpan<byte> piece)
    {
        if (!piece.IsEmpty)
        {
            Buffer buffer = Buffer.NewAllocate(piece.Length);
            buffer.Fill(0, piece);
            Push(buffer, piece.Length / SoundFormat.BytesPerSample);
        }
    }

    private void Push(Buffer buffer, long samples)
    {
        buffer.Pts = Time(pushed);
        buffer.Duration = Time(pushed + samples) - Time(pushed);
        pushed += samples;
        _ = target.PushBuffer(buffer);
    }

    private static ulong Time(long samples) =>
        (ulong)((samples / SoundFormat.Rate * 1_000_000_000) + (samples % SoundFormat.Rate * 1_000_000_000 / SoundFormat.Rate));
}
