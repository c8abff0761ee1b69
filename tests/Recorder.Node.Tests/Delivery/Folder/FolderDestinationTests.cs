using System.Security.Cryptography;
using Recorder.Node.Delivery;
using Recorder.Node.Delivery.Folder;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Tests.Delivery.Folder;

public sealed class FolderDestinationTests : IDisposable
{
    private const string Name = "2021/09/a.mp4";

    private readonly string _root = Directory.CreateTempSubdirectory("recorder-folder-").FullName;
    private readonly byte[] _content = RandomNumberGenerator.GetBytes(700_000);

    public FolderDestinationTests()
    {
        Directory.CreateDirectory(To);
        File.WriteAllBytes(Source, _content);
    }

    private string To => Path.Join(_root, "to");

    private string Target => Path.Join(To, Name);

    private string Source => Path.Join(_root, "a.mp4");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task A_record_is_copied_under_its_name_and_nothing_else_stays()
    {
        Assert.Equal(new TransferReport(null, false), await SendAsync());

        Assert.Equal(_content, await File.ReadAllBytesAsync(Target));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Target)!));
    }

    [Fact]
    public async Task A_record_that_is_there_already_is_delivered_and_not_written_again()
    {
        await SendAsync();
        var written = File.GetLastWriteTimeUtc(Target);
        File.SetLastWriteTimeUtc(Target, written.AddDays(-1));

        Assert.Null((await SendAsync()).Problem);
        Assert.Equal(written.AddDays(-1), File.GetLastWriteTimeUtc(Target));
    }

    [Fact]
    public async Task Another_file_of_that_name_is_left_alone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        await File.WriteAllTextAsync(Target, "somebody's");

        var report = await SendAsync();

        Assert.False(report.MayPass);
        Assert.Contains(Name, report.Problem, StringComparison.Ordinal);
        Assert.Equal("somebody's", await File.ReadAllTextAsync(Target));
    }

    [Fact]
    public async Task What_an_attempt_that_was_killed_left_is_written_anew()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        var part = Path.Join(Path.GetDirectoryName(Target), FolderDestination.Unfinished + "a.mp4");
        await File.WriteAllBytesAsync(part, new byte[900_000]);

        Assert.Null((await SendAsync()).Problem);
        Assert.Equal(_content, await File.ReadAllBytesAsync(Target));
        Assert.False(File.Exists(part));
    }

    [Fact]
    public async Task A_folder_that_is_not_mounted_is_told_and_may_come_back()
    {
        Directory.Delete(To);

        var report = await SendAsync();

        Assert.True(report.MayPass);
        Assert.Contains(To, report.Problem, StringComparison.Ordinal);
        Assert.False(Directory.Exists(To));
    }

    [Fact]
    public async Task A_record_that_is_not_what_was_recorded_is_not_delivered()
    {
        var report = await SendAsync(new FileToSend(Source, Name, new string('0', 64)));

        Assert.False(report.MayPass);
        Assert.Contains("is not what was recorded", report.Problem, StringComparison.Ordinal);
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task Nothing_is_written_through_a_link()
    {
        Directory.CreateDirectory(Path.Join(_root, "elsewhere"));
        File.CreateSymbolicLink(Path.Join(To, "2021"), Path.Join(_root, "elsewhere"));

        var report = await SendAsync();

        Assert.Contains("is a link", report.Problem, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Join(_root, "elsewhere")));
    }

    [Fact]
    public async Task What_a_given_up_delivery_has_left_goes_with_the_next_transfer_and_nothing_else_goes()
    {
        var parent = Path.GetDirectoryName(Target)!;
        Directory.CreateDirectory(parent);
        var left = Path.Join(parent, FolderDestination.Unfinished + "b.mp4");
        var (mine, foreign) = (Path.Join(parent, "mine.mp4"), Path.Join(_root, FolderDestination.Unfinished + "c"));
        foreach (var (file, state) in new[] { (left, "archive-1.json"), (mine, "archive-2.json"), (foreign, "archive-3.json") })
        {
            await File.WriteAllTextAsync(file, "frames");
            StateFile.Write(Path.Join(_root, state), new FolderState(file));
        }
        var request = Request() with { GivenUpAfter = TimeSpan.FromDays(8), State = Path.Join(_root, "archive-0.json") };
        Assert.Null((await SendAsync(request)).Problem);
        Assert.True(File.Exists(left));

        foreach (var state in new[] { "archive-1.json", "archive-2.json", "archive-3.json" })
        {
            StateFile.GiveUp(Path.Join(_root, state));
        }
        Assert.Null((await SendAsync(request)).Problem);

        Assert.Equal((false, true, true), (File.Exists(left), File.Exists(mine), File.Exists(foreign)));
        Assert.Empty(Directory.GetFiles(_root, "archive-*.json"));
    }

    [Fact]
    public void A_delivery_that_goes_on_after_it_was_given_up_keeps_what_it_has()
    {
        var state = Path.Join(_root, "archive-1.json");
        StateFile.Write(state, new FolderState(Path.Join(To, "a")));
        StateFile.GiveUp(state);

        StateFile.Resume(state, TimeProvider.System.GetUtcNow().UtcDateTime);

        Assert.Empty(StateFile.Older(Path.Join(_root, "archive-0.json"), TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-8)));
    }

    [Fact]
    public async Task A_record_that_is_not_what_was_recorded_leaves_no_part()
    {
        var report = await SendAsync(new FileToSend(Source, Name, new string('0', 64)));

        Assert.False(report.MayPass);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(Target)!));
    }

    [Fact]
    public async Task A_record_that_is_gone_is_told()
    {
        File.Delete(Source);

        var report = await SendAsync();

        Assert.False(report.MayPass);
        Assert.Contains(Source, report.Problem, StringComparison.Ordinal);
    }

    private Task<TransferReport> SendAsync(FileToSend? file = null) => SendAsync(Request(file));

    private TransferRequest Request(FileToSend? file = null) =>
        new(
            "archive",
            new DestinationOptions { Kind = DestinationKind.Folder, Path = To },
            [file ?? new FileToSend(Source, Name, Convert.ToHexStringLower(SHA256.HashData(_content)))],
            0,
            Path.Join(_root, "state.json"),
            null
        );

    private static Task<TransferReport> SendAsync(TransferRequest request) =>
        TransferProcess.SendAsync(request, Destinations.Make, TimeProvider.System, CancellationToken.None);
}
