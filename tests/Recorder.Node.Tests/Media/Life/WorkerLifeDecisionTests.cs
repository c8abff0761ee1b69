using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Media.Life;
using Recorder.Node.Parts;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Tests.Media.Life;

/// <summary>How a record and its worker end, whatever the worker records, step by step.</summary>
public sealed class WorkerLifeDecisionTests
{
    private const string Path = "/records/one.mkv";
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly Dictionary<string, object> Inputs = new()
    {
        ["misfit"] = new BeginRecording(1, new PageSessionSpec(new Uri("https://example.org/")), Path),
        ["finish"] = new FinishRecording(),
        ["misunderstood"] = Said(new WorkerEvent.Failed(WorkerFailure.InvalidCommand, "What?")),
        ["broke"] = Said(new WorkerEvent.Failed(WorkerFailure.EncoderFailed, "Broken.")),
        ["disk"] = Said(new WorkerEvent.Failed(WorkerFailure.DiskFull, "Full.")),
        ["finished"] = Said(
            new WorkerEvent.Finished(Path, 2.5, 1000, 60, WorkerFinishReason.Finish) { Hls = new PlaylistLength(3, 1) }
        ),
        ["nothing"] = Said(new WorkerEvent.Unrecoverable(Path, "Empty.")),
        ["gone"] = new WorkerGone("It died."),
        ["sound"] = new PartFailed(FaultCode.SoundFailed, "The sound server died."),
        ["display"] = new PartFailed(FaultCode.DisplayFailed, "The display died."),
        ["large"] = new PartFailed(FaultCode.PageTooLarge, "The page takes too much."),
        ["ended"] = new EverythingEnded(),
        ["repaired"] = new LastRecordRepaired(new RecordFinished(Path, TimeSpan.FromSeconds(2), 900, Repaired: true)),
    };

    [Theory]
    // Before anything is recorded.
    [InlineData("Idle", "misfit", "End", "Ending")]
    [InlineData("Idle", "misfit ended", "MediaFailed:not_supported", "Ended")]
    [InlineData("Idle", "finish ended", "RecordUnrecoverable:pipeline_failed:Nothing was being recorded.", "Ended")]
    [InlineData("Idle", "gone", "", "Idle")]
    [InlineData("Idle", "sound", "", "Idle")]
    [InlineData("Idle", "ended", "", "Idle")]
    // On the way to the first frame.
    [InlineData("Starting", "misfit", "", "Starting")]
    [InlineData("Starting", "finish", "End", "Ending")]
    [InlineData("Starting made", "finish", "End:/records/one.mkv", "Ending")]
    [InlineData("Starting", "finish ended", "RecordUnrecoverable:pipeline_failed:Stopped too soon.", "Ended")]
    [InlineData("Starting made", "sound", "End:/records/one.mkv", "Ending")]
    [InlineData("Starting", "sound display ended", "MediaFailed:sound_failed", "Ended")]
    [InlineData("Starting", "gone ended", "MediaFailed:pipeline_failed", "Ended")]
    [InlineData("Starting", "disk gone ended", "MediaFailed:disk_full", "Ended")]
    [InlineData("Starting", "misunderstood gone ended", "MediaFailed:pipeline_failed", "Ended")]
    // A stop.
    [InlineData("Recording", "finish", "Finish", "Finishing")]
    [InlineData("Recording", "finish finish", "", "Finishing")]
    [InlineData("Recording", "finish finished", "", "Finishing")]
    [InlineData("Recording", "finish finished gone", "End", "Ending")]
    [InlineData("Recording", "finish finished gone ended", "RecordFinished", "Ended")]
    [InlineData("Recording first", "finish nothing gone ended", "RecordUnrecoverable:pipeline_failed:Empty.", "Ended")]
    [InlineData("Recording", "finish nothing gone ended", "RecordUnrecoverable:sender_silent:Empty.", "Ended")]
    [InlineData("Recording", "finish gone", "End", "Ending")]
    [InlineData("Recording", "finish gone ended", "RepairLast:Mkv", "Ending")]
    [InlineData("Recording", "finish gone ended repaired", "RecordFinished:repaired", "Ended")]
    [InlineData("Recording stream", "finish gone ended", "RecordFinished", "Ended")]
    [InlineData("Recording", "finish finished gone ended ended gone finish sound", "", "Ended")]
    // A worker that is lost.
    [InlineData("Recording", "gone", "WorkerLost:pipeline_failed", "WorkerLost")]
    [InlineData("Recording", "broke finished gone", "RecordFinished WorkerLost:pipeline_failed", "WorkerLost")]
    [InlineData("Recording", "gone finish ended", "RepairLast:Mkv", "Ending")]
    [InlineData("Recording", "gone gone", "", "WorkerLost")]
    [InlineData("Recording", "gone sound ended", "MediaFailed:sound_failed", "Ended")]
    [InlineData("Recording", "disk gone", "End", "Ending")]
    [InlineData("Recording", "disk finished gone", "RecordFinished End", "Ending")]
    [InlineData("Recording", "disk finished gone ended", "MediaFailed:disk_full", "Ended")]
    // A part that is lost.
    [InlineData("Recording", "sound", "Finish", "Finishing")]
    [InlineData("Starting", "large ended", "MediaFailed:page_too_large", "Ended")]
    [InlineData("Recording", "large", "Finish", "Finishing")]
    [InlineData("Recording", "large finished gone", "RecordFinished End", "Ending")]
    [InlineData("Recording", "large finished gone ended", "MediaFailed:page_too_large", "Ended")]
    [InlineData("Recording", "sound display finished gone", "RecordFinished End", "Ending")]
    [InlineData("Recording", "sound display broke gone ended", "MediaFailed:sound_failed", "Ended")]
    [InlineData("Recording", "finish sound finished gone ended", "RecordFinished", "Ended")]
    public void The_last_of_these_leads_to(string from, string inputs, string effects, string phase)
    {
        var step = WorkerLifeStep.None(LifeAt(from));
        foreach (var input in inputs.Split(' '))
        {
            step = WorkerLifeDecision.Next(step.Life, Inputs[input]);
        }

        Assert.Equal((effects, phase), (string.Join(' ', step.Effects.Select(NameOf)), step.Life.Phase.ToString()));
    }

