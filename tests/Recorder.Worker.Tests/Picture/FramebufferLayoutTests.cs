using System.Buffers.Binary;
using Recorder.Worker.Picture;

namespace Recorder.Worker.Tests.Picture;

public class FramebufferLayoutTests
{
    [Fact]
    public void The_pixels_come_after_the_header_with_the_windows_name_and_the_colour_map()
    {
        var layout = FramebufferLayout.Parse(Header());

        Assert.Equal(new FramebufferLayout(Offset: 160 + (256 * 12), Stride: 7680, Width: 1920, Height: 1080), layout);
        Assert.Equal(160 + (256 * 12) + (7680L * 1080), layout.Length);
    }

    [Theory]
    [InlineData(1, 6u)]
    [InlineData(11, 16u)]
    [InlineData(14, 0xFFu)]
    public void A_frame_buffer_of_another_kind_is_refused(int field, uint value) =>
        Assert.Throws<InvalidDataException>(() => FramebufferLayout.Parse(Header((field, value))));

    [Fact]
    public void Too_few_bytes_are_refused() =>
        Assert.Throws<InvalidDataException>(() => FramebufferLayout.Parse(new byte[50]));

    [Theory]
    [InlineData(1920, 1080, 1920, 960, 3110400)]
    [InlineData(854, 480, 856, 428, 616320)]
    [InlineData(18, 18, 20, 12, 576)]
    public void A_frame_has_the_layout_that_gstreamer_expects(int width, int height, int luma, int chroma, int length)
    {
        var format = new PictureFormat(width, height);

        Assert.Equal((luma, chroma, length), (format.LumaStride, format.ChromaStride, format.Length));
    }

    // As Xvfb 21.1 writes it for -screen 0 1920x1080x24.
    private static byte[] Header(params (int Field, uint Value)[] changes)
    {
        var header = new byte[FramebufferLayout.HeaderLength];
        (int, uint)[] fields =
        [
            (0, 160),
            (1, 7),
            (2, 2),
            (3, 24),
            (4, 1920),
            (5, 1080),
            (11, 32),
            (12, 7680),
            (14, 0xFF0000),
            (19, 256),
        ];
        foreach (var (field, value) in fields.Concat(changes))
        {
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(field * 4), value);
        }
        return header;
    }
}
