using System.Runtime.InteropServices;
using Recorder.Worker.Sound;

namespace Recorder.Worker.Tests.Sound;

/// <summary>How loud sound is called.</summary>
public sealed class SoundLevelTests
{
    [Theory]
    [InlineData(1.0, -3.0)]
    [InlineData(0.1, -23.0)]
    [InlineData(0.001, -63.0)]
    public void A_tone_has_its_level(double amplitude, double decibels)
    {
        var level = new SoundLevel();
        level.Hear(Tone(amplitude));
        Assert.InRange(level.Take()!.Value, decibels - 0.5, decibels + 0.5);
        Assert.Null(level.Take());
    }

    [Fact]
    public void Silence_of_either_kind_is_silence_and_counts_for_the_whole_second()
    {
        var level = new SoundLevel();
        level.HearSilence(SoundFormat.Rate);
        Assert.Equal(SoundLevel.Silence, level.Take());
        level.Hear(new byte[4 * SoundFormat.Rate]);
        Assert.Equal(SoundLevel.Silence, level.Take());

        level.Hear(Tone(1));
        level.HearSilence(SoundFormat.Rate);
        Assert.InRange(level.Take()!.Value, -6.5, -5.5);
    }

    [Fact]
    public void A_tone_in_one_channel_alone_is_heard()
    {
        foreach (var channel in new[] { 0, 1 })
        {
            var samples = MemoryMarshal.Cast<byte, short>(Tone(0.5)).ToArray();
            for (var i = channel; i < samples.Length; i += 2)
            {
                samples[i] = 0;
            }
            var level = new SoundLevel();
            level.Hear(MemoryMarshal.AsBytes<short>(samples));
            Assert.InRange(level.Take()!.Value, -13, -11);
        }
    }

    [Fact]
    public void Pieces_of_odd_lengths_are_taken()
    {
        var level = new SoundLevel();
        level.Hear([]);
        level.Hear([1]);
        level.Hear([1, 2, 3]);
        Assert.Null(level.Take());
    }

    private static byte[] Tone(double amplitude)
    {
        var samples = new short[2 * SoundFormat.Rate];
        for (var i = 0; i < SoundFormat.Rate; i++)
        {
            var value = (short)(amplitude * 32767 * Math.Sin(2 * Math.PI * 440 * i / SoundFormat.Rate));
            (samples[2 * i], samples[(2 * i) + 1]) = (value, value);
        }
        return MemoryMarshal.AsBytes<short>(samples).ToArray();
    }
}
