namespace Recorder.ReferencePages;

/// <summary>
/// The frame number as <see cref="Cells"/> black and white cells in one row across the picture's width. The row beneath
/// flashes white at each whole second. Left to right the cells are: sync 1 0 1 0, <see cref="NumberBits"/> bits of Gray
/// code, <see cref="CheckBits"/> check bits, sync 0 1. The most significant bit of the Gray code comes first. One cell
/// changes from frame to frame, so a picture caught between two frames is wrong by one frame at most. The check bits
/// are the XOR of the Gray code's nibbles, so that any single misread cell is noticed.
/// </summary>
/// <remarks>The page <c>/webrtc</c> draws the same code in JavaScript; the two must agree.</remarks>
public static class FrameBarcode
{
    /// <summary>Cells in the row.</summary>
    public const int Cells = 24;

    /// <summary>Bits of the number; numbers wrap at <see cref="Modulus"/>.</summary>
    public const int NumberBits = 14;

    /// <summary>Check bits behind the number.</summary>
    public const int CheckBits = 4;

    /// <summary>Numbers run from 0 to <see cref="Modulus"/> − 1.</summary>
    public const int Modulus = 1 << NumberBits;

    /// <summary>Each of the two rows is the picture's height divided by this.</summary>
    public const int RowsPerPicture = 10;

    private static ReadOnlySpan<byte> LeadingSync => [1, 0, 1, 0];

    private static ReadOnlySpan<byte> TrailingSync => [0, 1];

    /// <summary>The cells of a frame number, 1 is white.</summary>
    /// <param name="frameNumber">Any number of 0 or more; taken modulo <see cref="Modulus"/>.</param>
    public static byte[] Encode(int frameNumber)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frameNumber);
        var number = frameNumber % Modulus;
        var gray = number ^ (number >> 1);
        var cells = new byte[Cells];
        LeadingSync.CopyTo(cells);
        WriteBits(cells.AsSpan(LeadingSync.Length, NumberBits), gray);
        WriteBits(cells.AsSpan(LeadingSync.Length + NumberBits, CheckBits), Check(gray));
        TrailingSync.CopyTo(cells.AsSpan(Cells - TrailingSync.Length));
        return cells;
    }

    /// <summary>
    /// Reads the mean luminance (0–255) of each cell. A cell must be clearly nearer to black or to white, measured
    /// against the sync cells of the same picture.
    /// </summary>
    /// <returns>The frame number, or null where the picture holds no readable code.</returns>
    public static int? Decode(ReadOnlySpan<double> cellLuminance)
    {
        if (cellLuminance.Length != Cells)
        {
            throw new ArgumentException(
                $"A barcode has {Cells} cells, not {cellLuminance.Length}.",
                nameof(cellLuminance)
            );
        }

        if (Levels(cellLuminance) is not { } levels)
        {
            return null;
        }

        Span<byte> bits = stackalloc byte[Cells];
        for (var i = 0; i < Cells; i++)
        {
            var position = (cellLuminance[i] - levels.Black) / (levels.White - levels.Black);
            if (position is > 0.4 and < 0.6)
            {
                return null;
            }
            bits[i] = (byte)(position >= 0.5 ? 1 : 0);
        }

        if (
            !bits[..LeadingSync.Length].SequenceEqual(LeadingSync)
            || !bits[^TrailingSync.Length..].SequenceEqual(TrailingSync)
        )
        {
            return null;
        }

        var gray = ReadBits(bits.Slice(LeadingSync.Length, NumberBits));
        if (ReadBits(bits.Slice(LeadingSync.Length + NumberBits, CheckBits)) != Check(gray))
        {
            return null;
        }

        var number = gray;
        for (var shift = 1; shift < NumberBits; shift <<= 1)
        {
            number ^= number >> shift;
        }
        return number;
    }

    /// <summary>The luminance of black and white in this picture, from the sync cells; null where they do not differ
    /// enough to be a barcode.</summary>
    internal static (double Black, double White)? Levels(ReadOnlySpan<double> cells)
    {
        var white = (cells[0] + cells[2] + cells[Cells - 1]) / 3;
        var black = (cells[1] + cells[3] + cells[Cells - 2]) / 3;
        return white - black < 60 ? null : (black, white);
    }

    private static int Check(int gray) => (gray ^ (gray >> 4) ^ (gray >> 8) ^ (gray >> 12)) & 0xF;

    private static void WriteBits(Span<byte> cells, int value)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            cells[i] = (byte)((value >> (cells.Length - 1 - i)) & 1);
        }
    }

    private static int ReadBits(ReadOnlySpan<byte> cells)
    {
        var value = 0;
        foreach (var cell in cells)
        {
            value = (value << 1) | cell;
        }
        return value;
    }
}
