using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>The table of what a session does: where an incarnation stands, and the effects that follow.</summary>
public sealed class ProceedDecisionsTests
{
    /// <summary>What is seen to at each step, whatever the step is.</summary>
    private const string Tend = "AnswerChanges AskForManifests SeeToDeliveries";

    private static readonly SessionOptions Options = new()
    {
        RetryDelay = TimeSpan.FromSeconds(1),
        RetryDelayLimit = TimeSpan.FromSeconds(30),
    };

    private static readonly MediaStanding Writing = new() { Up = true, Writing = Sample.FirstRecord };

    private static readonly MediaStanding BetweenRecords = new() { Up = true };

    private static readonly HandOverState Preparing = new HandOverState.Preparing(Sample.OtherNode, 3, Paused: false);

    private static readonly HandOverState TakenOver = new HandOverState.TakenOver(Sample.OtherNode, 3);

    private static readonly SessionState Paused = Story
        .Recording.Then(state => ChangeDecisions.Pause(state, Sample.At(11)).Events)
        .State;

    private static readonly SessionState WorkerLost = Story
        .Recording.Hears(12, new WorkerLost(Sample.FirstRecord, FaultCode.PipelineFailed, "The worker was killed."))
        .State;

    private static readonly SessionState Anyway = Story
        .New.Then(state =>
            SessionDecisions.Start(state, (PageSessionSpec)Sample.Spec with { Begin = BeginRule.AtOnce }, Sample.At(0))
        )
        .Hears(1, new PageWaits(false, Sample.Time(1)))
        .Then(state => BeginDecisions.Due(state, Sample.At(2)))
        .State;

