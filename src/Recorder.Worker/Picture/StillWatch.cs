namespace Recorder.Worker.Picture;

/// <summary>
/// For how long the picture has stood still. Looks at one picture a second, and at one pixel of 64: a moving speaker or
/// a turned page is seen, and a blinking caret is not. Used by one thread, except <see cref="For"/>. </summary>
/// <param name="format">The size of the pictures.</param>
internal sealed class StillWatch(PictureFormat format)
{
    private const int Step = 8;

    /// <summary>By how much a pixel must differ. Conversions and dithering make smaller differences.</summary>
    private const int Difference = 12;

    private const long Interval = 1_000_000_000;

    private readonly byte[] _last = new byte[Math.Max(1, format.Width / Step * (format.Height / Step))];
    private long _lookedAt = long.MinValue / 2;
    private long _movedAt = long.MinValue;

    /// <summary>Looks at a picture, unless the last look was less than a second ago.</summary>
    /// <param name="picture">The luma of the picture, with the stride of the format.</param>
    /// <param name="now">The time in nanoseconds of CLOCK_MONOTONIC.</param>
    public void Look(ReadOnlySpan<byte> picture, long now)
    {
        if (now - _lookedAt < Interval)
        {
            return;
        }
        _lookedAt = now;
        var (columns, rows) = (format.Width / Step, format.Height / Step);
        var changed = 0;
        for (var row = 0; row < rows; row++)
        {
            var line = picture.Slice(row * Step * format.LumaStride, format.Width);
            for (var column = 0; column < columns; column++)
            {
                var pixel = line[column * Step];
                ref var last = ref _last[(row * columns) + column];
                if (Math.Abs(pixel - last) > Difference)
                {
                    changed++;
                }
            }
        }
        if (changed <= _last.Length / 1000 && Volatile.Read(ref _movedAt) != long.MinValue)
        {
            return;
        }
        for (var row = 0; row < rows; row++)
        {
            var line = picture.Slice(row * Step * format.LumaStride, format.Width);
            for (var column = 0; column < columns; column++)
            {
                _last[(row * columns) + column] = line[column * Step];
            }
        }
        Volatile.Write(ref _movedAt, now);
    }

    /// <summary>For how long the picture has stood still; zero before the first look.</summary>
    /// <param name="now">The time in nanoseconds of CLOCK_MONOTONIC.</param>
    public TimeSpan For(long now) =>
        Volatile.Read(ref _movedAt) is var moved && moved != long.MinValue && now > moved
            ? TimeSpan.FromMicroseconds((now - moved) / 1000)
            : TimeSpan.Zero;
}
