using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Cluster.Tests.Sessions.Streams;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class ChangeDecisionsTests
{
    [Fact]
    public void Targets_are_added_and_removed_in_one_step_and_no_id_is_given_twice()
    {
        var story = Both.Then(state => Taken(ChangeDecisions.ChangeTargets(state, [Third], [Second], Sample.At(5))));
        Assert.Equal([new StreamOutput("target-1", First), new StreamOutput("target-3", Third)], story.State.Targets);

        story = story.Then(state => Taken(ChangeDecisions.ChangeTargets(state, [Second], [Third], Sample.At(6))));
        Assert.Equal([new StreamOutput("target-1", First), new StreamOutput("target-4", Second)], story.State.Targets);
    }

    [Fact]
    public void A_session_in_mode_record_can_be_given_a_target_and_lose_it_again()
    {
        var story = Story.Recording.Then(state =>
            Taken(ChangeDecisions.ChangeTargets(state, [First], [], Sample.At(11)))
        );
        Assert.Equal("target-1", Assert.Single(story.State.Targets).Id);

        Assert.Empty(
            story.Then(state => Taken(ChangeDecisions.ChangeTargets(state, [], [First], Sample.At(12)))).State.Targets
        );
    }

    [Fact]
    public void What_makes_no_sense_changes_nothing_and_is_refused_without_a_key()
    {
        Refused(FaultCode.InvalidRequest, ChangeDecisions.ChangeTargets(Both.State, [Third, First], [], Sample.At(5)));
        Refused(
            FaultCode.InvalidRequest,
            ChangeDecisions.ChangeTargets(Both.State, [new StreamTarget("rtmp://H:1935/app/hush-1")], [], Sample.At(5))
        );
        Refused(FaultCode.InvalidRequest, ChangeDecisions.ChangeTargets(Both.State, [], [First, Third], Sample.At(5)));
        Refused(FaultCode.InvalidRequest, ChangeDecisions.ChangeTargets(Streaming.State, [], [First], Sample.At(5)));
        Refused(FaultCode.NotSupported, ChangeDecisions.ChangeTargets(Receiving.State, [First], [], Sample.At(5)));
        Refused(
            FaultCode.InvalidRequest,
            ChangeDecisions.ChangeTargets(
                Both.State,
                [
                    .. Enumerable
                        .Range(10, SpecLimits.MaximumStreamTargets - 1)
                        .Select(number => new StreamTarget($"rtmp://h/app/{number}")),
                ],
                [],
                Sample.At(5)
            )
        );
    }

    [Fact]
    public void The_only_target_of_a_stream_can_be_exchanged() =>
        Assert.Equal(
            "target-2",
            Assert
                .Single(
                    Streaming
                        .Then(state => Taken(ChangeDecisions.ChangeTargets(state, [Second], [First], Sample.At(5))))
                        .State.Targets
                )
                .Id
        );

    [Fact]
    public void A_session_that_does_not_run_cannot_be_changed()
    {
        foreach (var story in new[] { Story.Starting, Story.Stopping, Story.Stopped })
        {
            Refused(FaultCode.NotRunning, ChangeDecisions.ChangeTargets(story.State, [First], [], Sample.At(30)));
            Refused(FaultCode.NotRunning, ChangeDecisions.Pause(story.State, Sample.At(30)));
            Assert.Equal(FaultCode.NotRunning, ChangeDecisions.WhyNoThumbnail(story.State)?.Code);
        }

        Refused(FaultCode.NoSuchSession, ChangeDecisions.Pause(Story.New.State, Sample.At(30)));
    }

    [Fact]
    public void A_pause_is_written_once_and_is_no_gap()
    {
        var story = Story.Recording.Then(state => Taken(ChangeDecisions.Pause(state, Sample.At(12))));
        Assert.Equal(Sample.Time(12), story.State.Summarise().PausedSince);
        Assert.Empty(Taken(ChangeDecisions.Pause(story.State, Sample.At(13))));
        Assert.Empty(story.State.Gaps);

        story = story.Then(state => Taken(ChangeDecisions.Unpause(state, Sample.At(20))));
        Assert.Null(story.State.PausedSince);
        Assert.Empty(Taken(ChangeDecisions.Unpause(story.State, Sample.At(21))));
        Assert.Null(
            Story
                .Recording.Then(state => Taken(ChangeDecisions.Pause(state, Sample.At(12))))
                .Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(13)))
                .Hears(14, new RecordFinished(Sample.FirstRecord, TimeSpan.FromSeconds(10), 1000, Repaired: false))
                .Ends(14)
                .State.PausedSince
        );
    }

    [Fact]
    public void There_is_nothing_to_pause_without_a_record_and_none_of_the_recorders_making_with_rtp()
    {
        Refused(FaultCode.NotSupported, ChangeDecisions.Pause(Streaming.State, Sample.At(12)));
        Refused(FaultCode.NotSupported, ChangeDecisions.Unpause(Receiving.State, Sample.At(12)));
        Assert.Equal(FaultCode.NotSupported, ChangeDecisions.WhyNoThumbnail(Receiving.State)?.Code);
    }

    [Fact]
    public void A_change_is_told_to_the_media_side_once_and_only_while_a_record_is_open()
    {
        var standing = new MediaStanding
        {
            Up = true,
            Writing = Sample.FirstRecord,
            Targets = Both.State.Targets,
        };
        var changed = Both.Then(state => Taken(ChangeDecisions.ChangeTargets(state, [Third], [], Sample.At(5))))
            .Then(state => Taken(ChangeDecisions.Pause(state, Sample.At(5))));

        var (commands, after) = SessionWork.Next(changed.State, standing, leaving: false);
        Assert.Equal([new ChangeStreamTargets(changed.State.Targets), new PauseRecording()], commands);
        Assert.Empty(SessionWork.Next(changed.State, after, leaving: false).Commands);

        var resumed = changed.Then(state => Taken(ChangeDecisions.Unpause(state, Sample.At(6))));
        Assert.Equal([new UnpauseRecording()], SessionWork.Next(resumed.State, after, leaving: false).Commands);
        Assert.Equal([new FinishRecording()], SessionWork.Next(changed.State, standing, leaving: true).Commands);
    }

    [Fact]
    public void The_next_record_begins_with_the_targets_as_they_are_and_is_paused_after_its_first_frame()
    {
        var story = Both.Then(state => Taken(ChangeDecisions.ChangeTargets(state, [Third], [First], Sample.At(5))))
            .Then(state => Taken(ChangeDecisions.Pause(state, Sample.At(5))))
            .Hears(12, new WorkerLost(Sample.FirstRecord, FaultCode.PipelineFailed, "It died."))
            .Then(state => SessionDecisions.ResumeMedia(state, Sample.At(12)));
        var standing = new MediaStanding
        {
            Up = true,
            Targets = Both.State.Targets,
            Paused = true,
            Repairing = [Sample.FirstRecord],
        };

        var (commands, after) = SessionWork.Next(story.State, standing, leaving: false);
        Assert.Equal(story.State.Targets, Assert.IsType<ResumeRecording>(Assert.Single(commands)).Targets);
        Assert.Empty(SessionWork.Next(story.State, after, leaving: false).Commands);

        story = story.Hears(14, new FirstFrameWritten(story.CurrentPath, Sample.Time(14)));
        Assert.Equal([new PauseRecording()], SessionWork.Next(story.State, after, leaving: false).Commands);
    }

    [Theory]
    [InlineData(null, OutputState.Starting, false)]
    [InlineData(OutputState.Starting, OutputState.Retrying, true)]
    [InlineData(OutputState.Active, OutputState.Retrying, true)]
    [InlineData(OutputState.Active, OutputState.Failed, true)]
    [InlineData(OutputState.Retrying, OutputState.Retrying, false)]
    [InlineData(OutputState.Retrying, OutputState.Active, false)]
    [InlineData(OutputState.Active, OutputState.Finished, false)]
    public void An_output_is_a_fault_when_it_begins_to_be_retried_or_fails(
        OutputState? before,
        OutputState after,
        bool fault
    ) =>
        Assert.Equal(
            fault,
            ChangeDecisions.OutputFault(
                Both.State,
                before is { } known ? Output("target-1", known) : null,
                Output("target-1", after, "refused"),
                Sample.At(5)
            )
                is [FaultMet { Code: FaultCode.StreamFailed }]
        );

    [Theory]
    [InlineData(null, OutputState.Starting, false)]
    [InlineData(OutputState.Starting, OutputState.Active, true)]
    [InlineData(OutputState.Active, OutputState.Active, false)]
    [InlineData(OutputState.Active, OutputState.Retrying, true)]
    [InlineData(OutputState.Retrying, OutputState.Active, true)]
    [InlineData(OutputState.Retrying, OutputState.Failed, true)]
    [InlineData(OutputState.Active, OutputState.Finished, false)]
    public void People_are_told_of_an_output_that_becomes_active_or_is_lost(
        OutputState? before,
        OutputState after,
        bool told
    ) =>
        Assert.Equal(
            told,
            ChangeDecisions.OutputTurn(
                Both.State,
                before is { } known ? Output("target-1", known) : null,
                Output("target-1", after, "refused"),
                Sample.At(5)
            )
                is [OutputStateChanged { Output: "target-1" } turn]
                && turn.State == after
        );

    private static System.Collections.Immutable.ImmutableList<ISessionEvent> Taken(ChangeDecision decision)
    {
        Assert.Null(decision.Refusal);
        return decision.Events;
    }

    private static void Refused(string code, ChangeDecision decision)
    {
        Assert.Equal(code, decision.Refusal?.Code);
        Assert.Empty(decision.Events);
        Assert.DoesNotContain("hush", decision.Refusal!.Message, StringComparison.Ordinal);
    }
}
