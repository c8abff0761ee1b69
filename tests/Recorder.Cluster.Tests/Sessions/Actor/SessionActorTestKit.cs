using Akka.Actor;
using Akka.Event;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>
/// One session actor between probes: its shard, the edge, the placement and its media child. The wall clock and the
/// scheduler stand still until a test moves them.
/// </summary>
[Trait("ring", "actor")]
public abstract class SessionActorTestKit : TestKit
{
    private readonly TestProbe _heardInOrder;
    private readonly ScriptedMedia _media;
    private int _incarnations;

    protected SessionActorTestKit()
        : base(ActorSettings.OwnTime + ScriptedJournal.Hocon)
    {
        Edge = CreateTestProbe("edge");
        Placement = CreateTestProbe("placement");
        Media = CreateTestProbe("media");
        _media = new ScriptedMedia(Media);
        AcceptReports(Placement);
        _heardInOrder = CreateTestProbe("heard-in-order");
        Sys.EventStream.Subscribe(_heardInOrder, typeof(UnhandledMessage));
        Session = Incarnate();
    }

    private protected ManualClock Clock { get; } = new(Sample.Begin);

    private protected SessionOptions Options { get; } = new();

    /// <summary>Where the next incarnations ask for manifests; nowhere at first.</summary>
    private protected IActorRef Manifests { get; set; } = ActorRefs.Nobody;

    /// <summary>Where the next incarnations ask for deliveries; nowhere at first.</summary>
    private protected IActorRef Deliveries { get; set; } = ActorRefs.Nobody;

    /// <summary>Where the next incarnations ask for the removal of files; nowhere at first.</summary>
    private protected IActorRef Eraser { get; set; } = ActorRefs.Nobody;

    /// <summary>The most attempts of a delivery of the next incarnations.</summary>
    private protected int Attempts { get; set; } = 3;

    protected TestProbe Shard { get; private set; } = null!;

    protected TestProbe Edge { get; }

    /// <summary>The placement, which accepts each report unless told otherwise.</summary>
    protected TestProbe Placement { get; }

    /// <summary>While the gate is closed, a stopped media child does not come to its end.</summary>
    protected ManualResetEventSlim MediaMayEnd => _media.MayEnd;

    /// <summary>Waits until the media child has been told to stop.</summary>
    protected Task MediaEndingAsync() => _media.Ending.WaitAsync(TimeSpan.FromSeconds(10));

    /// <summary>Hears each media command, with the child as sender.</summary>
    protected TestProbe Media { get; }

    protected IActorRef Session { get; private set; }

    /// <summary>The child that was commanded last.</summary>
    protected IActorRef Child =>
        _media.Child ?? throw new InvalidOperationException("No media child has been commanded.");

    private protected static StartSession Start => new(Sample.Id, Sample.Spec);

    private protected static StopSession Stop => new(Sample.Id);

    private protected static ResumeSession Resume => new(Sample.Id, Sample.Spec);

    /// <summary>Ends this incarnation without a word, as the loss of its node does, and begins the next.</summary>
    private protected async Task LoseNodeAsync(double secondsAway = 0)
    {
        await Session.GracefulStop(TimeSpan.FromSeconds(10), Kill.Instance);
        Clock.Advance(TimeSpan.FromSeconds(secondsAway));
        Session = Incarnate();
    }

    /// <summary>Begins another incarnation beside the one there is, with a shard of its own.</summary>
    private protected IActorRef Incarnate()
    {
        Shard = CreateTestProbe($"shard-{++_incarnations}");
        var surroundings = new SessionSurroundings(_media, Placement, Options, Clock, Sample.Node)
        {
            Manifests = Manifests,
            Deliveries = Deliveries,
            Eraser = Eraser,
            Destinations = Deliveries.IsNobody() ? DestinationList.None : Sample.Destinations("command"),
            DeliveryPatience = new DeliveryPatience(TimeSpan.FromDays(7), Attempts),
        };
        return Shard.ChildActorOf(SessionActor.PropsFor(Sample.Id, surroundings), "session");
    }

    private protected void AdvanceTimers(TimeSpan by) => ((TestScheduler)Sys.Scheduler).Advance(by);

    private protected void Ask(object message) => Session.Tell(message, Edge);

    private protected void MediaSays(IMediaEvent heard) => Child.Tell(new ScriptedMedia.Say(heard));

