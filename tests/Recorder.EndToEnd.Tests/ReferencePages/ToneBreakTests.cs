using Recorder.ReferencePages;

namespace Recorder.EndToEnd.Tests.ReferencePages;

/// <summary>The measuring tool can fail: a break of a few milliseconds is seen, whatever its kind, and steady tones
/// have none.</summary>
public sealed class ToneBreakTests
{
    private const int Rate = 48000;
    private const int At = 2 * Rate;

    [Fact]
    public void Steady_tones_have_no_break() =>
        Assert.Empty(ToneBreaks.In(Track(Tones(5 * Rate)), ToneBreaks.OfThePage));

    [Theory]
    [InlineData(240)]
    [InlineData(512)]
    [InlineData(557)]
    [InlineData(4800)]
    public void What_is_left_out_is_found(int length)
    {
        var tones = Tones(5 * Rate);
        AssertFound([.. tones[..At], .. tones[(At + length)..]]);
    }

    [Theory]
    [InlineData(557)]
    [InlineData(4800)]
    public void What_is_silent_is_found(int length)
    {
        var tones = Tones(5 * Rate);
        tones.AsSpan(At, length).Clear();
        AssertFound(tones);
    }

    [Fact]
    public void What_is_heard_twice_is_found()
    {
        var tones = Tones(5 * Rate);
        AssertFound([.. tones[..At], .. tones[(At - 512)..]]);
    }

    private static void AssertFound(short[] samples) =>
        Assert.InRange(Assert.Single(ToneBreaks.In(Track(samples), ToneBreaks.OfThePage)).TotalSeconds, 1.95, 2.05);

    private static SoundTrack Track(short[] samples) => new(samples, Rate, TimeSpan.Zero, []);

    private static short[] Tones(int length) =>
        [
            .. Enumerable
                .Range(0, length)
                .Select(i =>
                    (short)(8000 * ToneBreaks.OfThePage.Sum(hertz => Math.Sin(2 * Math.PI * hertz * i / Rate)))
                ),
        ];
}
