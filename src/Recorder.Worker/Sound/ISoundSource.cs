namespace Recorder.Worker.Sound;

/// <summary>The form of recorded sound everywhere in the worker: 48 kHz, two channels, 16 bits, interleaved.</summary>
internal static class SoundFormat
{
    /// <summary>Samples a second.</summary>
    public const int Rate = 48000;

    /// <summary>Bytes of one sample of both channels.</summary>
    public const int BytesPerSample = 4;
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
