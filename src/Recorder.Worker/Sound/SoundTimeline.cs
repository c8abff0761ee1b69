namespace Recorder.Worker.Sound;

/// <summary>What to do with a piece of sound: first this much silence, then leave this much of the piece out, then take
/// the rest.</summary>
/// <param name="Silence">Samples of silence to put before it.</param>
/// <param name="Skip">Samples at its start to leave out.</param>
/// <param name="Stretch">By how many samples the rest is to be made longer, or shorter where this is negative.</param>
internal readonly record struct SoundPlacement(long Silence, long Skip, int Stretch = 0);

/// <summary>
/// Keeps a sound track continuous by construction: sample n is heard n / rate seconds after the origin, whatever the
/// sound server does. Counts samples against CLOCK_MONOTONIC. It knows only times in nanoseconds and numbers of
/// samples.
/// </summary>
/// <remarks>
/// A piece comes late by some scheduling delay, never early, so the truth about when sample n of the server's stream
/// was heard is the least delayed of the recent pieces. A null sink that was held up gives afterwards all that it owes:
/// a late piece keeps the place that its number says, and only a delay that does not end means that the server has lost
/// something.
/// <para>
/// A null sink runs on the same clock, but cuts the length of each piece to whole microseconds: its sound is up to some
/// 100 millionths fast, which is 15 ms in four minutes. The track follows by a sample at a time, for which a piece is
/// stretched; nothing is cut out.
/// </para>
/// </remarks>
internal sealed class SoundTimeline(int rate)
{
    /// <summary>Nothing came for this long: the track goes on with silence. Less than what HLS segments wait for sound;
    /// outputs wait as long as this.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(600);

    /// <summary>The same while the server gives nothing anyway, such as an idle one at the start: the picture's first
    /// fragment waits for sound.</summary>
    public static readonly TimeSpan IdlePatience = TimeSpan.FromMilliseconds(80);

    /// <summary>The track may be off by this much before it is put right by stretching.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(2);

    /// <summary>The track may be off by this much before silence is put in or samples are left out.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(50);

    /// <summary>A sample is put in or taken away once in this time at most: 0.04 %, which nobody hears.</summary>
    public static readonly TimeSpan StretchEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>A piece of fewer samples is not stretched: servers give pieces of any length, and there is nothing
    /// between the ends of the shortest.</summary>
    public const int ShortestStretched = 100;

    /// <summary>The least delayed piece is the truth as soon as the next one does not come earlier by more than
    /// this.</summary>
    private const long Settled = 2_000_000;

    // Pieces are short, so the recent ones are counted by time. Not even on a full machine are all of them late.
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

    /// <summary>Samples put into the track so far.</summary>
    public long Written { get; private set; }

    /// <summary>Samples of silence among them that stand for sound that never came.</summary>
    public long SilenceWritten { get; private set; }

    /// <summary>True from <see cref="Begin"/> on.</summary>
    public bool Begun { get; private set; }

    /// <summary>The track begins with the sound heard at this time.</summary>
    public void Begin(long at)
    {
        _origin = at;
        Begun = true;
    }

    /// <summary>A piece of sound came.</summary>
    /// <param name="now">When it came.</param>
    /// <param name="samples">How long it is.</param>
    public SoundPlacement Arrived(long now, long samples)
    {
        var first = _received;
        _received += samples;
        var settled = Observe(now, now - Nanoseconds(_received));
        if (!Begun || (_place is null && !settled))
        {
            return new SoundPlacement(0, samples);
        }

        // Where the first sample of the server's stream stands in the track, and with it every other.
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

    /// <summary>Samples of silence to put in because nothing came for too long.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="patience">How far the track may stay behind; zero when nothing can come any more.</param>
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

    /// <summary>Takes note of when the stream's first sample was heard, as this piece has it.</summary>
    /// <returns>Whether that is no earlier than the pieces before said; those of a burst get earlier one by
    /// one.</returns>
    private bool Observe(long now, long start)
    {
        var before = _leastOfSecond.Min();
        // Seconds in which nothing comes do not count: afterwards the server gives what it owes.
        if (now - _secondSince >= Second)
        {
            _second = (_second + 1) % RecentSeconds;
            _leastOfSecond[_second] = long.MaxValue;
            _secondSince = now;
        }

        _leastOfSecond[_second] = Math.Min(_leastOfSecond[_second], start);
        return before != long.MaxValue && start > before - Settled;
    }

    // Split so that days of nanoseconds times the rate stay within 64 bits.
    private long Samples(long nanoseconds) =>
        (nanoseconds / 1_000_000_000 * rate) + (nanoseconds % 1_000_000_000 * rate / 1_000_000_000);

    private long Nanoseconds(long samples) =>
        (samples / rate * 1_000_000_000) + (samples % rate * 1_000_000_000 / rate);
}
