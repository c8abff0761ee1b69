using Recorder.Worker.Picture;

namespace Recorder.Worker.Tests.Picture;

public class VideoEncodingTests
{
    [Theory]
    [InlineData("ultrafast", 1920, 1080, 25, 2, 1)]
    [InlineData("ultrafast", 1920, 1080, 60, 8, 1)]
    [InlineData("ultrafast", 3840, 2160, 60, 8, 3)]
    [InlineData("superfast", 1920, 1080, 25, 2, 1)]
    [InlineData("veryfast", 1280, 720, 25, 2, 1)]
    [InlineData("medium", 1920, 1080, 25, 8, 2)]
    [InlineData("slow", 1920, 1080, 25, 8, 4)]
    [InlineData("medium", 1920, 1080, 25, 2, 2)]
    [InlineData("placebo", 1920, 1080, 25, 1, 1)]
    public void There_are_as_many_threads_as_the_work_needs_and_no_more_than_cores(
        string preset,
        int width,
        int height,
        int framerate,
        int cores,
        int threads
    ) => Assert.Equal(threads, VideoEncoding.For(preset, width, height, framerate, cores).Threads);

    [Fact]
    public void The_default_preset_holds_no_frame_back() =>
        Assert.Equal(0, VideoEncoding.For("ultrafast", 1920, 1080, 25, 2).LookAhead);

    [Theory]
    [InlineData("ultrafast", true)]
    [InlineData("placebo", true)]
    [InlineData("fastest", false)]
    [InlineData("", false)]
    public void Presets_are_x264s(string name, bool known) => Assert.Equal(known, VideoEncoding.IsPreset(name));
}
