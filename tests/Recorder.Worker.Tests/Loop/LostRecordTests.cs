using Recorder.Worker.Protocol;
using Recorder.Worker.Tests.Rtp;

namespace Recorder.Worker.Tests.Loop;

/// <summary>Records that are removed while they are written.</summary>
[Collection(UnhurriedCollection.Name)]
[Trait("ring", "media")]
public class LostRecordTests
{
    [Theory]
    [InlineData(FileContainer.Mp4)]
    [InlineData(FileContainer.Ts)]
    [InlineData(FileContainer.Mkv)]
    public async Task A_record_that_is_removed_while_it_grows_ends_the_worker_and_is_called_lost(
        FileContainer container
    )
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(container));
        await run.ProgressAsync(1);
        File.Delete(path);
        var lost = await LostAsync(run);

        Assert.Equal(path, lost.Path);
        Assert.Equal(WorkerFailure.RecordGone, (await run.ExpectAsync<WorkerEvent.Failed>()).Code);
        Assert.Equal(WorkerExitCode.Failed, await run.ExitCodeAsync());
        Assert.Empty(Directory.GetFiles(run.Folder));
    }

    [Fact]
    public async Task A_folder_that_is_removed_with_its_record_ends_the_worker_too()
    {
        await using WorkerRun run = new();
        var folder = Directory.CreateDirectory(run.PathOf("records")).FullName;
        var path = await run.RecordAsync(
            run.Settings(FileContainer.Mp4) with
            {
                Path = Path.Combine(folder, "record.mp4"),
            }
        );
        Directory.Delete(folder, recursive: true);

        Assert.Equal(path, (await LostAsync(run)).Path);
        Assert.Equal(WorkerFailure.RecordGone, (await run.ExpectAsync<WorkerEvent.Failed>()).Code);
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData(FileContainer.Mp4)]
    [InlineData(FileContainer.Ts)]
    [InlineData(FileContainer.Mkv)]
    public async Task A_record_that_is_removed_right_before_the_end_is_called_lost_and_not_finished(
        FileContainer container
    )
    {
        await using WorkerRun run = new();
        var path = await run.RecordAsync(run.Settings(container));
        await run.ProgressAsync(1);
        File.Delete(path);
        run.Say(new WorkerCommand.Finish());

        Assert.Equal(path, (await LostAsync(run)).Path);
        await run.ExitCodeAsync();
        Assert.Empty(Directory.GetFiles(run.Folder));
    }

    [Fact]
    public async Task A_record_of_what_is_received_that_is_removed_ends_the_worker_before_its_sender_came()
    {
        await using WorkerRun run = new();
        await run.ReceiveAsync();
        File.Delete(Assert.Single(Directory.GetFiles(run.Folder)));

        await run.ExpectAsync<WorkerEvent.Unrecoverable>();
        Assert.Equal(WorkerFailure.RecordGone, (await run.ExpectAsync<WorkerEvent.Failed>()).Code);
        Assert.Equal(WorkerExitCode.Failed, await run.ExitCodeAsync());
    }

    private static async Task<WorkerEvent.Unrecoverable> LostAsync(WorkerRun run)
    {
        while (true)
        {
            switch (await run.ExpectAsync<WorkerEvent>())
            {
                case WorkerEvent.Unrecoverable lost:
                    return lost;
                case WorkerEvent.Finished finished:
                    throw new InvalidOperationException($"A record without a file was called finished: {finished}");
            }
        }
    }
}
