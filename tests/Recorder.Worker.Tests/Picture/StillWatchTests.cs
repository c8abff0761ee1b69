using Recorder.Worker.Picture;

namespace Recorder.Worker.Tests.Picture;

/// <summary>When a picture counts as standing still.</summary>
public sealed class StillWatchTests
{
    private const long Second = 1_000_000_000;

    private static readonly PictureFormat Format = new(640, 360);

    private readonly StillWatch _watch = new(Format);
    private readonly byte[] _luma = new byte[Format.LumaStride * Format.Height];

    [Fact]
    public void A_picture_that_does_not_change_stands_still_since_its_first_look()
    {
        Assert.Equal(TimeSpan.Zero, _watch.For(5 * Second));
        Look(10);
        Look(12);
        Assert.Equal(TimeSpan.FromSeconds(5), _watch.For(15 * Second));
    }

    [Fact]
    public void Something_that_moves_is_movement()
    {
        Look(10);
        Fill(100, 100, 80, 80, 200);
        Look(12);
        Assert.Equal(TimeSpan.FromSeconds(3), _watch.For(15 * Second));
    }

    [Fact]
    public void A_caret_that_blinks_and_noise_are_none()
    {
        Look(10);
        for (var second = 11; second < 20; second++)
        {
            Fill(40, 40, 2, 16, (byte)(second % 2 == 0 ? 255 : 0));
            Fill(0, 0, 640, 20, (byte)(second % 2 == 0 ? 0 : 10));
            Look(second);
        }
        Assert.Equal(TimeSpan.FromSeconds(10), _watch.For(20 * Second));
    }

    [Fact]
    public void What_changes_slowly_is_movement_in_the_end()
    {
        Look(10);
        for (var second = 11; second <= 20; second++)
        {
            Fill(0, 0, 640, 360, (byte)(2 * (second - 10)));
            Look(second);
        }
        Assert.InRange(_watch.For(20 * Second), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    private void Look(int second) => _watch.Look(_luma, second * Second);

    private void Fill(int left, int top, int width, int height, byte value)
    {
        for (var row = top; row < top + height; row++)
        {
            _luma.AsSpan((row * Format.LumaStride) + left, width).Fill(value);
        }
    }
}
