using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Media.Life;
using Recorder.Node.Media.Rtp;
using Recorder.Node.Parts;
using Recorder.Worker.Protocol;

namespace Recorder.Node.Tests.Media.Rtp;

/// <summary>What happens next in the media side of an RTP session, step by step.</summary>
public sealed class RtpMediaDecisionTests
{
    private const string Path = "/records/one.webm";
    private const string NextPath = "/records/two.webm";
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly RtpSessionSpec Spec = new(0, 0)
    {
        Container = RecordContainer.Webm,
        Audio = new RtpAudioLeg(0, 0),
    };
    private static readonly WorkerEvent.RtpReady Ready = new(At, 5000, 5001, 5002, 5003);
    private static readonly RtpEndpoint Endpoint = new("recorder.example", 5000, 5001, 5002, 5003);
    private static readonly WorkerEvent.Finished Finished = new(Path, 2.5, 1000, 60, WorkerFinishReason.Finish);

    private static readonly Dictionary<string, object> Inputs = new()
    {
        ["begin"] = new BeginRecording(1, Spec, Path),
        ["page"] = new BeginRecording(1, new PageSessionSpec(new Uri("https://example.org/")), Path),
        ["resume"] = new ResumeRecording(NextPath),
        ["finish"] = new FinishRecording(),
        ["thumbnail"] = new TakeThumbnail(),
        ["folder"] = new FolderReady(),
        ["full"] = new PartFailed(FaultCode.DiskFull, "No room."),
        ["ready"] = Said(Ready),
        ["first"] = Said(new WorkerEvent.FirstFrame(At, Path)),
        ["grew"] = Said(
            new WorkerEvent.RtpProgress(
                3,
                9,
                0.1,
                new RtpFigures(At, new RtpLegFigures(9, At, 3, 300, 1, 0, TimeSpan.FromMilliseconds(2), 0, 1), null)
            )
        ),
        ["silent"] = Said(new WorkerEvent.RtpSenderSilent(At, "Nothing.")),
        ["heard"] = Said(new WorkerEvent.RtpSenderHeard(At)),
        ["ignored"] = Said(new WorkerEvent.RtpSenderIgnored(At, "Two senders.")),
        ["reception"] = Said(new WorkerEvent.RtpReceptionFailed(At, "It broke.")),
        ["misunderstood"] = Said(new WorkerEvent.Failed(WorkerFailure.InvalidCommand, "What?")),
        ["port"] = Said(new WorkerEvent.Failed(WorkerFailure.PortInUse, "Taken.")),
        ["broke"] = Said(new WorkerEvent.Failed(WorkerFailure.EncoderFailed, "Broken.")),
        ["disk"] = Said(new WorkerEvent.Failed(WorkerFailure.DiskFull, "Full.")),
        ["finished"] = Said(Finished),
        ["unrecoverable"] = Said(new WorkerEvent.Unrecoverable(Path, "Empty.")),
        ["gone"] = new WorkerGone("It died."),
        ["ended"] = new EverythingEnded(),
        ["repaired"] = new LastRecordRepaired(new RecordFinished(Path, TimeSpan.FromSeconds(2), 900, Repaired: true)),
    };

