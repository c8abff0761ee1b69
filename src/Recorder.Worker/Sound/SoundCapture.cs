using System.Collections.Concurrent;
using System.Diagnostics;

namespace Recorder.Worker.Sound;

/// <summary>
/// The thread between a sound source and the encoder. The thread carries out the decisions of
/// <see cref="SoundTimeline"/>, so that the track is as long as the record whatever the source does. Times are
/// nanoseconds of CLOCK_MONOTONIC.
/// </summary>
internal sealed class SoundCapture : IDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(50);

    private static readonly byte[] Silence = new byte[SoundFormat.Rate * SoundFormat.BytesPerSample];

    private readonly ISoundSource? _source;
    private readonly IReadOnlyList<ISoundTarget> _targets;
    private readonly Action _lost;
    private readonly Thread _thread;
    private readonly AutoResetEvent _wakeUp = new(initialState: false);
    private readonly ConcurrentQueue<Action> _requests = new();
    private readonly SoundTimeline _timeline = new(SoundFormat.Rate);
    private readonly SoundLevel _level = new();
    private long _pushed;
    private long _silence;
    private bool _sourceIsLost;
    private bool _stopping;

    /// <summary>Takes ownership of the source and starts the thread.</summary>
    /// <param name="source">The source of the sound; null: silence.</param>
    /// <param name="targets">The inputs of the encoders. Each gets every sample, in order.</param>
    /// <param name="lost">Called once, on the sound thread, when the source is gone.</param>
    public SoundCapture(ISoundSource? source, IReadOnlyList<ISoundTarget> targets, Action lost)
    {
        this._source = source;
        this._targets = targets;
        this._lost = lost;
        _sourceIsLost = source is null;
        _thread = new Thread(Run) { Name = "sound", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The silence that was put in where the source gave nothing.</summary>
    public TimeSpan SilenceInserted => TimeSpan.FromSeconds((double)Volatile.Read(ref _silence) / SoundFormat.Rate);

    /// <summary>How loud the sound was since the last call, in decibels below full scale; null without sound.</summary>
    public double? TakeLevel() => _level.Take();

    /// <summary>Lets the track begin with the sound that was readable at this time.</summary>
    public void Begin(long at) => Post(() => _timeline.Begin(at));

    /// <summary>Number of samples in the track so far.</summary>
    public long Pushed => Volatile.Read(ref _pushed);

    /// <summary>Fills the track up to its end and tells the encoders that no more sound comes.</summary>
    /// <param name="duration">The record's length in nanoseconds.</param>
    public void End(long duration) =>
        Post(() =>
        {
            PushSilence(_timeline.End(duration));
            foreach (var target in _targets)
            {
                target.End();
            }

            _stopping = true;
        });

    /// <summary>Ends the thread and closes the source.</summary>
    public void Dispose()
    {
        Post(() => _stopping = true);
        _thread.Join();
        _source?.Dispose();
        _wakeUp.Dispose();
    }

    private void Post(Action request)
    {
        _requests.Enqueue(request);
        _source?.WakeUp();
        _wakeUp.Set();
    }

    private void Run()
    {
        while (!_stopping)
        {
            Wait();
            Take();
            PushSilence(
                _timeline.SilenceDue(Stopwatch.GetTimestamp(), _sourceIsLost ? TimeSpan.Zero : SoundTimeline.Patience)
            );
            Volatile.Write(ref _silence, _timeline.SilenceWritten);
            while (!_stopping && _requests.TryDequeue(out var request))
            {
                request();
            }
        }
    }

    private void Wait()
    {
        if (_sourceIsLost)
        {
            _wakeUp.WaitOne(Turn);
        }
        else if (!_source!.Wait(Turn))
        {
            _sourceIsLost = true;
            _lost();
        }
    }

    private void Take()
    {
        if (_sourceIsLost)
        {
            return;
        }

        for (var piece = _source!.Read(); !piece.IsEmpty; piece = _source.Read())
        {
            var placement = _timeline.Arrived(Stopwatch.GetTimestamp(), piece.Length / SoundFormat.BytesPerSample);
            PushSilence(placement.Silence);
            var rest = piece[(int)(placement.Skip * SoundFormat.BytesPerSample)..];
            Push(placement.Stretch == 0 ? rest : SoundStretch.By(rest, placement.Stretch));
        }
    }

    private void PushSilence(long samples)
    {
        // A long absence is filled in pieces of a second.
        while (samples > 0)
        {
            var now = (int)Math.Min(samples, SoundFormat.Rate);
            _level.HearSilence(now);
            Give(Silence.AsSpan(0, now * SoundFormat.BytesPerSample));
            samples -= now;
        }
    }

    private void Push(ReadOnlySpan<byte> piece)
    {
        if (!piece.IsEmpty)
        {
            _level.Hear(piece);
            Give(piece);
        }
    }

    private void Give(ReadOnlySpan<byte> piece)
    {
        foreach (var target in _targets)
        {
            target.Push(_pushed, piece);
        }

        Volatile.Write(ref _pushed, _pushed + (piece.Length / SoundFormat.BytesPerSample));
    }
}
