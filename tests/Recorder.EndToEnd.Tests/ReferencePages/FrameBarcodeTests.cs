using Recorder.ReferencePages;

namespace Recorder.EndToEnd.Tests.ReferencePages;

public sealed class FrameBarcodeTests
{
    [Fact]
    public void Every_number_is_read_as_it_was_written()
    {
        for (var number = 0; number < FrameBarcode.Modulus; number++)
        {
            Assert.Equal(number, FrameBarcode.Decode(Luminance(number)));
        }
    }

    [Theory]
    [InlineData(16, 235)]
    [InlineData(60, 130)]
    [InlineData(0, 255)]
    public void Poor_contrast_is_read_too(int black, int white) =>
        Assert.Equal(1234, FrameBarcode.Decode(Luminance(1234, black, white)));

    [Fact]
    public void A_single_misread_cell_never_yields_another_number()
    {
        for (var number = 0; number < 3000; number += 7)
        {
            for (var cell = 0; cell < FrameBarcode.Cells; cell++)
            {
                var cells = Luminance(number);
                cells[cell] = 255 - cells[cell];
                Assert.Null(FrameBarcode.Decode(cells));
            }
        }
    }

    [Fact]
    public void A_cell_between_black_and_white_is_not_guessed()
    {
        var cells = Luminance(77);
        cells[9] = 128;
        Assert.Null(FrameBarcode.Decode(cells));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(128)]
    [InlineData(255)]
    public void A_plain_picture_holds_no_number(int level) =>
        Assert.Null(FrameBarcode.Decode(Enumerable.Repeat((double)level, FrameBarcode.Cells).ToArray()));

    private static double[] Luminance(int number, double black = 0, double white = 255) =>
        [.. FrameBarcode.Encode(number).Select(cell => cell == 1 ? white : black)];
}