    [Theory]
    // A start and what may go wrong with it.
    [InlineData("begin", "StartWorker CheckFolder", "Starting")]
    [InlineData("begin folder", "ReceiveRtp", "Starting")]
    [InlineData("begin folder ready", "PortsBound", "Recording")]
    [InlineData("begin folder ready first", "FirstFrameWritten", "Recording")]
    [InlineData("begin begin", "", "Starting")]
    [InlineData("page", "EndEverything", "Ending")]
    [InlineData("page ended", "MediaFailed:not_supported", "Ended")]
    [InlineData("begin full ended", "MediaFailed:disk_full", "Ended")]
    [InlineData("begin folder port gone ended", "MediaFailed:port_in_use", "Ended")]
    [InlineData("begin folder gone ended", "MediaFailed:pipeline_failed", "Ended")]
    [InlineData("begin folder misunderstood gone ended", "MediaFailed:pipeline_failed", "Ended")]
    // What is told while it runs, and only then.
    [InlineData("begin folder ready grew", "RecordGrew", "Recording")]
    [InlineData("begin folder ready silent", "SenderSilent", "Recording")]
    [InlineData("begin folder ready ignored", "SenderIgnored", "Recording")]
    [InlineData("begin folder ready silent heard", "SenderHeard", "Recording")]
    [InlineData("begin folder ready reception", "ReceptionFailed", "Recording")]
    [InlineData("begin folder ready finish reception", "", "Finishing")]
    [InlineData("begin folder ready thumbnail", "ThumbnailFailed", "Recording")]
    [InlineData("begin folder grew", "", "Starting")]
    [InlineData("begin folder ready finish silent", "", "Finishing")]
    [InlineData("begin folder ready finish first", "FirstFrameWritten", "Finishing")]
    [InlineData("begin folder ready resume", "", "Recording")]
    // A stop.
    [InlineData("finish ended", "RecordUnrecoverable:pipeline_failed", "Ended")]
    [InlineData("begin finish ended", "RecordUnrecoverable:pipeline_failed", "Ended")]
    [InlineData("begin folder ready finish", "Finish", "Finishing")]
    [InlineData("begin folder ready finish finish", "", "Finishing")]
    [InlineData("begin folder ready first finish finished gone ended", "RecordFinished", "Ended")]
    [InlineData("begin folder ready finish unrecoverable gone ended", "RecordUnrecoverable:sender_silent", "Ended")]
    [InlineData(
        "begin folder ready first finish unrecoverable gone ended",
        "RecordUnrecoverable:pipeline_failed",
        "Ended"
    )]
    [InlineData("begin folder ready first finish gone ended", "RepairLast", "Ending")]
    [InlineData("begin folder ready first finish gone ended repaired", "RecordFinished", "Ended")]
    // A worker that is lost.
    [InlineData("begin folder ready first gone", "WorkerLost:pipeline_failed", "WorkerLost")]
    [InlineData(
        "begin folder ready first broke finished gone",
        "RecordFinished WorkerLost:pipeline_failed",
        "WorkerLost"
    )]
    [InlineData("begin folder ready first gone resume", "StartWorker CheckFolder", "Starting")]
    [InlineData("begin folder ready first gone resume folder ready", "PortsBound", "Recording")]
    [InlineData("begin folder ready first gone finish ended repaired", "RecordFinished", "Ended")]
    [InlineData("begin folder ready first disk finished gone", "RecordFinished EndEverything", "Ending")]
    [InlineData("begin folder ready first disk finished gone ended", "MediaFailed:disk_full", "Ended")]
    [InlineData("begin folder ready first disk finished gone ended ended gone finish", "", "Ended")]
    public void The_last_of_these_leads_to(string inputs, string effects, string phase)
    {
        var step = RtpMediaStep.None(Idle());
        foreach (var input in inputs.Split(' '))
        {
            step = RtpMediaDecision.Next(step.State, Inputs[input]);
        }

        Assert.Equal(
            (effects, phase),
            (string.Join(' ', step.Effects.Select(NameOf)), step.State.Life.Phase.ToString())
        );
    }

    [Fact]
    public void The_worker_is_told_the_whole_spec()
    {
        var spec = new RtpSessionSpec(6000, 6001)
        {
            Codec = RtpCodec.H264,
            PayloadType = 102,
            ClockRate = 90_000,
            Audio = new RtpAudioLeg(6002, 6003, 109),
            Container = RecordContainer.Mp4,
        };
        var step = After(new BeginRecording(1, spec, Path), new FolderReady());

        Assert.Equal(
            new WorkerCommand.ReceiveRtp(
                3,
                "0.0.0.0",
                PictureCodec.H264,
                new RtpLegSettings(6000, 6001, 102, 90_000),
                new RtpLegSettings(6002, 6003, 109, 48_000),
                FileContainer.Mp4,
                Path,
                77
            ),
            Assert.Single(step.Effects.OfType<MediaEffect.Command>()).ToWorker
        );
    }

