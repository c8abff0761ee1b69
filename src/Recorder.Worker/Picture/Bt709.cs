using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Recorder.Worker.Picture;

/// <summary>
/// Converts pixels of blue, green, red, unused to I420 of limited range by the matrix of ITU-R BT.709. libyuv offers
/// that matrix in the other direction only.
/// </summary>
/// <remarks>
/// Luma is computed with factors of eight bits, so that 32 pixels take four multiplications. Luma is within 0.9 levels,
/// and a grey has no colour. Chroma is computed from the exact sum of its four pixels and is within half a level,
/// because an error of chroma is more visible. A processor without AVX2 uses the plain loop, which gives the same bytes
/// and takes some ten times as long.
/// <para>
/// Another process has just drawn the picture, mostly on another core, so most of the time goes into waiting for the
/// picture's bytes. Each step therefore prefetches the bytes of the next two lines: 0.31 ms a frame of 1080p instead of
/// 0.55. The parts of a step are inlined. Otherwise each call would write the constants to memory and read them again,
/// which costs 0.2 ms more (measured: docs/performance.md).
/// </para>
/// </remarks>
internal static unsafe class Bt709
{
    private const int PixelBytes = 4;
    private const int Step = 32;

    // The bytes that a processor fetches from memory at once.
    private const int CacheLine = 64;

    // 219 / 255 x (0.0722, 0.7152, 0.2126) x 256.
    private const int LumaBlue = 16;
    private const int LumaGreen = 157;
    private const int LumaRed = 47;
    private const int LumaShift = 8;
    private const int LumaOffset = (16 << LumaShift) + (1 << (LumaShift - 1));

    // 224 / 255 x 16384, over the sum of four pixels: Cb = (B - Y) / 1.8556, Cr = (R - Y) / 1.5748. Each triple adds up
    // to zero, so a grey has no colour.
    private const int BlueBlue = 7196;
    private const int BlueGreen = -5547;
    private const int BlueRed = -1649;
    private const int RedBlue = -660;
    private const int RedGreen = -6536;
    private const int RedRed = 7196;
    private const int ChromaShift = 16;
    private const int ChromaOffset = (128 << ChromaShift) + (1 << (ChromaShift - 1));

    /// <summary>Converts one picture.</summary>
    /// <param name="source">The first pixel.</param>
    /// <param name="sourceStride">Bytes from one line of the source to the next.</param>
    /// <param name="target">The target planes; width and height are even.</param>
    public static void Convert(byte* source, int sourceStride, PictureMemory target)
    {
        var format = target.Format;
        var to = (byte*)target.Data;
        for (var line = 0; line < format.Height; line += 2)
        {
            var upper = source + ((long)line * sourceStride);
            var lower = upper + sourceStride;
            var luma = to + ((long)line * format.LumaStride);
            var chroma = (long)(line / 2) * format.ChromaStride;
            var blue = to + format.BlueOffset + chroma;
            var red = to + format.RedOffset + chroma;
            var done = Avx2.IsSupported
                ? ConvertWide(upper, lower, luma, luma + format.LumaStride, blue, red, format.Width)
                : 0;
            ConvertPlain(upper, lower, luma, luma + format.LumaStride, blue, red, done, format.Width);
        }
    }

    /// <summary>Converts two lines without vectors, beginning at one pixel.</summary>
    internal static void ConvertPlain(
        byte* upper,
        byte* lower,
        byte* lumaUpper,
        byte* lumaLower,
        byte* blue,
        byte* red,
        int from,
        int width
    )
    {
        for (var x = from; x < width; x += 2)
        {
            var first = upper + (x * PixelBytes);
            var second = lower + (x * PixelBytes);
            lumaUpper[x] = Luma(first);
            lumaUpper[x + 1] = Luma(first + PixelBytes);
            lumaLower[x] = Luma(second);
            lumaLower[x + 1] = Luma(second + PixelBytes);
            var b = first[0] + first[4] + second[0] + second[4];
            var g = first[1] + first[5] + second[1] + second[5];
            var r = first[2] + first[6] + second[2] + second[6];
            blue[x / 2] = (byte)(((b * BlueBlue) + (g * BlueGreen) + (r * BlueRed) + ChromaOffset) >> ChromaShift);
            red[x / 2] = (byte)(((b * RedBlue) + (g * RedGreen) + (r * RedRed) + ChromaOffset) >> ChromaShift);
        }
    }

    private static byte Luma(byte* pixel) =>
        (byte)(((pixel[0] * LumaBlue) + (pixel[1] * LumaGreen) + (pixel[2] * LumaRed) + LumaOffset) >> LumaShift);

