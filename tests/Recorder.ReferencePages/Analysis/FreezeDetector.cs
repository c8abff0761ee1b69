namespace Recorder.ReferencePages;

/// <summary>Finds where the picture stands still, by comparing each frame, made small, with the one that last
/// differed.</summary>
internal static class FreezeDetector
{
    private const int Width = 160;
    private const int Height = 90;

    /// <summary>
    /// Levels (of 255) by which one small pixel must differ to be movement. Measured on a still test picture of
    /// 640x360: its encoder's key frames make it breathe by up to 6 levels at 1 Mbit/s and up to 18 where 200 kbit/s
    /// starve it.
    /// </summary>
    private const int Movement = 20;

    public static async Task<Stretch> LongestAsync(
        string path,
        PictureRegion region,
        CancellationToken cancellationToken
    )
    {
        var moved = new List<bool>();
        var last = new byte[Width * Height];
        var times = await VideoFrames.VisitGrayAsync(
            path,
            region,
            Width,
            Height,
            (index, pixels) =>
            {
                var moves = index == 0 || Differs(pixels, last);
                if (moves)
                {
                    pixels.CopyTo(last);
                }
                moved.Add(moves);
            },
            cancellationToken
        );

        var longest = new Stretch(times[0], TimeSpan.Zero);
        var since = times[0];
        for (var i = 0; i < times.Count; i++)
        {
            if (times[i] - since > longest.Length)
            {
                longest = new Stretch(since, times[i] - since);
            }
            if (moved[i])
            {
                since = times[i];
            }
        }

        return longest;
    }

    private static bool Differs(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> last)
    {
        for (var i = 0; i < pixels.Length; i++)
        {
            if (Math.Abs(pixels[i] - last[i]) > Movement)
            {
                return true;
            }
        }

        return false;
    }
}