    [Fact]
    public void What_the_worker_finalised_is_told_with_its_figures()
    {
        var step = WorkerLifeStep.None(LifeAt("Recording"));
        foreach (var input in new[] { "finish", "finished", "gone", "ended" })
        {
            step = WorkerLifeDecision.Next(step.Life, Inputs[input]);
        }

        Assert.Equal(
            new MediaEffect.Report(
                new RecordFinished(Path, TimeSpan.FromSeconds(2.5), 1000, Repaired: false) { Hls = new HlsLength(3, 1) }
            ),
            Assert.Single(step.Effects)
        );
    }

    [Fact]
    public void Of_a_stream_its_last_length_is_told_when_the_worker_dies()
    {
        var step = WorkerLifeStep.None(LifeAt("Recording stream") with { Duration = TimeSpan.FromSeconds(7) });
        foreach (var input in new[] { "finish", "gone", "ended" })
        {
            step = WorkerLifeDecision.Next(step.Life, Inputs[input]);
        }

        Assert.Equal(
            new MediaEffect.Report(new RecordFinished(null, TimeSpan.FromSeconds(7), 0, Repaired: false)),
            Assert.Single(step.Effects)
        );
    }

    [Fact]
    public void The_next_worker_inherits_nothing_of_the_last_one()
    {
        var life = LifeAt("Recording first") with { FileMade = true, Duration = TimeSpan.FromSeconds(7) };
        foreach (var input in new[] { "broke", "finished", "gone" })
        {
            life = WorkerLifeDecision.Next(life, Inputs[input]).Life;
        }

        Assert.Equal(
            LifeAt("Starting") with
            {
                RecordPath = "/records/two.ts",
                Container = RecordContainer.Ts,
                Final = life.Final,
            },
            life.WithWorker("/records/two.ts", RecordContainer.Ts)
        );
    }

    private static WorkerLife LifeAt(string words)
    {
        var said = words.Split(' ');
        return new WorkerLife
        {
            StoppedAtStart = "Stopped too soon.",
            CodeOfNothing = FaultCode.SenderSilent,
            Phase = Enum.Parse<MediaPhase>(said[0]),
            RecordPath = said.Contains("stream") ? null : Path,
            Container = RecordContainer.Mkv,
            FileMade = said.Contains("made"),
            FirstFrame = said.Contains("first"),
        };
    }

    private static WorkerSaid Said(WorkerEvent said) => new(said, At);

    private static string NameOf(MediaEffect effect) =>
        effect switch
        {
            MediaEffect.Report { Event: MediaFailed failed } => $"MediaFailed:{failed.Code}",
            MediaEffect.Report { Event: WorkerLost lost } => $"WorkerLost:{lost.Code}",
            MediaEffect.Report { Event: RecordUnrecoverable lost } => $"RecordUnrecoverable:{lost.Code}:{lost.Message}",
            MediaEffect.Report { Event: RecordFinished { Repaired: true } } => "RecordFinished:repaired",
            MediaEffect.Report report => report.Event.GetType().Name,
            MediaEffect.Command command => command.ToWorker.GetType().Name,
            MediaEffect.EndEverything end => end.RemoveFile is { } file ? $"End:{file}" : "End",
            MediaEffect.RepairLast last => $"RepairLast:{last.Container}",
            _ => effect.GetType().Name,
        };
}
