namespace Recorder.Worker.Sound;

/// <summary>What to do with a piece of sound: first this much silence, then leave this much of the piece out, then take the rest.</summary>
/// <param name="Silence">Samples of silence to put before it.</param>
/// <param name="Skip">Samples at its start to leave out.</param>
internal readonly record struct SoundPlacement(long Silence, long Skip);

/// <summary>
/// Keeps a sound track continuous by construction: sample n is heard n / rate seconds after the origin, whatever the sound server
/// does. Counts samples against CLOCK_MONOTONIC (a null sink runs on the same clock). It knows only times in nanoseconds and numbers of samples.
/// </summary>
/// <remarks>
/// A piece comes late by some scheduling delay, never early, so the truth about when sample n of the server's stream was heard is
/// the least delayed of the recent pieces.
/// </remarks>
internal sealed class SoundTimeline(int rate)
{
    /// <summary>Nothing came for this long: the track goes on with silence.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    /// <summary>The same while the server gives nothing anyway, such as an idle one at the start: the picture's first fragment waits for sound.</summary>
    public static readonly TimeSpan IdlePatience = TimeSpan.FromMilliseconds(80);

    /// <summary>The track may be off by this much before samples are put in or left out.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(15);

    private const int Window = 32;

    private readonly long[] bases = new long[Window];
    private int observations;
    private long received;
    private long lastArrival = long.MinValue;
    private long origin;
    private bool aligned;

    /// <summary>Samples put into the track so far.</summary>
    public long Written { get; private set; }

    /// <summary>Samples of silence among them that stand for sound that never came.</summary>
    public long SilenceWritten { get; private set; }

    /// <summary>True from <see cref="Begin"/> on.</summary>
    public bool Begun { get; private set; }

    /// <summary>The track begins with the sound heard at this time.</summary>
    public void Begin(long at)
    {
        origin = at;
        Begun = true;
    }

    /// <summary>A piece of sound came.</summary>
    /// <param name="now">When it came.</param>
    /// <param name="samples">How long it is.</param>
    public SoundPlacement Arrived(long now, long samples)
    {
        if (lastArrival != long.MinValue && now - lastArrival > (Patience.Ticks * 100))
        {
            // The server paused; what it did not deliver is lost, and the old relation with it.
            observations = 0;
            aligned = false;
        }

        lastArrival = now;
        long first = received;
        received += samples;
        bases[observations++ % Window] = now - Nanoseconds(received);
        if (!Begun)
        {
            return new SoundPlacement(0, samples);
        }

        long shift = Samples(LeastBase() + Nanoseconds(first) - origin) - Written;
        if (aligned && Math.Abs(shift) <= Samples(Tolerance.Ticks * 100))
        {
            shift = 0;
        }

        long silence = Math.Max(0, shift);
        long skip = Math.Min(samples, Math.Max(0, -shift));
        aligned |= skip < samples;
        Written += silence + samples - skip;
        SilenceWritten += silence;
        return new SoundPlacement(silence, skip);
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

        patience = aligned || patience < IdlePatience ? patience : IdlePatience;
        long silence = Samples(now - (patience.Ticks * 100) - origin) - Written;
        if (silence <= 0)
        {
            return 0;
        }

        aligned = false;
        Written += silence;
        SilenceWritten += silence;
        return silence;
    }

    /// <summary>Samples of silence that fill the track up to its end.</summary>
    /// <param name="duration">The record's length in nanoseconds.</param>
    public long End(long duration)
    {
        long silence = Math.Max(0, Samples(duration) - Written);
        Written += silence;
        return silence;
    }

    private long LeastBase()
    {
        long least = long.MaxValue;
        for (int i = 0; i < Math.Min(observations, Window); i++)
        {
            least = Math.Min(least, bases[i]);
        }

        return least;
    }

    // Split so that days of nanoseconds times the rate stay within 64 bits.
    private long Samples(long nanoseconds) =>
        (nanoseconds / 1_000_000_000 * rate) + (nanoseconds % 1_000_000_000 * rate / 1_000_000_000);

    private long Nanoseconds(long samples) =>
        (samples / rate * 1_000_000_000) + (samples % rate * 1_000_000_000 / rate);
}
