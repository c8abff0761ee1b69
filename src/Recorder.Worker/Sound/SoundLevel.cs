using System.Runtime.InteropServices;

namespace Recorder.Worker.Sound;

/// <summary>
/// How loud the sound was since the last look: the root mean square of both channels, in decibels below full scale. One
/// sample of four counts, which costs next to nothing and misses nothing that people hear as sound. Filled by one
/// thread, read by another.
/// </summary>
internal sealed class SoundLevel
{
    /// <summary>What silence is called: less than half of the smallest step of 16 bits.</summary>
    public const double Silence = -100;

    private const int Step = 4;
    private const double FullScale = 32768;

    private readonly Lock _lock = new();
    private double _squares;
    private long _samples;

    /// <summary>Takes a piece of sound, 16 bits a sample.</summary>
    /// <param name="piece">The samples of both channels, in turn.</param>
    public void Hear(ReadOnlySpan<byte> piece)
    {
        var samples = MemoryMarshal.Cast<byte, short>(piece);
        var squares = 0L;
        var counted = 0;

        // Both channels of one sample of four.
        for (var i = 0; i + 1 < samples.Length; i += 2 * Step)
        {
            squares += ((long)samples[i] * samples[i]) + ((long)samples[i + 1] * samples[i + 1]);
            counted += 2;
        }
        lock (_lock)
        {
            _squares += squares;
            _samples += counted;
        }
    }

    /// <summary>Takes silence that stands for sound.</summary>
    /// <param name="samples">How many samples, each of both channels.</param>
    public void HearSilence(long samples)
    {
        lock (_lock)
        {
            _samples += samples * 2 / Step;
        }
    }

    /// <summary>The level since the last call, from <see cref="Silence"/> to 0; null when there was no sound at
    /// all.</summary>
    public double? Take()
    {
        lock (_lock)
        {
            if (_samples == 0)
            {
                return null;
            }
            var level = Math.Sqrt(_squares / _samples) / FullScale;
            (_squares, _samples) = (0, 0);
            return level <= 0 ? Silence : Math.Clamp(Math.Round(20 * Math.Log10(level), 1), Silence, 0);
        }
    }
}
