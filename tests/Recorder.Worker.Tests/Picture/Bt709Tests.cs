using System.Runtime.InteropServices;
using Recorder.Worker.Picture;

namespace Recorder.Worker.Tests.Picture;

/// <summary>The conversion of pictures of 720 lines and more.</summary>
public sealed unsafe class Bt709Tests
{
    private const int Spare = 12;

    [Theory]
    [InlineData(359, false)]
    [InlineData(576, false)]
    [InlineData(718, false)]
    [InlineData(720, true)]
    [InlineData(1080, true)]
    [InlineData(2160, true)]
    public void A_picture_has_the_matrix_that_players_take_for_its_size(int height, bool high) =>
        Assert.Equal(
            (high, high ? "2:3:5:1" : "2:4:5:1"),
            (PictureColours.IsHighDefinition(height), PictureColours.Of(height))
        );

    [Fact]
    public void Every_colour_comes_back_within_2_of_255()
    {
        var worst = 0.0;
        for (var red = 0; red < 256; red += 15)
        {
            for (var green = 0; green < 256; green += 15)
            {
                for (var blue = 0; blue < 256; blue += 15)
                {
                    var frame = Converted(new PictureFormat(2, 2), (_, _) => ((byte)blue, (byte)green, (byte)red));
                    worst = Math.Max(worst, Distance(frame[0], frame[8], frame[12], red, green, blue));
                }
            }
        }

        Assert.InRange(worst, 0, 2);
    }

    [Fact]
    public void A_grey_has_no_colour_and_white_and_black_are_the_ends_of_the_range()
    {
        Assert.All(
            Enumerable.Range(0, 256),
            level =>
            {
                var frame = Converted(new PictureFormat(32, 2), (_, _) => ((byte)level, (byte)level, (byte)level));
                Assert.Equal((128, 128), (frame[64], frame[80]));
                Assert.InRange(frame[0] - (16 + (level * 219 / 255.0)), -0.7, 0.7);
                if (level is 0 or 255)
                {
                    Assert.Equal(level == 0 ? 16 : 235, frame[0]);
                }
            }
        );
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(30, 4)]
    [InlineData(32, 2)]
    [InlineData(98, 6)]
    [InlineData(1280, 8)]
    [InlineData(1918, 4)]
    public void A_processors_vectors_give_the_bytes_that_plain_arithmetic_gives(int width, int height)
    {
        var format = new PictureFormat(width, height);
        var random = new Random(width);
        var pixels = new (byte, byte, byte)[width * height];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = ((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256));
        }

        var frame = Converted(format, (x, y) => pixels[(y * width) + x]);

        var plain = new byte[format.Length + Spare];
        var source = Source(format, (x, y) => pixels[(y * width) + x]);
        fixed (
            byte* from = source,
                to = plain
        )
        {
            for (var y = 0; y < height; y += 2)
            {
                var chroma = y / 2 * format.ChromaStride;
                Bt709.ConvertPlain(
                    from + (y * Stride(format)),
                    from + ((y + 1) * Stride(format)),
                    to + (y * format.LumaStride),
                    to + ((y + 1) * format.LumaStride),
                    to + format.BlueOffset + chroma,
                    to + format.RedOffset + chroma,
                    0,
                    width
                );
            }
        }

        Assert.Equal(plain, frame);
    }

    /// <summary>A frame, and behind it some bytes that the conversion must leave alone.</summary>
    private static byte[] Converted(PictureFormat format, Func<int, int, (byte Blue, byte Green, byte Red)> pixel)
    {
        var frame = new byte[format.Length + Spare];
        var source = Source(format, pixel);
        var memory = (nint)NativeMemory.AlignedAlloc((nuint)frame.Length, 64);
        try
        {
            Marshal.Copy(frame, 0, memory, frame.Length);
            fixed (byte* from = source)
            {
                Bt709.Convert(from, Stride(format), new PictureMemory(memory, format));
            }
            Marshal.Copy(memory, frame, 0, frame.Length);
            return frame;
        }
        finally
        {
            NativeMemory.AlignedFree((void*)memory);
        }
    }

    /// <summary>Pixels as a display has them: the fourth byte is anything, and a line is longer than its
    /// pixels.</summary>
    private static byte[] Source(PictureFormat format, Func<int, int, (byte Blue, byte Green, byte Red)> pixel)
    {
        var source = new byte[Stride(format) * format.Height];
        for (var y = 0; y < format.Height; y++)
        {
            for (var x = 0; x < format.Width; x++)
            {
                var at = (y * Stride(format)) + (x * 4);
                (source[at], source[at + 1], source[at + 2]) = pixel(x, y);
                source[at + 3] = (byte)(x * 7);
            }
        }

        return source;
    }

    private static int Stride(PictureFormat format) => (format.Width * 4) + Spare;

    /// <summary>How far the shown colour is off, by the formulas of ITU-R BT.709.</summary>
    private static double Distance(int luma, int blueDifference, int redDifference, int red, int green, int blue)
    {
        var y = (luma - 16) / 219.0;
        var cb = (blueDifference - 128) / 224.0;
        var cr = (redDifference - 128) / 224.0;
        var shownRed = Math.Clamp(Math.Round(255 * (y + (1.5748 * cr))), 0, 255);
        var shownBlue = Math.Clamp(Math.Round(255 * (y + (1.8556 * cb))), 0, 255);
        var shownGreen = Math.Clamp(
            Math.Round(255 * (y - (0.2126 * 1.5748 / 0.7152 * cr) - (0.0722 * 1.8556 / 0.7152 * cb))),
            0,
            255
        );
        return new[] { Math.Abs(shownRed - red), Math.Abs(shownGreen - green), Math.Abs(shownBlue - blue) }.Max();
    }
}
