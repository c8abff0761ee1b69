using System.Buffers.Binary;

namespace Recorder.Harness.Fuzzing;

/// <summary>Bytes near to right ones.</summary>
internal static class MutatedBytes
{
    private static readonly uint[] Extremes =
    [
        0, 1, 7, 8, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
    ];

    /// <summary>Changes bytes in one to four places.</summary>
    /// <param name="random">The source of chance.</param>
    /// <param name="right">The right bytes, which stay as they are.</param>
    public static byte[] Of(Random random, ReadOnlySpan<byte> right)
    {
        var bytes = right.ToArray();
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            bytes = Change(random, bytes);
        }
        return bytes;
    }

    private static byte[] Change(Random random, byte[] bytes)
    {
        // The beginning has most of the structure.
        var at = random.Next(2) == 0 ? random.Next(Math.Min(bytes.Length, 512) + 1) : random.Next(bytes.Length + 1);
        var length = Math.Min(bytes.Length - at, 1 << random.Next(0, 12));
        switch (random.Next(7))
        {
            case 0:
                return bytes[..at];
            case 1:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 2:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 3 when length > 0:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 4 when length > 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 5 when bytes.Length - at >= sizeof(uint):
                BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), Extremes[random.Next(Extremes.Length)]);
                return bytes;
            default:
                random.NextBytes(bytes.AsSpan(at, length));
                return bytes;
        }
    }
}
