namespace Recorder.Worker.Files.SoundAlone;

/// <summary>The head of a frame of FLAC (RFC 9639, 9.1), in streams whose blocks have one size.</summary>
/// <param name="First">The number of the frame's first sample.</param>
/// <param name="Samples">Number of samples in the frame.</param>
internal readonly record struct FlacFrame(long First, int Samples)
{
    /// <summary>Reads the head at the start of these bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="blockSamples">Number of samples of every frame but the last.</param>
    /// <param name="frame">The head.</param>
    /// <returns>False when no head stands there: its own check sum decides.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, int blockSamples, out FlacFrame frame)
    {
        frame = default;
        if (bytes.Length < 6 || bytes[0] != 0xFF || bytes[1] != 0xF8)
        {
            return false;
        }

        var (size, rate) = (bytes[2] >> 4, bytes[2] & 0x0F);
        var at = 4;
        if (size == 0 || rate == 0x0F || !TryNumber(bytes, ref at, out var number))
        {
            return false;
        }

        var extra = (size == 6 ? 1 : size == 7 ? 2 : 0) + (rate == 12 ? 1 : rate is 13 or 14 ? 2 : 0);
        if (bytes.Length < at + extra + 1 || CheckSum8(bytes[..(at + extra)]) != bytes[at + extra])
        {
            return false;
        }

        var samples = size switch
        {
            1 => 192,
            <= 5 => 576 << (size - 2),
            6 => bytes[at] + 1,
            7 => (bytes[at] << 8 | bytes[at + 1]) + 1,
            _ => 256 << (size - 8),
        };
        frame = new FlacFrame(number * blockSamples, samples);
        return true;
    }

    /// <summary>Whether these bytes are a whole frame: the last two are the check sum of the others.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> bytes) =>
        bytes.Length > 2 && CheckSum16(bytes[..^2]) == (bytes[^2] << 8 | bytes[^1]);

    // A number as UTF-8 writes it, of up to 36 bits.
    private static bool TryNumber(ReadOnlySpan<byte> bytes, ref int at, out long number)
    {
        number = bytes[at++];
        if (number < 0x80)
        {
            return true;
        }

        var more = 0;
        for (var mask = 0x40; (number & mask) != 0 && mask > 1; mask >>= 1)
        {
            more++;
        }

        if (more is 0 or > 6 || bytes.Length < at + more)
        {
            return false;
        }

        number &= 0x3F >> more;
        for (; more > 0; more--)
        {
            var next = bytes[at++];
            if ((next & 0xC0) != 0x80)
            {
                return false;
            }

            number = number << 6 | (uint)(next & 0x3F);
        }

        return true;
    }

    private static int CheckSum8(ReadOnlySpan<byte> bytes)
    {
        var sum = 0;
        foreach (var one in bytes)
        {
            sum ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum & 0x80) != 0 ? (sum << 1 ^ 0x07) & 0xFF : sum << 1 & 0xFF;
            }
        }

        return sum;
    }

    private static int CheckSum16(ReadOnlySpan<byte> bytes)
    {
        var sum = 0;
        foreach (var one in bytes)
        {
            sum ^= one << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum & 0x8000) != 0 ? (sum << 1 ^ 0x8005) & 0xFFFF : sum << 1 & 0xFFFF;
            }
        }

        return sum;
    }
}
