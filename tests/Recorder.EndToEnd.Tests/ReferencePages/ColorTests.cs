using Recorder.ReferencePages;

namespace Recorder.EndToEnd.Tests.ReferencePages;

[Trait("ring", "media")]
public sealed class ColorTests(ClipFixture clips) : IClassFixture<ClipFixture>
{
    [Theory]
    [InlineData("bt709", "1280x720")]
    [InlineData("smpte170m", "1280x720")]
    [InlineData("bt709", "640x360")]
    public async Task A_colour_comes_back_as_its_tags_say(string matrix, string size)
    {
        var file = await ColoredAsync(matrix, matrix, size);
        var color = await file.ColorAtAsync(TimeSpan.FromSeconds(0.5));

        Assert.True(color.DistanceTo(0x10, 0xc0, 0x30) <= 3, $"10c030 came back as {color}.");
    }

    [Fact]
    public async Task A_file_tagged_with_the_wrong_matrix_shows_another_colour()
    {
        var file = await ColoredAsync("smpte170m", "bt709", "1280x720");
        var color = await file.ColorAtAsync(TimeSpan.FromSeconds(0.5));

        Assert.True(color.DistanceTo(0x10, 0xc0, 0x30) > 8, $"10c030 came back as {color}.");
    }

    [Fact]
    public async Task A_frame_is_written_as_png()
    {
        var png = clips.PathOf("frame.png");
        await new MediaAnalysis(clips.Clip.Path).ExtractFrameAsync(TimeSpan.FromSeconds(3), png);

        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], (await File.ReadAllBytesAsync(png))[..4]);
    }

    [Fact]
    public async Task A_time_behind_the_end_has_no_frame()
    {
        var analysis = new MediaAnalysis(clips.Clip.Path);

        await Assert.ThrowsAsync<InvalidDataException>(() => analysis.ColorAtAsync(TimeSpan.FromSeconds(30)));
        await Assert.ThrowsAsync<InvalidDataException>(() =>
            analysis.ExtractFrameAsync(TimeSpan.FromSeconds(30), clips.PathOf("late.png"))
        );
    }

    private Task<MediaAnalysis> ColoredAsync(string matrix, string tag, string size) =>
        clips.MadeAsync(
            $"color-{matrix}-{tag}-{size}.mp4",
            "-f",
            "lavfi",
            "-i",
            $"color=0x10c030:s={size}:r=25:d=1,format=rgb24",
            "-vf",
            $"scale=out_color_matrix={(matrix == "bt709" ? "bt709" : "bt601")}:out_range=tv:flags=accurate_rnd,format=yuv420p",
            "-c:v",
            "libx264",
            "-crf",
            "10",
            "-colorspace",
            tag,
            "-color_range",
            "tv"
        );
}