    [Fact]
    public void The_sender_is_told_the_ports_that_were_bound_and_the_next_worker_tries_them_first()
    {
        var bound = After(Inputs["begin"], Inputs["folder"], Inputs["ready"]);
        var next = After(
            Inputs["begin"],
            Inputs["folder"],
            Inputs["ready"],
            Inputs["gone"],
            Inputs["resume"],
            Inputs["folder"]
        );
        var resumed = After(
            new BeginRecording(2, Spec, Path) { Endpoint = Endpoint with { RtpPort = 7000, RtcpPort = 7001 } },
            Inputs["folder"]
        );

        Assert.Equal(new PortsBound(Path, Endpoint, At), Reported(bound));
        var settings = Told(next);
        Assert.Equal(
            (5000, 5001, 5002, 5003, NextPath),
            (
                settings.Video.EarlierRtpPort,
                settings.Video.EarlierRtcpPort,
                settings.Audio!.EarlierRtpPort,
                settings.Audio.EarlierRtcpPort,
                settings.Path
            )
        );
        Assert.Equal(
            (0, 7000, 7001),
            (Told(resumed).Video.RtpPort, Told(resumed).Video.EarlierRtpPort, Told(resumed).Video.EarlierRtcpPort)
        );
    }

    [Fact]
    public void Where_another_node_takes_the_record_up_its_own_ports_come_before_those_of_the_lost_worker()
    {
        var step = After(
            Inputs["begin"],
            Inputs["folder"],
            Inputs["ready"],
            Inputs["gone"],
            new ResumeRecording(NextPath) { Endpoint = Endpoint with { RtpPort = 7000, RtcpPort = 7001 } },
            Inputs["folder"]
        );

        Assert.Equal(7000, Told(step).Video.EarlierRtpPort);
    }

    [Fact]
    public void Progress_becomes_the_growth_of_the_record_with_what_was_received() =>
        Assert.Equal(
            new RecordGrew(Path, At, 3, 0, 9, TimeSpan.FromSeconds(0.1)) { Rtp = Statistics() },
            Reported(After(Inputs["begin"], Inputs["folder"], Inputs["ready"], Inputs["grew"]))
        );

    [Fact]
    public void A_lost_worker_that_had_a_picture_leaves_the_next_without_one()
    {
        var step = After(
            Inputs["begin"],
            Inputs["folder"],
            Inputs["ready"],
            Inputs["first"],
            Inputs["gone"],
            Inputs["resume"],
            Inputs["folder"],
            Inputs["ready"],
            Inputs["finish"],
            Inputs["unrecoverable"],
            Inputs["gone"],
            Inputs["ended"]
        );

        Assert.Equal(new RecordUnrecoverable(NextPath, "Empty.", FaultCode.SenderSilent), Reported(step));
    }

    private static RtpMediaState Idle() =>
        new()
        {
            Session = new SessionId(3),
            Reach = new RtpReach("0.0.0.0", "recorder.example"),
            MinimumFreeBytes = 77,
        };

    private static RtpMediaStep After(params object[] inputs) =>
        inputs.Aggregate(RtpMediaStep.None(Idle()), (step, input) => RtpMediaDecision.Next(step.State, input));

    private static WorkerCommand.ReceiveRtp Told(RtpMediaStep step) =>
        Assert.IsType<WorkerCommand.ReceiveRtp>(Assert.Single(step.Effects.OfType<MediaEffect.Command>()).ToWorker);

    private static IMediaEvent Reported(RtpMediaStep step) =>
        Assert.Single(step.Effects.OfType<MediaEffect.Report>()).Event;

    private static string NameOf(MediaEffect effect) =>
        effect switch
        {
            MediaEffect.Report { Event: MediaFailed failed } => $"MediaFailed:{failed.Code}",
            MediaEffect.Report { Event: WorkerLost lost } => $"WorkerLost:{lost.Code}",
            MediaEffect.Report { Event: RecordUnrecoverable lost } => $"RecordUnrecoverable:{lost.Code}",
            MediaEffect.Report report => report.Event.GetType().Name,
            MediaEffect.Command command => command.ToWorker.GetType().Name,
            _ => effect.GetType().Name,
        };

    private static RtpStatistics Statistics() =>
        new(At, new RtpLegStatistics(9, At, 3, 300, 1, 0, TimeSpan.FromMilliseconds(2), 0, 1), null);

    private static WorkerSaid Said(WorkerEvent said) => new(said, At);
}
