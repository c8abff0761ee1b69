using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Media;
using Recorder.Node.Media.Life;
using Recorder.Node.Parts;
using Recorder.Node.Workers;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Tests.Media.Life;

/// <summary>The records folder before a record, and the faults of workers.</summary>
public sealed class RecordsFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rt-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("/srv/records", "/srv/records")]
    [InlineData("/srv/records/", "/srv/records")]
    [InlineData("/srv/records/../meetings//", "/srv/meetings")]
    [InlineData("/", "/")]
    public void The_folder_is_told_without_the_slash_it_was_named_with(string named, string told) =>
        Assert.Equal(
            told,
            new SessionMedia(null!, null!, new MediaOptions { RecordsFolder = named }, null!, null!).RecordsFolder
        );

    [Fact]
    public async Task A_folder_that_takes_files_is_ready_and_left_empty()
    {
        Assert.IsType<FolderReady>(await RecordsFolder.CheckAsync(Path.Combine(_folder, "one.mp4"), 1));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task An_empty_mount_point_is_told_and_not_filled()
    {
        var folder = new Unmounted(_folder);

        var failed = Assert.IsType<PartFailed>(
            await RecordsFolder.CheckAsync(Path.Combine(_folder, "one.mp4"), 1, folder)
        );

        Assert.Equal(FaultCode.RecordsFolderUnavailable, failed.Code);
        Assert.Equal("Its disk is not mounted.", failed.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_missing_folder_is_told_and_not_made()
    {
        var folder = Path.Combine(_folder, "a");
        var failed = Assert.IsType<PartFailed>(await RecordsFolder.CheckAsync(Path.Combine(folder, "one.mp4"), 1));
        Assert.Equal(FaultCode.RecordsFolderUnavailable, failed.Code);
        Assert.StartsWith(
            $"The records folder {folder} cannot be used: it is missing.",
            failed.Message,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_file_in_its_place_is_told()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "");
        var failed = Assert.IsType<PartFailed>(await RecordsFolder.CheckAsync(Path.Combine(file, "one.mp4"), 1));
        Assert.Equal(FaultCode.RecordsFolderUnavailable, failed.Code);
        Assert.StartsWith(
            $"The records folder {file} cannot be used: it is a file, not a folder.",
            failed.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_folder_that_takes_no_files_is_told()
    {
        // Not even root may write there.
        var failed = Assert.IsType<PartFailed>(await RecordsFolder.CheckAsync("/proc/1/records/one.mp4", 1));
        Assert.Equal(FaultCode.RecordsFolderUnavailable, failed.Code);
    }

    [Fact]
    public async Task A_disk_below_the_low_water_mark_is_told()
    {
        var failed = Assert.IsType<PartFailed>(
            await RecordsFolder.CheckAsync(Path.Combine(_folder, "one.mp4"), long.MaxValue)
        );
        Assert.Equal(FaultCode.DiskFull, failed.Code);
    }

    [Fact]
    public void Room_is_told_in_MiB()
    {
        Assert.IsType<FolderReady>(RecordsFolder.Room("/r", 500 << 20, 500 << 20));
        var failed = Assert.IsType<PartFailed>(RecordsFolder.Room("/r", 499 << 20, 500 << 20));
        Assert.StartsWith(
            "The disk of the records folder /r has 499 MiB left, below the limit of 500 MiB.",
            failed.Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(WorkerFailure.DisplayUnavailable, FaultCode.DisplayFailed, false)]
    [InlineData(WorkerFailure.DisplayLost, FaultCode.DisplayFailed, false)]
    [InlineData(WorkerFailure.SoundUnavailable, FaultCode.SoundFailed, false)]
    [InlineData(WorkerFailure.DiskFull, FaultCode.DiskFull, false)]
    [InlineData(WorkerFailure.RecordsFolderUnavailable, FaultCode.RecordsFolderUnavailable, false)]
    [InlineData(WorkerFailure.WriteFailed, FaultCode.RecordsFolderUnavailable, false)]
    [InlineData(WorkerFailure.EncoderFailed, FaultCode.PipelineFailed, true)]
    [InlineData(WorkerFailure.Stalled, FaultCode.PipelineFailed, true)]
    public void A_workers_failure_is_a_fault_of_the_session(string failure, string code, bool another)
    {
        var fault = WorkerFaults.Of(new WorkerEvent.Failed(failure, "Said."), "gone");
        Assert.Equal(new PartFailed(code, "Said."), fault);
        Assert.Equal(another, WorkerFaults.AnotherWorkerMayHelp(code));
    }

    [Fact]
    public void A_worker_that_died_without_a_word_is_a_fault_of_the_pipeline() =>
        Assert.Equal(
            new PartFailed(FaultCode.PipelineFailed, "The worker was ended by signal 9."),
            WorkerFaults.Of(null, "The worker was ended by signal 9.")
        );

    private sealed class Unmounted(string path) : IRecordsFolder
    {
        public string Path => path;

        public FolderStanding Standing => FolderStanding.Away("Its disk is not mounted.");

        public FolderStanding Look() => Standing;
    }
}
