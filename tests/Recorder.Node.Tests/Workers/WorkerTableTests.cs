using System.Text.Json;
using Recorder.Node.Parts;
using Recorder.Node.Processes;
using Recorder.Node.Workers;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Tests.Workers;

/// <summary>Which executable a worker is, and how long it may be silent.</summary>
public sealed class WorkerTableTests
{
    private static readonly MediaOptions Options = new()
    {
        StartLimit = TimeSpan.FromSeconds(1),
        WorkerSilenceLimit = TimeSpan.FromSeconds(2),
        FinishLimit = TimeSpan.FromSeconds(3),
        RepairLimit = TimeSpan.FromSeconds(4),
    };

    [Theory]
    [InlineData("/opt/recorder/recorder", "/opt/recorder/recorder pipeline")]
    [InlineData("/usr/bin/dotnet", "/usr/bin/dotnet /app/recorder.dll pipeline")]
    [InlineData("/usr/lib/testhost", "/app/recorder pipeline")]
    public void A_worker_is_this_program_again_whichever_way_it_was_started(string process, string line) =>
        Assert.Equal(line, string.Join(' ', OwnProgram.CommandLine("pipeline", process, "/app/")));

    [Fact]
    public void A_configured_command_line_is_taken_as_it_is() =>
        Assert.Equal(["/bin/sh", "a b"], WorkerExecutable.CommandLine(["/bin/sh", "a b"]).AsEnumerable());

    [Fact]
    public void A_worker_collects_its_young_objects_often() =>
        Assert.Equal("100000", WorkerExecutable.Environment["DOTNET_GCgen0size"]);

    /// <summary>The node waits 10 s of quiet before it compiles code once more. A worker repeats its code from its
    /// first frame on.</summary>
    [Fact]
    public void A_worker_compiles_repeated_code_once_more_at_once_and_the_node_does_so_later()
    {
        Assert.Equal("64", WorkerExecutable.Environment["DOTNET_TC_CallCountingDelayMs"]);
        using var settings = JsonDocument.Parse(
            File.ReadAllText(Path.Join(AppContext.BaseDirectory, "recorder.runtimeconfig.json"))
        );
        Assert.Equal(
            10_000,
            settings
                .RootElement.GetProperty("runtimeOptions")
                .GetProperty("configProperties")
                .GetProperty("System.Runtime.TieredCompilation.CallCountingDelayMs")
                .GetInt32()
        );
    }

    [Fact]
    public void A_worker_may_wait_for_ever_between_ready_and_begin_and_is_watched_else()
    {
        Assert.Equal(TimeSpan.FromSeconds(1), WorkerLimits.After(new WorkerCommand.Begin(), Options));
        Assert.Equal(TimeSpan.FromSeconds(3), WorkerLimits.After(new WorkerCommand.Finish(), Options));
        Assert.Equal(
            TimeSpan.FromSeconds(4),
            WorkerLimits.After(new WorkerCommand.Repair("/a", FileContainer.Ts, 0), Options)
        );
        Assert.Equal(
            TimeSpan.FromSeconds(4),
            WorkerLimits.After(new WorkerCommand.Keep("/a", FileContainer.Ts), Options)
        );
        Assert.Equal(Timeout.InfiniteTimeSpan, WorkerLimits.After(new WorkerEvent.Ready(), finishing: false, Options));
        Assert.Equal(
            TimeSpan.FromSeconds(2),
            WorkerLimits.After(new WorkerEvent.Progress(1, 1, 0, 0, 1, 1, 1, 0), finishing: false, Options)
        );
        Assert.Equal(
            TimeSpan.FromSeconds(3),
            WorkerLimits.After(new WorkerEvent.Failed(WorkerFailure.Stalled, ""), finishing: false, Options)
        );
        Assert.Equal(
            WorkerLimits.Exit,
            WorkerLimits.After(new WorkerEvent.Finished("/a", 1, 1, 1, "finish"), finishing: true, Options)
        );
    }

    [Fact]
    public void What_is_asked_and_told_beside_the_record_leaves_the_limit_as_it_is()
    {
        Assert.Null(WorkerLimits.After(new WorkerCommand.ChangeTargets([]), Options));
        Assert.Null(WorkerLimits.After(new WorkerCommand.TakeThumbnail(), Options));
        Assert.Null(WorkerLimits.After(new WorkerEvent.ThumbnailFailed(""), finishing: false, Options));
        Assert.Null(WorkerLimits.After(new WorkerEvent.PauseChanged(true, default), finishing: true, Options));
    }

    [Fact]
    public void Progress_does_not_shorten_the_time_to_finalise() =>
        Assert.Null(WorkerLimits.After(new WorkerEvent.Progress(1, 1, 0, 0, 1, 1, 1, 0), finishing: true, Options));
}
