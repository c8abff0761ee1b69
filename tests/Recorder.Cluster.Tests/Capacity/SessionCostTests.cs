using System.Globalization;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Capacity;

public sealed class SessionCostTests
{
    [Theory]
    [InlineData(1920, 1080, 25, "1")]
    [InlineData(1920, 1080, 30, "1.08")]
    [InlineData(1920, 1080, 50, "1.4")]
    [InlineData(1280, 720, 25, "0.78")]
    [InlineData(640, 360, 25, "0.65")]
    [InlineData(160, 120, 1, "0.61")]
    [InlineData(3840, 2160, 25, "2.2")]
    [InlineData(3840, 2160, 60, "4.44")]
    public void A_page_costs_by_its_picture_above_the_browsers_floor(
        int width,
        int height,
        int framerate,
        string cost
    ) =>
        Assert.Equal(decimal.Parse(cost, CultureInfo.InvariantCulture), SessionCost.Of(Page(width, height, framerate)));

    [Theory]
    [InlineData(EncoderPreset.Ultrafast, 1920, "1")]
    [InlineData(EncoderPreset.Superfast, 1920, "1")]
    [InlineData(EncoderPreset.Veryfast, 1920, "1.12")]
    [InlineData(EncoderPreset.Faster, 1920, "1.15")]
    [InlineData(EncoderPreset.Fast, 1920, "1.19")]
    [InlineData(EncoderPreset.Medium, 1920, "1.2")]
    [InlineData(EncoderPreset.Medium, 960, "0.9")]
    public void A_slower_preset_costs_more_by_the_picture_that_is_encoded(EncoderPreset preset, int width, string cost)
    {
        var page = Page(width, 1080, 25);
        Assert.Equal(
            decimal.Parse(cost, CultureInfo.InvariantCulture),
            SessionCost.Of(page with { Video = page.Video with { Preset = preset } })
        );
    }

    [Theory]
    [InlineData(RecordingMode.Record)]
    [InlineData(RecordingMode.Stream)]
    [InlineData(RecordingMode.Both)]
    public void Where_the_media_goes_makes_no_difference(RecordingMode mode) =>
        Assert.Equal(1m, SessionCost.Of(Page(1920, 1080, 25) with { Mode = mode, Hls = true }));

    [Fact]
    public void Ten_sessions_that_receive_rtp_are_one_slot_exactly() =>
        Assert.Equal(1m, Enumerable.Range(0, 10).Sum(_ => SessionCost.Of(new RtpSessionSpec(0, 0))));

    private static PageSessionSpec Page(int width, int height, int framerate) =>
        new(new Uri("https://example.org/"))
        {
            Video = new VideoSettings
            {
                Width = width,
                Height = height,
                Framerate = framerate,
            },
        };
}