    private static readonly SessionState NamedAtTheEnd = Story
        .Recording.Hears(12, new WorkerLost(Sample.FirstRecord, FaultCode.PipelineFailed, "The worker was killed."))
        .Then(state => SessionDecisions.ResumeMedia(state, Sample.At(13)))
        .Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(13)))
        .State;

    private static readonly SessionState HandedOver = Story
        .Recording.Hears(
            15,
            new RecordFinished(Sample.FirstRecord, TimeSpan.FromSeconds(13), 9_000_000, Repaired: false)
        )
        .State;

    private static readonly SessionState Closed = Story
        .Stopping.Hears(
            21,
            new RecordFinished(Sample.FirstRecord, TimeSpan.FromSeconds(18), 12_000_000, Repaired: false)
        )
        .State;

    private static readonly Dictionary<string, (Incarnation Here, string Effects)> Rows = new()
    {
        // A start.
        ["the start is written"] = (
            new Incarnation(Story.Starting.State),
            $"BeginMedia BeginRecording {Tend} Report"
        ),
        ["the first frame is awaited"] = (Active(Story.Starting.State) with { Reported = true }, $"{Tend} Answer"),
        ["the first frame is written"] = (Active(Story.Recording.State), $"ForgetStartLimit {Tend} Report"),
        ["the record begins whatever the page shows"] = (
            Active(Anyway),
            $"LimitStart BeginAnyway {Tend} Report"
        ),
        ["the page shows what it likes, and the first frame is awaited"] = (
            Active(Anyway) with
            {
                Standing = Writing with { BegunAnyway = true },
            },
            $"{Tend} Report"
        ),
        ["a record was named just before the end was decided"] = (
            Active(NamedAtTheEnd) with
            {
                Standing = BetweenRecords,
            },
            "Write(RecordLost)"
        ),
        ["the start is given up"] = (
            Active(Story.StoppedAtStart.State),
            $"ForgetStartLimit LimitUndo FinishRecording {Tend} Report"
        ),

        // A running session.
        ["nothing is new"] = (
            Active(Story.Recording.State) with
            {
                Reported = true,
            },
            $"ForgetStartLimit {Tend} Answer"
        ),
        ["a pause is wished"] = (Active(Paused), $"ForgetStartLimit PauseRecording {Tend} Report"),
        ["a pause is over"] = (
            Active(Story.Recording.State) with
            {
                Standing = Writing with { Paused = true },
            },
            $"ForgetStartLimit UnpauseRecording {Tend} Report"
        ),

        // A loss.
        ["the worker is lost"] = (Active(WorkerLost) with { Standing = BetweenRecords }, "Write(RecordNamed)"),
        ["the next worker is lost before its record lasted"] = (
            Active(WorkerLost) with
            {
                Standing = BetweenRecords,
                Retries = 1,
            },
            $"ForgetStartLimit AwaitRetry(2) RepairRecord {Tend} Report"
        ),
        ["the next record is named"] = (
            Active(Story.OnTheWayToTheNextRecord.State) with
            {
                Standing = BetweenRecords,
            },
            $"LimitStart ResumeRecording RepairRecord {Tend} Report"
        ),
        ["the media set failed and is ending"] = (
            new Incarnation(Story.WithoutMedia.State) { Media = MediaChild.Ending, RetryAwaited = true },
            $"ForgetStartLimit {Tend} Report"
        ),
        ["the media set failed and has ended"] = (
            new Incarnation(Story.WithoutMedia.State) { RetryAwaited = true },
            $"ForgetStartLimit {Tend} Report"
        ),
        ["the failed media set has ended after its wait"] = (
            new Incarnation(Story.WithoutMedia.State) { Media = MediaChild.Ending, Retries = 9 },
            $"ForgetStartLimit AwaitRetry(30) {Tend} Report"
        ),
        ["the record of a new media set is named"] = (
            new Incarnation(Story.WithoutMedia.Then(state => SessionDecisions.ResumeMedia(state, Sample.At(14))).State),
            $"BeginMedia LimitStart BeginRecording RepairRecord {Tend} Report"
        ),

        // An end.
        ["a stop is wished"] = (Active(Story.Stopping.State), $"ForgetStartLimit FinishRecording {Tend} Report"),
        ["the last record is being finalised"] = (
            Active(Story.Stopping.State) with
            {
                Standing = Writing with { Finishing = true },
            },
            $"ForgetStartLimit {Tend} Report"
        ),
        ["the last record is closed"] = (Active(Closed), "Write(SessionEnded)"),
        ["the session has ended and its media child has not"] = (
            Active(Story.Stopped.State),
            $"ForgetStartLimit ForgetRetry {Tend} StopMedia"
        ),
        ["the session has ended and its failed media child has not"] = (
            new Incarnation(Story.Stopped.State) { Media = MediaChild.Ending },
            $"ForgetStartLimit ForgetRetry {Tend}"
        ),
        ["the session and its media child have ended"] = (
            new Incarnation(Story.Stopped.State),
            $"ForgetStartLimit ForgetRetry {Tend} Report"
        ),
        ["the list knows of the end"] = (
            new Incarnation(Story.Stopped.State) { Reported = true },
            $"ForgetStartLimit ForgetRetry {Tend} Answer"
        ),

        // A node that is leaving.
        ["the node is leaving"] = (
            Active(Story.Recording.State) with
            {
                LeavesNode = true,
            },
            $"ForgetStartLimit FinishRecording {Tend} Report"
        ),
        ["the record of a leaving node is closed"] = (
            Active(HandedOver) with
            {
                LeavesNode = true,
            },
            $"ForgetStartLimit {Tend} Report Stop"
        ),
        ["the node is leaving before a record was begun"] = (
            Active(Story.OnTheWayToTheNextRecord.State) with
            {
                Standing = BetweenRecords,
                LeavesNode = true,
            },
            $"{Tend} Report Stop"
        ),
        ["the worker of a leaving node is lost"] = (
            Active(WorkerLost) with
            {
                Standing = BetweenRecords,
                LeavesNode = true,
            },
            $"ForgetStartLimit {Tend} Report Stop"
        ),

        // A hand-over.
        ["the next node prepares"] = (
            Active(Story.Recording.State) with
            {
                HandOver = Preparing,
            },
            $"ForgetStartLimit {Tend} Report"
        ),
        ["a pause is wished while the next node prepares"] = (
            Active(Paused) with
            {
                HandOver = Preparing,
            },
            $"ForgetStartLimit TellTarget PauseRecording {Tend} Report"
        ),
        ["a stop is wished while the next node prepares"] = (
            Active(Story.Stopping.State) with
            {
                HandOver = Preparing,
            },
            $"ForgetStartLimit ForgetPreparation Dismiss TellRefused FinishRecording {Tend} Report"
        ),
        ["the next record is being written"] = (
            Active(Story.Recording.State) with
            {
                HandOver = TakenOver,
            },
            $"ForgetStartLimit FinishRecording {Tend} Report"
        ),
        ["the next record is being written and the record here is closed"] = (
            Active(HandedOver) with
            {
                HandOver = TakenOver,
            },
            $"ForgetStartLimit {Tend} Report WriteNoMore TellTarget TellHandedOver"
        ),
        ["the next record is being written and the worker here is lost"] = (
            Active(WorkerLost) with
            {
                Standing = BetweenRecords,
                HandOver = TakenOver,
            },
            $"ForgetStartLimit {Tend} Report WriteNoMore TellTarget TellHandedOver"
        ),
        ["the next record is being written and this node is leaving"] = (
            Active(HandedOver) with
            {
                HandOver = TakenOver,
                LeavesNode = true,
            },
            $"ForgetStartLimit {Tend} Report Stop"
        ),
    };

    public static TheoryData<string> Names => [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Where_a_session_stands_decides_what_it_does(string when)
    {
        var (here, effects) = Rows[when];
        Assert.Equal(effects, Effects(here));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_was_done_is_not_done_again(string when)
    {
        // The first step may only write events; then the second step acts on them.
        var here = Step(Step(Rows[when].Here));
        Assert.DoesNotContain(
            ProceedDecisions.Next(here, Options, Sample.At(30)).Effects,
            effect =>
                effect
                    is SessionEffect.BeginMedia
                        or SessionEffect.Command
                        or SessionEffect.AwaitRetry
                        or SessionEffect.LimitStart
                        or SessionEffect.LimitUndo
                        or SessionEffect.TellTarget
        );
    }

    [Fact]
    public void A_next_record_at_once_counts_as_a_try() =>
        Assert.Equal(
            1,
            ProceedDecisions
                .Next(Active(WorkerLost) with { Standing = BetweenRecords }, Options, Sample.At(12))
                .Retries
        );

    [Fact]
    public void The_end_of_a_session_tells_its_outputs()
    {
        var output = Streams.Output("target-1", OutputState.Active);
        var here = Active(Closed) with { Live = new LiveFigures().Hear(new OutputChanged(output)) };
        var written = Assert.IsType<SessionEffect.Write>(
            Assert.Single(ProceedDecisions.Next(here, Options, Sample.At(22)).Effects)
        );
        Assert.Contains(
            Assert.IsType<SessionEnded>(Assert.Single(written.Events)).Outputs,
            told => told.Id == output.Id && told.State == OutputState.Finished
        );
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(4, 16)]
    [InlineData(5, 30)]
    [InlineData(1000, 30)]
    public void Each_try_doubles_the_wait_up_to_the_longest(int retries, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ProceedDecisions.RetryWait(retries, Options));

    /// <summary>An incarnation whose media child writes the first record.</summary>
    private static Incarnation Active(SessionState state) =>
        new(state) { Media = MediaChild.Present, Standing = Writing };

    /// <summary>The incarnation after the effects of one step.</summary>
    private static Incarnation Step(Incarnation here)
    {
        var next = ProceedDecisions.Next(here, Options, Sample.At(30));
        return next.Effects.Aggregate(
            here with
            {
                Standing = next.Standing,
                Retries = next.Retries,
                HandOver = next.HandOver,
            },
            (after, effect) =>
                effect switch
                {
                    SessionEffect.Write written => after with
                    {
                        State = written.Events.Aggregate(after.State, (state, happened) => state.Apply(happened)),
                    },
                    SessionEffect.BeginMedia => after with { Media = MediaChild.Present },
                    SessionEffect.AwaitRetry => after with { RetryAwaited = true },
                    SessionEffect.ForgetRetry => after with { RetryAwaited = false },
                    SessionEffect.Report => after with { Reported = true },
                    _ => after,
                }
        );
    }

    private static string Effects(Incarnation here) =>
        string.Join(
            ' ',
            ProceedDecisions
                .Next(here, Options, Sample.At(30))
                .Effects.Select(effect =>
                    effect switch
                    {
                        SessionEffect.Write written =>
                            $"Write({string.Join(' ', written.Events.Select(happened => happened.GetType().Name))})",
                        SessionEffect.AwaitRetry retry => $"AwaitRetry({retry.Wait.TotalSeconds:0})",
                        SessionEffect.Command command => command.ToMedia.GetType().Name,
                        _ => effect.GetType().Name,
                    }
                )
        );
}
