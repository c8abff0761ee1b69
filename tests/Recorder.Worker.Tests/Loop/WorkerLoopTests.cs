using Recorder.Worker.Loop;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Tests.Loop;

/// <summary>How a record begins to be made and ends, whatever is recorded: over a source that does nothing by
/// itself.</summary>
public sealed class WorkerLoopTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-loop-").FullName;
    private readonly List<WorkerEvent> _said = [];

    private string Record => Path.Combine(_folder, "record.webm");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_preparation_that_fails_after_it_has_taken_the_records_name_gives_the_name_back()
    {
        var code = await RunAsync(source =>
            source.CannotPrepare = new WorkerException(WorkerFailure.PortInUse, "In use.")
        );

        Assert.Equal(WorkerExitCode.NotPrepared, code);
        Assert.Equal([new WorkerEvent.Failed(WorkerFailure.PortInUse, "In use.")], _said);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_fault_before_the_record_has_begun_leaves_no_file()
    {
        var code = await RunAsync(source => source.HasRecordBegun = false, new WorkerInput.DisplayLost());

        Assert.Equal(WorkerExitCode.NotPrepared, code);
        Assert.Equal(["Failed:display_lost"], _said.Select(NameOf));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task An_input_that_ends_before_the_record_has_begun_leaves_no_file()
    {
        var code = await RunAsync(source => source.HasRecordBegun = false, new WorkerInput.InputClosed());

        Assert.Equal(WorkerExitCode.Finished, code);
        Assert.Empty(_said);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_fault_is_told_after_the_record_has_ended()
    {
        var code = await RunAsync(
            source => source.End = new RecordEnd(2, 9, 50) { Final = new(2, 9, 50) },
            new WorkerInput.DisplayLost()
        );

        Assert.Equal(WorkerExitCode.Failed, code);
        Assert.Equal(
            [
                new WorkerEvent.Finished(Record, 2, 9, 50, WorkerFailure.DisplayLost),
                new WorkerEvent.Failed(WorkerFailure.DisplayLost, "It failed."),
            ],
            _said
        );
    }

    [Fact]
    public async Task A_stall_is_told_before_since_the_end_may_stall_too()
    {
        var code = await RunAsync(
            source =>
            {
                source.Code = WorkerFailure.Stalled;
                source.End = new RecordEnd(2, 9, 50) { Final = new(2, 9, 50) };
            },
            new WorkerInput.DisplayLost()
        );

        Assert.Equal(WorkerExitCode.Failed, code);
        Assert.Equal(["Failed:stalled", "Finished:stalled"], _said.Select(NameOf));
    }

    [Fact]
    public async Task A_node_that_is_silent_is_the_reason_even_where_the_record_has_stalled_with_it()
    {
        var code = await RunAsync(
            source =>
            {
                source.FaultOfTick = new RecordFault(WorkerFailure.Stalled, "It has stalled.");
                source.End = new RecordEnd(2, 9, 50) { Final = new(2, 9, 50) };
            },
            new WorkerInput.Line(WorkerProtocol.Serialize(new WorkerCommand.Alive(-1))),
            new WorkerInput.Tick()
        );

        Assert.Equal(WorkerExitCode.Finished, code);
        Assert.Equal([new WorkerEvent.Finished(Record, 2, 9, 50, WorkerFinishReason.NodeSilent)], _said);
    }

    [Fact]
    public async Task A_record_that_cannot_be_finalised_is_kept_and_as_long_as_its_source_has_counted()
    {
        // What is in the way of a copy cannot be removed, neither to finalise the file nor to look at it.
        Directory.CreateDirectory(Record + ".finalising");

        var code = await RunAsync(
            source => source.End = new RecordEnd(3.5, 7, 70),
            new WorkerInput.Line(WorkerProtocol.Serialize(new WorkerCommand.Finish()))
        );

        Assert.Equal(WorkerExitCode.NotFinalised, code);
        Assert.Equal(
            [new WorkerEvent.Finished(Record, 3.5, ScriptedSource.Written.Length, 70, WorkerFinishReason.Finish)],
            _said
        );
        Assert.Equal(ScriptedSource.Written, await File.ReadAllBytesAsync(Record));
    }

    [Fact]
    public async Task A_record_in_which_there_is_nothing_is_removed_and_the_source_says_why()
    {
        var code = await RunAsync(
            source => source.End = new RecordEnd(0, 0, 0) { Nothing = "Nobody sent." },
            new WorkerInput.Terminated()
        );

        Assert.Equal(WorkerExitCode.Finished, code);
        Assert.Equal([new WorkerEvent.Unrecoverable(Record, "Nobody sent.")], _said);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_record_that_was_moved_away_is_lost()
    {
        var code = await RunAsync(
            source =>
            {
                source.End = new RecordEnd(2, 9, 50);
                source.Ending = () => File.Move(Record, Record + ".moved");
            },
            new WorkerInput.Terminated()
        );

        Assert.Equal(WorkerExitCode.Finished, code);
        Assert.Contains(
            "was removed or moved away",
            Assert.IsType<WorkerEvent.Unrecoverable>(Assert.Single(_said)).Message,
            StringComparison.Ordinal
        );
    }

    private static string NameOf(WorkerEvent said) =>
        said switch
        {
            WorkerEvent.Failed failed => $"Failed:{failed.Code}",
            WorkerEvent.Finished finished => $"Finished:{finished.Reason}",
            _ => said.GetType().Name,
        };

    private async Task<int> RunAsync(Action<ScriptedSource> script, params WorkerInput[] inputs)
    {
        using WorkerLoop loop = new(
            _said.Add,
            (_, port) =>
            {
                ScriptedSource source = new(new RecordPlace(1, Record, FileContainer.Webm, 0), port);
                script(source);
                return source;
            },
            TimeProvider.System
        );
        loop.Post(
            new WorkerInput.Line(
                WorkerProtocol.Serialize(
                    new WorkerCommand.ReceiveRtp(
                        1,
                        "127.0.0.1",
                        PictureCodec.Vp8,
                        new RtpLegSettings(0, 0, 96, 90_000),
                        null,
                        FileContainer.Webm,
                        Record,
                        0
                    )
                )
            )
        );
        foreach (var input in inputs)
        {
            loop.Post(input);
        }
        return await loop.RunAsync().WaitAsync(Limit);
    }

    private sealed class ScriptedSource(RecordPlace place, LoopPort port) : RecordSource(place, port)
    {
        public static readonly byte[] Written = [1, 2, 3];

        public WorkerException? CannotPrepare { get; set; }

        public bool HasRecordBegun { get; set; } = true;

        public string Code { get; set; } = WorkerFailure.DisplayLost;

        public RecordEnd End { get; set; } = new(0, 0, 0);

        public Action Ending { get; set; } = () => { };

        public RecordFault? FaultOfTick { get; set; }

        public override bool HasBegun => HasRecordBegun && CannotPrepare is null;

        public override TimeSpan TickInterval => TimeSpan.FromDays(1);

        public override async Task PrepareAsync()
        {
            Reserve(Place.Path!);
            await File.WriteAllBytesAsync(Place.Path!, Written);
            if (CannotPrepare is not null)
            {
                throw CannotPrepare;
            }
        }

        public override string CannotBuild(string reason) => reason;

        public override Task<RecordFault?> ObeyAsync(WorkerCommand command) => Task.FromResult<RecordFault?>(null);

        public override Task<RecordFault?> ReactAsync(WorkerInput input) =>
            Task.FromResult<RecordFault?>(new RecordFault(Code, "It failed."));

        public override Task<RecordFault?> OnTickAsync() => Task.FromResult(FaultOfTick);

        public override Task<RecordEnd> EndAsync(TimeSpan limit)
        {
            Ending();
            return Task.FromResult(End);
        }

        public override Task AbandonAsync() => Task.CompletedTask;

        public override void Dispose() { }
    }
}
