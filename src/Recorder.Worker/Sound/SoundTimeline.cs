namespace Recorder.Worker.Sound;

/// <summary>How to place a piece of sound: first put in silence, then leave out the piece's start, then take the
/// rest.</summary>
/// <param name="Silence">Samples of silence to put before the piece.</param>
/// <param name="Skip">Samples at the piece's start to leave out.</param>
/// <param name="Stretch">The number of samples by which to make the rest longer, or shorter when negative.</param>
internal readonly record struct SoundPlacement(long Silence, long Skip, int Stretch = 0);

/// <summary>
/// Keeps a sound track continuous by construction: sample n is heard n / rate seconds after the origin, whatever the
/// sound server does. Counts samples against CLOCK_MONOTONIC. The timeline knows only times in nanoseconds and numbers
/// of samples.
/// </summary>
/// <remarks>
/// A piece comes late by some scheduling delay, and never early. So the least delayed of the recent pieces tells when
/// sample n of the server's stream was really heard. A null sink that was held up delivers all the overdue sound
/// afterwards. So a late piece keeps the place that its sample number gives. Only a delay that does not end means that
/// the server has lost something.
/// <para>
/// A null sink runs on the same clock, but cuts the length of each piece to whole microseconds. Its sound is up to some
/// 100 millionths fast, which is 15 ms in four minutes. The track follows one sample at a time by stretching a piece;
/// nothing is cut out.
/// </para>
/// </remarks>
internal sealed class SoundTimeline(int rate)
{
    /// <summary>After this time without sound, the track continues with silence. The time is shorter than the time for
    /// which HLS segments wait for sound. Outputs wait for sound as long as this.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(600);

    /// <summary>The shorter patience while the server gives nothing anyway, such as an idle server at the start. The
    /// picture's first fragment waits for sound.</summary>
    public static readonly TimeSpan IdlePatience = TimeSpan.FromMilliseconds(80);

    /// <summary>How far the track may be off before stretching corrects the track.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(2);

    /// <summary>How far the track may be off before silence is put in or samples are left out.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(50);

    /// <summary>The shortest time between two stretches by a sample: 0.04 %, which nobody hears.</summary>
    public static readonly TimeSpan StretchEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>A piece with fewer samples is not stretched. Servers give pieces of any length, and the shortest have
    /// no samples between their ends.</summary>
    public const int ShortestStretched = 100;

    /// <summary>The least delayed piece counts as the truth when the next piece is earlier by no more than this, in
    /// nanoseconds.</summary>
    private const long Settled = 2_000_000;

    // Pieces are short, so the recent pieces are counted by time. Even on a fully loaded machine, not all recent pieces
    // are late.
    private const int RecentSeconds = 5;
    private const long Second = 1_000_000_000;

    private readonly long[] _leastOfSecond = [.. Enumerable.Repeat(long.MaxValue, RecentSeconds)];
    private int _second;
    private long _secondSince = long.MinValue / 2;
    private long _received;
    private long _origin;
    private long? _place;
    private long _stretchFrom;
    private bool _gives;

    /// <summary>Number of samples in the track so far.</summary>
    public long Written { get; private set; }

    /// <summary>Number of samples of silence in the track that replace sound that never came.</summary>
    public long SilenceWritten { get; private set; }

    /// <summary>True from <see cref="Begin"/> on.</summary>
    public bool Begun { get; private set; }

    /// <summary>Lets the track begin with the sound heard at this time.</summary>
    public void Begin(long at)
    {
        _origin = at;
        Begun = true;
    }

    /// <summary>Places a piece of sound that has come.</summary>
    /// <param name="now">When the piece came.</param>
    /// <param name="samples">The piece's length.</param>
    public SoundPlacement Arrived(long now, long samples)
    {
        var first = _received;
        _received += samples;
        var settled = Observe(now, now - Nanoseconds(_received));
        if (!Begun || (_place is null && !settled))
        {
            return new SoundPlacement(0, samples);
        }

        // The place of the first sample of the server's stream in the track, which fixes the place of every other
        // sample.
        var seen = Samples(_leastOfSecond.Min() - _origin);
        if (_place is not { } kept || Math.Abs(seen - kept) > Samples(Tolerance.Ticks * 100))
        {
            _place = kept = seen;
        }

        var shift = kept + first - Written;
        var silence = Math.Max(0, shift);
        var skip = Math.Min(samples, Math.Max(0, -shift));
        var stretch =
            shift == 0 && samples >= ShortestStretched && _received >= _stretchFrom ? Math.Sign(seen - kept) : 0;
        if (stretch != 0 && Math.Abs(seen - kept) > Samples(Slack.Ticks * 100))
        {
            _place = kept + stretch;
            _stretchFrom = _received + Samples(StretchEvery.Ticks * 100);
        }
        else
        {
            stretch = 0;
        }

        _gives |= skip < samples;
        Written += silence + samples - skip + stretch;
        SilenceWritten += silence;
        return new SoundPlacement(silence, skip, stretch);
    }

    /// <summary>Samples of silence to put in because no sound came for too long.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="patience">How far the track may stay behind; zero when no more sound can come.</param>
    public long SilenceDue(long now, TimeSpan patience)
    {
        if (!Begun)
        {
            return 0;
        }

        patience = _gives || patience < IdlePatience ? patience : IdlePatience;
        var silence = Samples(now - (patience.Ticks * 100) - _origin) - Written;
        if (silence <= 0)
        {
            return 0;
        }

        _gives = false;
        Written += silence;
        SilenceWritten += silence;
        return silence;
    }

    /// <summary>Samples of silence that fill the track up to its end.</summary>
    /// <param name="duration">The record's length in nanoseconds.</param>
    public long End(long duration)
    {
        var silence = Math.Max(0, Samples(duration) - Written);
        Written += silence;
        return silence;
    }

    /// <summary>Takes note of the time at which the stream's first sample was heard, according to this piece.</summary>
    /// <returns>Whether that time is no earlier than the earlier pieces said. In a burst, each piece gives an earlier
    /// time.</returns>
    private bool Observe(long now, long start)
    {
        var before = _leastOfSecond.Min();
        // Seconds without sound do not count, because the server delivers the overdue sound afterwards.
        if (now - _secondSince >= Second)
        {
            _second = (_second + 1) % RecentSeconds;
            _leastOfSecond[_second] = long.MaxValue;
            _secondSince = now;
        }

        _leastOfSecond[_second] = Math.Min(_leastOfSecond[_second], start);
        return before != long.MaxValue && start > before - Settled;
    }

    // Split, so that days of nanoseconds times the rate stay within 64 bits.
    private long Samples(long nanoseconds) =>
        (nanoseconds / 1_000_000_000 * rate) + (nanoseconds % 1_000_000_000 * rate / 1_000_000_000);

    private long Nanoseconds(long samples) =>
        (samples / rate * 1_000_000_000) + (samples % rate * 1_000_000_000 / rate);
}
