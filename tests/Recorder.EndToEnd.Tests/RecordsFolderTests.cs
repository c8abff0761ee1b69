using System.Net;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>Records folders that cannot take a record, or no longer can.</summary>
public sealed class RecordsFolderTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    [Fact]
    public async Task A_records_folder_that_has_gone_or_become_a_file_is_told_and_after_its_return_a_start_records()
    {
        var node = await StartNodeAsync();

        Directory.Delete(node.RecordsFolder, recursive: true);
        await AssertUnavailableAsync(
            node,
            await node.Api.TryStartAsync(new StartRequest(Pages.Silent) { Framerate = 15 })
        );
        Assert.False(Directory.Exists(node.RecordsFolder));

        await File.WriteAllTextAsync(node.RecordsFolder, "not a folder");
        await AssertUnavailableAsync(
            node,
            await node.Api.TryStartAsync(new StartRequest(Pages.Silent) { Framerate = 15 })
        );

        File.Delete(node.RecordsFolder);
        Directory.CreateDirectory(node.RecordsFolder);
        ApiAnswer? last = null;
        // The node looks at its folder every few seconds.
        await Eventually.BeAsync(
            "a start succeeds after the folder's return",
            TimeSpan.FromSeconds(30),
            async () =>
            {
                last = await node.Api.TryStartAsync(new StartRequest(Pages.Silent) { Framerate = 15 });
                return last.Status == HttpStatusCode.OK;
            },
            () => last!.Body
        );
        var started = last!.Read<StartAnswer>();
        await node.Api.StopAsync(started.Id);
        await RecordFile.AssertPlayableAsync(Assert.Single(await node.Api.RecordsAsync(started.Id)));
    }

    [Fact]
    public async Task A_record_that_is_removed_while_it_grows_is_told_and_the_session_goes_on_with_the_next_one()
    {
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(new StartRequest(Pages.Reference) { Framerate = 15 });
        var removed = Assert.Single((await node.Api.SessionAsync(started.Id)).Records);
        File.Delete(removed.Path);

        await node.Api.SeeSessionAsync(
            started.Id,
            "it records again into another file",
            TimeSpan.FromSeconds(40),
            session =>
                session is { State: "recording", Records: [{ OpenedAt: not null } next] } && next.Path != removed.Path
        );
        await RecordForAsync(3);
        await node.Api.StopAsync(started.Id);
        var session = await node.Api.SessionAsync(started.Id);
        var next = Assert.Single(session.Records);
        var gap = Assert.Single(session.Gaps);

        Assert.Equal([next.Path], await node.Api.RecordsAsync(started.Id));
        Assert.Contains(session.Faults, fault => fault.Message.Contains(removed.Path, StringComparison.Ordinal));
        Assert.Equal((removed.OpenedAt, next.OpenedAt), (gap.From, gap.To));
        Assert.Equal([next.Path], Directory.GetFiles(node.RecordsFolder, "*.mp4"));
        await RecordFile.AssertPlayableAsync(next.Path);
    }

    [FactAsRoot]
    public async Task A_read_only_records_folder_is_told_and_nothing_is_left_running()
    {
        await using var disk = await TemporaryFileSystem.MountAsync(200);
        var node = await StartNodeAsync(new RecorderNodeSettings { RecordsFolder = disk.Path });
        await disk.MakeReadOnlyAsync();

        var answer = await node.Api.TryStartAsync(new StartRequest(Pages.Silent) { Framerate = 15 });

        await AssertUnavailableAsync(node, answer);
    }

    [FactAsRoot]
    public async Task A_disk_that_fills_up_ends_the_record_playable_and_closes_the_node_for_new_ones()
    {
        await using var disk = await TemporaryFileSystem.MountAsync(120);
        var node = await StartNodeAsync(
            new RecorderNodeSettings { RecordsFolder = disk.Path, MinimumFreeMegabytes = 40 }
        );
        var started = await node.Api.StartAsync(new StartRequest(Pages.Reference));
        await RecordForAsync(5);
        var filled = TimeProvider.System.GetUtcNow();
        await disk.FillAsync(leaveBytes: 20 * 1024 * 1024);

        var ended = await node.Api.SeeSessionAsync(
            started.Id,
            "it ends because of the full disk",
            TimeSpan.FromSeconds(20),
            session => !session.Running
        );
        var record = Assert.Single(ended.Records);
        await node.SeeNoSessionProcessAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("failed", ended.State);
        Assert.Contains(ended.Faults, fault => fault.Code == "disk_full");
        Assert.Equal([record.Path], await node.Api.RecordsAsync(started.Id));
        // The folder's file system inserts no blocks, and a copy would take the room that other records need at their
        // end.
        await RecordFile.AssertPlayableAsync(record.Path, isFinal: false);
        await RecordFile.AssertReadsUpToAsync(record.Path, started, filled);

        var refused = await node.Api.TryStartAsync(new StartRequest(Pages.Silent) { Framerate = 15 });
        Tell($"{(int)refused.Status} {refused.Body}");
        Assert.True(
            refused.Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.InsufficientStorage,
            refused.Body
        );
        Assert.Contains(disk.Path, refused.ReadError().Error, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(disk.Path, "*.mp4"));
    }

    private async Task AssertUnavailableAsync(RecorderNode node, ApiAnswer answer)
    {
        Tell($"{(int)answer.Status} {answer.Body}");
        var error = answer.ReadError();
        // The session finds out when it starts; some seconds later the node knows by itself and is closed for new ones.
        Assert.Contains(
            (answer.Status, error.Code),
            new[]
            {
                (HttpStatusCode.InsufficientStorage, "records_folder_unavailable"),
                (HttpStatusCode.ServiceUnavailable, "at_capacity"),
            }
        );
        Assert.Contains(node.RecordsFolder, error.Error, StringComparison.Ordinal);
        await node.SeeNoSessionProcessAsync(TimeSpan.FromSeconds(5));
    }
}