    /// <summary>A session that records; the path of its first record.</summary>
    private protected async Task<string> RecordAsync()
    {
        Ask(Start);
        var begin = await Media.ExpectMsgAsync<BeginRecording>();
        MediaSays(new FirstFrameWritten(begin.RecordPath, Clock.GetUtcNow()));
        await Edge.ExpectMsgAsync<SessionRecords>();
        return begin.RecordPath!;
    }

    /// <summary>The media side has been told to undo a start, and tells that nothing is left of it.</summary>
    private protected async Task UndoAsync()
    {
        await Media.ExpectMsgAsync<FinishRecording>();
        await HeardAllAsync();
        await NothingForAsync(Edge);
        MediaSays(new RecordUnrecoverable(Sample.FirstRecord, "It was stopped before its first picture was written."));
    }

    /// <summary>The record has grown for long enough to count as lasting.</summary>
    private protected async Task GrowAsync(string path, long frames = 100)
    {
        await HeardAllAsync();
        Clock.Advance(Options.EvidenceInterval);
        MediaSays(new RecordGrew(path, Clock.GetUtcNow(), frames, 0, 1000, Options.EvidenceInterval));
        await HeardAllAsync();
    }

    private protected static RecordFinished Finished(string path) =>
        new(path, TimeSpan.FromSeconds(5), 1000, Repaired: false);

    private protected static RecordFinished Repaired(string path) =>
        new(path, TimeSpan.FromSeconds(4), 900, Repaired: true);

    /// <summary>Waits until the session has heard, and written, all that was told to it and to its media child
    /// before.</summary>
    private protected async Task HeardAllAsync(bool childEnding = false)
    {
        if (!childEnding && _media.Child is { } child)
        {
            await child.Ask<ActorIdentity>(new Identify(null), TimeSpan.FromSeconds(10));
        }

        // A message that no session knows comes out in its turn: behind all writes that were asked for before it.
        var last = new object();
        Session.Tell(last, ActorRefs.NoSender);
        await _heardInOrder.FishForMessageAsync(
            message => message is UnhandledMessage unhandled && unhandled.Message == last,
            TimeSpan.FromSeconds(10)
        );
    }

    /// <summary>What a living or ended session says of itself, once it has heard all before.</summary>
    private protected async Task<SessionSummary> SummaryAsync()
    {
        if (_media.Child is { } child)
        {
            await child.Ask<ActorIdentity>(new Identify(null), TimeSpan.FromSeconds(10));
        }
        Session.Tell(Resume, ActorRefs.NoSender);
        await HeardAllAsync();
        var reports = await DrainAsync(Placement);
        return Assert.IsType<ReportSession>(reports.Last(message => message is ReportSession)).Summary;
    }

    /// <summary>Nothing has been told to a probe so far that was not expected.</summary>
    private protected static async Task NothingForAsync(TestProbe probe) => Assert.Empty(await DrainAsync(probe));

    private protected static async Task<IReadOnlyList<object>> DrainAsync(TestProbe probe)
    {
        var last = new object();
        probe.Ref.Tell(last);
        List<object> messages = [];
        while (await probe.ReceiveOneAsync(TimeSpan.FromSeconds(10)) is { } message && message != last)
        {
            messages.Add(message);
        }
        return messages;
    }

    /// <summary>The next report of a session that is as expected; earlier ones are passed over.</summary>
    private protected async Task<SessionSummary> ReportAsync(Predicate<SessionSummary> expected) =>
        (
            (ReportSession)
                await Placement.FishForMessageAsync(
                    message => message is ReportSession report && expected(report.Summary),
                    TimeSpan.FromSeconds(10)
                )
        ).Summary;

    private protected Task<SessionSummary> ReportAsync(SessionPhase phase) =>
        ReportAsync(summary => summary.Phase == phase);

    private protected static void AcceptReports(TestProbe placement) =>
        placement.SetAutoPilot(
            new DelegateAutoPilot(
                (sender, message) =>
                {
                    if (message is ReportSession report)
                    {
                        sender.Tell(new ReportAccepted(report.Summary.Id, report.Version));
                    }
                    return AutoPilot.KeepRunning;
                }
            )
        );

    private protected async Task JournalAsync(object instruction)
    {
        var probe = CreateTestProbe();
        ScriptedJournal.Of(Sys).Tell(instruction, probe);
        await probe.ExpectMsgAsync<ScriptedJournal.Done>();
    }
}
