using System.Diagnostics;
using Recorder.Worker.Files.Formats;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Tests.Files.Mp4;

/// <summary>The repair of a record whose worker outlived its node and finalised it by itself.</summary>
[Trait("ring", "media")]
public sealed class FinishedMovieTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-finished-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("+faststart")]
    [InlineData("0")]
    public async Task A_record_that_is_final_already_is_described_and_left_as_it_is(string flags)
    {
        var path = await MovieAsync(flags);
        var before = await File.ReadAllBytesAsync(path);

        var summary = RecordFormat.Repair(path, FileContainer.Mp4, minimumFreeBytes: 0);

        Assert.NotNull(summary);
        Assert.Equal(50, summary.Frames);
        Assert.Equal(2, summary.Duration, 0.1);
        Assert.Equal(before.Length, summary.Bytes);
        Assert.Equal(before, await File.ReadAllBytesAsync(path));
    }

    [Fact]
    public async Task A_final_record_that_was_cut_short_is_not_called_playable()
    {
        var path = await MovieAsync("+faststart");
        using (var file = File.OpenWrite(path))
        {
            file.SetLength(file.Length / 2);
        }

        Assert.Null(RecordFormat.Repair(path, FileContainer.Mp4, minimumFreeBytes: 0));
    }

    private async Task<string> MovieAsync(string flags)
    {
        var path = Path.Combine(_folder, "movie.mp4");
        using var ffmpeg = Process.Start(
            "ffmpeg",
            [
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                "testsrc=size=160x120:rate=25:duration=2",
                "-f",
                "lavfi",
                "-i",
                "sine=duration=2",
                "-c:v",
                "libx264",
                "-c:a",
                "aac",
                "-movflags",
                flags,
                path,
            ]
        );
        await ffmpeg.WaitForExitAsync();
        Assert.Equal(0, ffmpeg.ExitCode);
        return path;
    }
}
