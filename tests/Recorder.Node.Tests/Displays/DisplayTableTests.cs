using Recorder.Node.Displays;

namespace Recorder.Node.Tests.Displays;

/// <summary>Modes, cookies and the words of Xvfb.</summary>
public sealed class DisplayTableTests
{
    [Theory]
    [InlineData(1920, 1080, 25, 25)]
    [InlineData(640, 360, 60, 60)]
    [InlineData(640, 360, 15, 15)]
    [InlineData(640, 360, 1, 10)]
    [InlineData(640, 360, 7, 14)]
    [InlineData(3840, 2160, 60, 60)]
    public void The_refresh_rate_is_the_frame_rate_or_a_multiple_of_at_least_10(
        int width,
        int height,
        int framerate,
        int refresh
    )
    {
        var mode = DisplayMode.For(width, height, framerate);
        Assert.Equal(refresh, mode.Refresh);
        Assert.Equal(0, mode.PixelClock % ((width + 32L) * (height + 8L)));
        Assert.Equal(refresh, mode.PixelClock / ((width + 32L) * (height + 8L)));
        // RandR holds the clock in 32 bits.
        Assert.InRange(mode.PixelClock, 1, uint.MaxValue);
    }

    [Fact]
    public void The_mode_line_carries_the_exact_clock_in_megahertz()
    {
        var calls = DisplayMode.For(1920, 1080, 25).RandrCalls;
        Assert.Equal(
            "--newmode 1920x1080r25 53.094400 1920 1928 1936 1952 1080 1081 1084 1088",
            string.Join(' ', calls[0])
        );
        Assert.Equal("--addmode screen 1920x1080r25", string.Join(' ', calls[1]));
        Assert.Equal("--output screen --mode 1920x1080r25", string.Join(' ', calls[2]));
    }

    [Theory]
    [InlineData("   640x360       0.00  \n   640x360r25   25.00* \n", true)]
    [InlineData("   640x360       0.00* \n   640x360r25   25.00  \n", false)]
    [InlineData("   640x360r25   24.99* \n", false)]
    [InlineData("", false)]
    public void The_listing_of_xrandr_says_whether_the_mode_is_set(string listing, bool set) =>
        Assert.Equal(set, DisplayMode.For(640, 360, 25).IsSetIn(listing));

    [Fact]
    public void The_cookie_file_has_the_form_that_Xau_describes()
    {
        var file = XAuthority.Create([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
        Assert.Equal(
            "FFFF000000000012" + Convert.ToHexString("MIT-MAGIC-COOKIE-1"u8) + "00100102030405060708090A0B0C0D0E0F10",
            Convert.ToHexString(file)
        );
        Assert.NotEqual(XAuthority.Create(), XAuthority.Create());
    }

    [Theory]
    [InlineData("7", ":7", null)]
    [InlineData("screen 0 shmid 32771", null, 32771)]
    [InlineData("_XSERVTransmkdir: ERROR: euid != 0", null, null)]
    [InlineData("", null, null)]
    public void Xvfb_says_its_number_and_its_frame_buffer(string line, string? display, int? framebuffer)
    {
        Assert.Equal(display, XvfbOutput.Display(line));
        Assert.Equal(framebuffer, XvfbOutput.FramebufferId(line));
    }
}
