using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary><c>recorder record</c>: one command, no server, the file at the end.</summary>
public sealed class RecordCommandTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recorder-record-");

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_page_becomes_a_file_of_the_asked_length_and_nothing_else_stays()
    {
        var file = Path.Combine(_folder.FullName, "page.mp4");

        var run = await RecordAsync(Pages.Reference, file, "4 s");

        Assert.True(run.ExitCode == 0, $"It exited with {run.ExitCode}: {run.Output}{run.Errors}");
        Assert.Contains(file, run.Output, StringComparison.Ordinal);
        Assert.Equal([file], Directory.EnumerateFileSystemEntries(_folder.FullName));
        var track = await new MediaAnalysis(file).FrameNumbersAsync();
        var length = RecordFile.LengthOf(track, PageRecording.Framerate);
        Tell($"asked for 4 s, recorded {length.TotalSeconds:0.00} s");
        Assert.InRange(length, TimeSpan.FromSeconds(3.8), TimeSpan.FromSeconds(8));
        Assert.True(track.FromItsFirstMovement().Frames.Count > PageRecording.Framerate, "The page did not move.");
    }

    [Fact]
    public async Task A_page_that_does_not_load_is_one_sentence_and_leaves_nothing()
    {
        var run = await RecordAsync(
            new Uri("http://127.0.0.1:1/"),
            Path.Combine(_folder.FullName, "page.mp4"),
            "4 s"
        );

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("recorder: ", run.Errors, StringComparison.Ordinal);
        Assert.Contains("net::ERR_", run.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.FullName));
    }

    private static Task<ToolRun> RecordAsync(Uri page, string file, string length) =>
        RecorderNode.RunAsync(
            "record",
            page.AbsoluteUri,
            "--for",
            length,
            "-o",
            file,
            "--set",
            "width=640",
            "--set",
            "height=360",
            "--set",
            "framerate=25"
        );
}