    /// <summary>Converts two lines, 32 pixels at a time, and returns the number of pixels done in each line.</summary>
    // Optimised from the first call on. Otherwise the first frames of a record would take many times as long.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int ConvertWide(
        byte* upper,
        byte* lower,
        byte* lumaUpper,
        byte* lumaLower,
        byte* blue,
        byte* red,
        int width
    )
    {
        var toBlue = Vector256.Create(Four(BlueBlue, BlueGreen, BlueRed)).AsInt16();
        var toRed = Vector256.Create(Four(RedBlue, RedGreen, RedRed)).AsInt16();
        var twoLines = 2 * (lower - upper);
        var x = 0;
        for (; x + Step <= width; x += Step)
        {
            var at = x * PixelBytes;
            Expect(upper + at + twoLines);
            Expect(lower + at + twoLines);
            var u0 = Vector256.Load(upper + at);
            var u1 = Vector256.Load(upper + at + 32);
            var u2 = Vector256.Load(upper + at + 64);
            var u3 = Vector256.Load(upper + at + 96);
            var l0 = Vector256.Load(lower + at);
            var l1 = Vector256.Load(lower + at + 32);
            var l2 = Vector256.Load(lower + at + 64);
            var l3 = Vector256.Load(lower + at + 96);
            LumaOf(u0, u1, u2, u3).Store(lumaUpper + x);
            LumaOf(l0, l1, l2, l3).Store(lumaLower + x);
            var s0 = Sums(u0, l0);
            var s1 = Sums(u1, l1);
            var s2 = Sums(u2, l2);
            var s3 = Sums(u3, l3);

            // The shuffles of AVX2 stay within halves of a vector. The permutation restores the order, with blue before
            // red.
            var both = Avx2.PackUnsignedSaturate(ChromaOf(s0, s1, s2, s3, toBlue), ChromaOf(s0, s1, s2, s3, toRed))
                .AsInt64();
            var ordered = Avx2.Permute4x64(both, 0b11_01_10_00).AsByte();
            ordered.GetLower().Store(blue + (x / 2));
            ordered.GetUpper().Store(red + (x / 2));
        }

        return x;
    }

    /// <summary>Prefetches the bytes of one step. An address behind the picture does no harm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Expect(byte* pixels)
    {
        Sse.Prefetch0(pixels);
        Sse.Prefetch0(pixels + CacheLine);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Sums(Vector256<byte> above, Vector256<byte> below)
    {
        // Each byte stands beside that of the next pixel, so that one multiplication adds the two.
        var pairs = Vector256.Create(
            (byte)0,
            4,
            1,
            5,
            2,
            6,
            3,
            7,
            8,
            12,
            9,
            13,
            10,
            14,
            11,
            15,
            0,
            4,
            1,
            5,
            2,
            6,
            3,
            7,
            8,
            12,
            9,
            13,
            10,
            14,
            11,
            15
        );
        var ones = Vector256.Create((sbyte)1);
        return Avx2.Add(
            Avx2.MultiplyAddAdjacent(Avx2.Shuffle(above, pairs), ones),
            Avx2.MultiplyAddAdjacent(Avx2.Shuffle(below, pairs), ones)
        );
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> ChromaOf(
        Vector256<short> s0,
        Vector256<short> s1,
        Vector256<short> s2,
        Vector256<short> s3,
        Vector256<short> factors
    )
    {
        var offset = Vector256.Create(ChromaOffset);
        var low = Avx2.HorizontalAdd(Avx2.MultiplyAddAdjacent(s0, factors), Avx2.MultiplyAddAdjacent(s1, factors));
        var high = Avx2.HorizontalAdd(Avx2.MultiplyAddAdjacent(s2, factors), Avx2.MultiplyAddAdjacent(s3, factors));
        low = Avx2.ShiftRightArithmetic(Avx2.Add(low, offset), ChromaShift);
        high = Avx2.ShiftRightArithmetic(Avx2.Add(high, offset), ChromaShift);
        return InOrder(Avx2.PackSignedSaturate(low, high).AsInt32()).AsInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> LumaOf(
        Vector256<byte> p0,
        Vector256<byte> p1,
        Vector256<byte> p2,
        Vector256<byte> p3
    )
    {
        var low = Avx2.HorizontalAdd(Weighed(p0), Weighed(p1));
        var high = Avx2.HorizontalAdd(Weighed(p2), Weighed(p3));
        return InOrder(Avx2.PackUnsignedSaturate(ToLevels(low), ToLevels(high)).AsInt32()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Weighed(Vector256<byte> pixels)
    {
        // The instruction multiplies unsigned by signed bytes. Factors above 127 need the unsigned side, so pixels are
        // moved down by 128.
        var factors = Vector256.Create(LumaBlue | (LumaGreen << 8) | (LumaRed << 16)).AsByte();
        return Avx2.MultiplyAddAdjacent(factors, Avx2.Xor(pixels, Vector256.Create((byte)0x80)).AsSByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> ToLevels(Vector256<short> sums)
    {
        var offset = Vector256.Create((ushort)(LumaOffset + (128 * (LumaBlue + LumaGreen + LumaRed)))).AsInt16();
        return Avx2.ShiftRightLogical(Avx2.Add(sums, offset).AsUInt16(), LumaShift).AsInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> InOrder(Vector256<int> packed) =>
        Avx2.PermuteVar8x32(packed, Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7));

    /// <summary>Four factors of 16 bits, for blue, green, red and the unused byte.</summary>
    private static long Four(int blue, int green, int red) =>
        (ushort)blue | ((long)(ushort)green << 16) | ((long)(ushort)red << 32);
}
