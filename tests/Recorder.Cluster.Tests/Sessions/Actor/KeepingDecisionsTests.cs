using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class KeepingDecisionsTests
{
    private static readonly SessionState Stopped = Finished(Story.Stopped.State);

    [Fact]
    public void A_finished_record_is_erased_and_what_was_known_of_it_stays()
    {
        var state = Erase(Stopped, EraseCause.Asked);
        Assert.False(state.Settled);
        var erased = Assert.Single(
            Then(state, KeepingDecisions.Hear(state, new FilesErased(Sample.FirstRecord), Sample.At(101)))
                .Summarise()
                .Records
        );
        Assert.Equal((true, 12_000_000L), (erased.Finished, erased.Bytes));
        Assert.Equal((Sample.Time(101), EraseCause.Asked), (erased.Erasing!.Done, erased.Erasing.Cause));
        Assert.False(erased.Kept);
    }

    [Fact]
    public void Erasing_again_changes_nothing()
    {
        var state = Erase(Stopped, EraseCause.Asked);
        Assert.Empty(Ask(state, EraseCause.Asked).Events);
        Assert.Null(Ask(state, EraseCause.Asked).Refusal);
    }

    [Fact]
    public void A_growing_record_is_refused_with_a_code_of_its_own()
    {
        var refusal = Ask(Story.Recording.State, EraseCause.Asked).Refusal!;
        Assert.Equal(FaultCode.NotFinished, refusal.Code);
        Assert.Contains("stop session 1 first", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_on_hold_is_refused_with_the_reason_of_the_hold()
    {
        var held = Hold(Stopped, "Case 7");
        var refusal = Ask(held, EraseCause.Asked).Refusal!;
        Assert.Equal(FaultCode.OnHold, refusal.Code);
        Assert.Contains("Case 7", refusal.Message, StringComparison.Ordinal);
        var released = Then(held, KeepingDecisions.Release(held, 1, Sample.At(100)).Events);
        Assert.Null(Ask(released, EraseCause.Asked).Refusal);
    }

    [Theory]
    [InlineData(EraseCause.Age)]
    [InlineData(EraseCause.Size)]
    [InlineData(EraseCause.Delivered)]
    public void The_sweeper_passes_over_a_record_on_hold(EraseCause cause)
    {
        var decision = Ask(Hold(Stopped, ""), cause);
        Assert.Empty(decision.Events);
        Assert.Null(decision.Refusal);
    }

    [Theory]
    [InlineData(DeliveryState.Waiting, false)]
    [InlineData(DeliveryState.Running, false)]
    [InlineData(DeliveryState.Failed, false)]
    [InlineData(DeliveryState.GivenUp, false)]
    [InlineData(DeliveryState.Delivered, true)]
    public void The_sweeper_passes_over_an_undelivered_record(DeliveryState state, bool goes) =>
        Assert.Equal(goes, !Ask(Delivering(state), EraseCause.Age).Events.IsEmpty);

    [Fact]
    public void A_caller_may_erase_an_undelivered_record_whose_delivery_then_says_so()
    {
        var record = Erase(Delivering(DeliveryState.Running), EraseCause.Asked).Records[0];
        Assert.Equal(
            (DeliveryState.GivenUp, RecordKeeping.ErasedBefore),
            (record.Deliveries[0].State, record.Deliveries[0].Error)
        );
    }

    [Theory]
    [InlineData(null, 0, false)] // The start says keep.
    [InlineData(1, 2, true)]
    [InlineData(3, 2, false)]
    public void The_sweeper_s_word_does_not_go_before_the_start_s(int? days, int passed, bool goes)
    {
        var state = Stopped with
        {
            Spec = Stopped.Spec! with
            {
                Retention = new RetentionSpec(days is { } kept ? TimeSpan.FromDays(kept) : null),
            },
        };
        var at = Sample.At(TimeSpan.FromDays(passed).TotalSeconds + 100);
        Assert.Equal(goes, !KeepingDecisions.Erase(state, [], EraseCause.Age, "", at).Events.IsEmpty);
        Assert.Empty(KeepingDecisions.Erase(state, [], EraseCause.Size, "", at).Events);
    }

    [Fact]
    public void A_record_that_the_session_does_not_have_is_told()
    {
        Assert.Equal(
            FaultCode.NoSuchRecord,
            KeepingDecisions.Erase(Stopped, [2], EraseCause.Asked, "", Sample.At(100)).Refusal!.Code
        );
        Assert.Equal(FaultCode.NoSuchRecord, KeepingDecisions.Hold(Stopped, 2, "", Sample.At(100)).Refusal!.Code);
        Assert.Equal(FaultCode.NoSuchRecord, KeepingDecisions.Release(Stopped, 2, Sample.At(100)).Refusal!.Code);
    }

    [Fact]
    public void A_record_that_is_being_erased_cannot_be_held_any_more() =>
        Assert.Equal(
            FaultCode.RecordErased,
            KeepingDecisions.Hold(Erase(Stopped, EraseCause.Asked), 1, "", Sample.At(100)).Refusal!.Code
        );

    [Fact]
    public void A_hold_gets_another_reason_and_keeps_its_beginning()
    {
        var held = Then(
            Hold(Stopped, "Case 7"),
            KeepingDecisions.Hold(Hold(Stopped, "Case 7"), 1, "Case 8", Sample.At(200)).Events
        );
        Assert.Equal(new RecordHold(Sample.Time(99), "Case 8"), held.Records[0].Hold);
        Assert.Empty(KeepingDecisions.Hold(held, 1, "Case 8", Sample.At(300)).Events);
    }

    [Fact]
    public void What_was_in_the_way_is_written_once_and_forgotten_when_the_files_are_gone()
    {
        var state = Erase(Stopped, EraseCause.Asked);
        var failed = new FilesNotErased(Sample.FirstRecord, "The disk refused.");
        state = Then(state, KeepingDecisions.Hear(state, failed, Sample.At(101)));
        Assert.Equal("The disk refused.", state.Records[0].Erasing!.Obstacle);
        Assert.Empty(KeepingDecisions.Hear(state, failed, Sample.At(102)));
        Assert.Empty(KeepingDecisions.Unanswered(state, Sample.At(102)));
        state = Then(state, KeepingDecisions.Hear(state, new FilesErased(Sample.FirstRecord), Sample.At(103)));
        Assert.Null(state.Records[0].Erasing!.Obstacle);
        Assert.True(state.Settled);
        Assert.Empty(KeepingDecisions.Hear(state, new FilesErased(Sample.FirstRecord), Sample.At(104)));
    }

    [Fact]
    public void A_session_whose_events_are_deleted_is_recalled_from_the_lists()
    {
        var known = Hold(Stopped, "Case 7").Summarise();
        var empty = new SessionState(Sample.Id);
        var recalled = Then(empty, KeepingDecisions.Recall(empty, known, Sample.At(500))!);
        Assert.True(recalled.Settled);
        Assert.Equivalent(known, recalled.Summarise());
        Assert.Equal(FaultCode.OnHold, Ask(recalled, EraseCause.Asked).Refusal!.Code);
        Assert.Null(KeepingDecisions.Recall(empty, null, Sample.At(500)));
    }

    [Fact]
    public void A_lost_record_before_another_one_stays_known_when_a_session_is_recalled()
    {
        var summary = Stopped.Summarise();
        summary = summary with
        {
            Records = [summary.Records[0] with { Number = 2, LostSince = Sample.Time(-5), Apart = true }],
        };
        var recalled = Then(
            new SessionState(Sample.Id),
            [new SessionRecalled(summary, Sample.Time(500), Sample.Node)]
        );
        Assert.Equivalent(summary, recalled.Summarise());
    }

    [Fact]
    public void A_session_that_ended_long_ago_writes_what_it_is_before_its_old_events_go()
    {
        Assert.Empty(KeepingDecisions.Recall(Stopped, null, Sample.At(100))!);
        var late = Sample.At(TimeSpan.FromHours(30).TotalSeconds);
        var written = Assert.IsType<SessionRecalled>(Assert.Single(KeepingDecisions.Recall(Stopped, null, late)!));
        Assert.Equivalent(Stopped.Summarise(), written.Summary);
        Assert.Empty(KeepingDecisions.Recall(Erase(Stopped, EraseCause.Asked), null, late)!);
    }

    private static ChangeDecision Ask(SessionState state, EraseCause cause) =>
        KeepingDecisions.Erase(state, [], cause, "It was time.", Sample.At(100));

    private static SessionState Erase(SessionState state, EraseCause cause) => Then(state, Ask(state, cause).Events);

    private static SessionState Hold(SessionState state, string reason) =>
        Then(state, KeepingDecisions.Hold(state, 1, reason, Sample.At(99)).Events);

    private static SessionState Delivering(DeliveryState delivery) =>
        Stopped with
        {
            Records = Stopped.Records.ConvertAll(record =>
                record with
                {
                    Deliveries = [new DeliverySummary("archive", delivery, Sample.Time(30))],
                }
            ),
        };

    private static SessionState Finished(SessionState state) =>
        Then(state, [new ManifestWritten(Sample.FirstRecord, new string('a', 64), Sample.Time(22), Sample.Node)]);

    private static SessionState Then(SessionState state, ImmutableList<ISessionEvent> events) =>
        events.Aggregate(state, (state, happened) => state.Apply(happened));
}
