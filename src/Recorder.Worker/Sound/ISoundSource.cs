namespace Recorder.Worker.Sound;

/// <summary>The form of recorded sound everywhere in the worker: 48 kHz, two channels, 16 bits, interleaved.</summary>
internal static class SoundFormat
{
    /// <summary>Samples a second.</summary>
    public const int Rate = 48000;

    /// <summary>Bytes of one sample of both channels.</summary>
    public const int BytesPerSample = 4;

    /// <summary>The format as GStreamer writes formats.</summary>
    public static string Caps { get; } =
        FormattableString.Invariant(
            $"audio/x-raw,format=S16LE,layout=interleaved,rate={Rate},channels=2,channel-mask=(bitmask)0x3"
        );

    /// <summary>When a sample of a track is heard, in nanoseconds since the beginning of the track.</summary>
    public static ulong TimeOf(long sample) =>
        (ulong)((sample / Rate * 1_000_000_000) + (sample % Rate * 1_000_000_000 / Rate));

    /// <summary>Number of samples that are heard before a time: the opposite of <see cref="TimeOf"/>.</summary>
    /// <param name="time">Nanoseconds since the beginning of the track.</param>
    public static long SamplesBefore(ulong time) =>
        ((long)(time / 1_000_000_000) * Rate) + (((long)(time % 1_000_000_000) * Rate + 999_999_999) / 1_000_000_000);
}

/// <summary>A source of sound: a sound server, or a test. Used by one thread, except <see cref="WakeUp"/>.</summary>
internal interface ISoundSource : IDisposable
{
    /// <summary>Waits for sound. False: the source is gone and will not come back.</summary>
    bool Wait(TimeSpan limit);

    /// <summary>The next piece of sound, valid until the next call; empty when there is none.</summary>
    ReadOnlySpan<byte> Read();

    /// <summary>Makes <see cref="Wait"/> return. From any thread.</summary>
    void WakeUp();
}
