using Recorder.ReferencePages;

namespace Recorder.EndToEnd.Tests.ReferencePages;

/// <summary>Files as kill -9, a full disk or a damaged sector leave them.</summary>
[Trait("ring", "media")]
public sealed class DamagedFileTests(ClipFixture clips) : IClassFixture<ClipFixture>
{
    [Theory]
    [InlineData("fragmented.mp4", "+frag_keyframe+empty_moov+default_base_moof")]
    [InlineData("growing.ts", null)]
    [InlineData("growing.mkv", null)]
    public async Task A_cut_file_is_read_as_far_as_it_goes(string name, string? movflags)
    {
        string[] options = movflags is null ? ["-c", "copy"] : ["-c", "copy", "-movflags", movflags];
        var whole = await clips.ChangedAsync(name, options);
        var cut = await clips.CutAsync(whole, 0.6);
        var track = await cut.FrameNumbersAsync();
        var sync = await cut.SyncOffsetsAsync();

        var seen = track.Continuity(25, ClipFixture.Format.FrameCount);
        Assert.InRange(track.LastReadable!.Value.TotalSeconds, 4, 9);
        Assert.InRange(seen.DistinctRatio, 0.99, 1.0);
        Assert.InRange(sync.Offsets.Count, 4, 9);
        Assert.True(sync.AbsolutePercentile(1) < 3, $"The worst offset is {sync.AbsolutePercentile(1)} ms.");
        Assert.Equal("h264", (await cut.ProbeAsync()).Video!.Codec);
    }

    [Fact]
    public async Task A_fragmented_mp4_is_told_from_one_that_starts_fast()
    {
        var fragmented = await clips.ChangedAsync("layout.mp4", "-c", "copy", "-movflags", "+frag_keyframe+empty_moov");
        var plain = await clips.ChangedAsync("moov-last.mp4", "-c", "copy");
        var transport = await clips.ChangedAsync("layout.ts", "-c", "copy");

        Assert.True((await fragmented.ProbeAsync()).Mp4!.IsFragmented);
        Assert.False((await plain.ProbeAsync()).Mp4!.IsFragmented);
        Assert.False((await plain.ProbeAsync()).Mp4!.IsFastStart);
        Assert.Null((await transport.ProbeAsync()).Mp4);
    }

    [Fact]
    public async Task An_mp4_cut_before_its_index_cannot_be_probed()
    {
        var cut = await clips.CutAsync(await clips.ChangedAsync("plain.mp4", "-c", "copy"), 0.6);

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => cut.ProbeAsync());
        Assert.Contains("moov", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidDataException>(() => cut.FrameNumbersAsync());
    }

    [Fact]
    public async Task A_damaged_stretch_is_a_decode_error_and_a_sound_file_has_none()
    {
        var bytes = await File.ReadAllBytesAsync(clips.Clip.Path);
        bytes.AsSpan(bytes.Length / 2, 20_000).Fill(0x55);
        var damaged = clips.PathOf("damaged.mp4");
        await File.WriteAllBytesAsync(damaged, bytes);

        Assert.Empty(await new MediaAnalysis(clips.Clip.Path).DecodeErrorsAsync());
        Assert.NotEmpty(await new MediaAnalysis(damaged).DecodeErrorsAsync());
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named_in_the_error()
    {
        var error = await Assert.ThrowsAsync<InvalidDataException>(() =>
            new MediaAnalysis(clips.PathOf("none.mp4")).ProbeAsync()
        );
        Assert.Contains("none.mp4", error.Message, StringComparison.Ordinal);
    }
}
