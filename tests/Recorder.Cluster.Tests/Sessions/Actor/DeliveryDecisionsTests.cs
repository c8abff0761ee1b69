using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Cluster.Tests.Sessions.Actor.DeliveryStory;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>What follows from the answers of the node that delivers.</summary>
public sealed class DeliveryDecisionsTests
{
    [Fact]
    public void An_attempt_that_begins_is_told_once_and_its_success_ends_the_delivery()
    {
        Assert.Equal((DeliveryState.Running, 1), (Of(Running).State, Of(Running).Attempts));
        Assert.Empty(Hears(Running, new DeliveryRunning(RecordPath, Kind, 1), 60).Last);

        var done = Hears(Running, new DeliveryDone(RecordPath, Kind, 1, 0, "all of it"), 60);
        Assert.Equal(
            new DeliverySummary(Kind, DeliveryState.Delivered, Sample.Time(60))
            {
                Attempts = 1,
                ExitCode = 0,
                LastOutput = "all of it",
            },
            Of(done)
        );
        Assert.Empty(DeliveryDecisions.Open(done.State));
        Assert.Empty(Hears(done, new DeliveryDone(RecordPath, Kind, 1, 0, "all of it"), 61).Last);
    }

    [Fact]
    public void A_failed_attempt_is_told_and_followed_by_the_next_until_they_are_used_up()
    {
        var story = Ready;
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            story = Fails(Hears(story, new DeliveryRunning(RecordPath, Kind, attempt), 20 + attempt), attempt);
            Assert.Equal(["DeliveryFailed"], story.Events);
            Assert.Equal(
                (DeliveryState.Failed, attempt, 7, "It refused."),
                (Of(story).State, Of(story).Attempts, Of(story).ExitCode, Of(story).Error)
            );
            Assert.Equal(attempt + 1, DeliveryDecisions.AttemptOf(Of(story)));
        }

        story = Fails(Hears(story, new DeliveryRunning(RecordPath, Kind, 3), 30), 3);
        Assert.Equal(["DeliveryFailed", "FaultMet", "DeliveryGivenUp"], story.Events);
        Assert.Equal(
            (DeliveryState.GivenUp, 3, 7, "no"),
            (Of(story).State, Of(story).Attempts, Of(story).ExitCode, Of(story).LastOutput)
        );
        Assert.Equal(FaultCode.DeliveryFailed, Assert.Single(story.State.Faults).Code);
        Assert.Empty(DeliveryDecisions.Open(story.State));
    }

    [Fact]
    public void What_no_attempt_can_help_is_given_up_at_once()
    {
        var story = Hears(
            Running,
            new DeliveryNotDone(RecordPath, Kind, 1, null, null, "The record was removed.", MayPass: false),
            24
        );

        Assert.Equal((DeliveryState.GivenUp, "The record was removed."), (Of(story).State, Of(story).Error));
        Assert.Contains(RecordPath, Assert.Single(story.State.Faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attempt_that_a_restart_interrupts_is_asked_for_under_its_own_number()
    {
        Assert.Equal(1, DeliveryDecisions.AttemptOf(Of(Ready)));
        Assert.Equal(1, DeliveryDecisions.AttemptOf(Of(Running)));
    }

    [Fact]
    public void The_late_end_of_an_earlier_attempt_changes_nothing()
    {
        var second = Hears(Fails(Running, 1), new DeliveryRunning(RecordPath, Kind, 2), 40);

        Assert.Empty(Hears(second, new DeliveryDone(RecordPath, Kind, 1, 0, null), 41).Last);
        Assert.Empty(Hears(second, new DeliveryNotDone(RecordPath, Kind, 1, 1, null, "It refused.", true), 41).Last);
    }

    [Fact]
    public void A_node_that_does_not_answer_is_told_once_and_its_answer_takes_that_back()
    {
        var silent = Unanswered(Ready);
        Assert.Equal(DeliveryState.Waiting, Of(silent).State);
        Assert.Contains(Sample.Node, Of(silent).Error, StringComparison.Ordinal);
        Assert.Empty(Unanswered(silent).Last);

        var heard = Hears(silent, new DeliveryRunning(RecordPath, Kind, 1), 100);
        Assert.Equal((DeliveryState.Running, 1, null), (Of(heard).State, Of(heard).Attempts, Of(heard).Error));
    }

    [Fact]
    public void An_attempt_goes_on_while_its_node_is_not_heard()
    {
        var silent = Unanswered(Running);
        Assert.Equal((DeliveryState.Running, 1), (Of(silent).State, DeliveryDecisions.AttemptOf(Of(silent))));
        Assert.NotNull(Of(silent).Error);

        Assert.Null(Of(Hears(silent, new DeliveryRunning(RecordPath, Kind, 1), 100)).Error);
        var done = Hears(silent, new DeliveryDone(RecordPath, Kind, 1, 0, null), 100);
        Assert.Equal(DeliveryState.Delivered, Of(done).State);
    }

    [Fact]
    public void Of_many_deliveries_the_newest_outputs_are_kept()
    {
        var records = Enumerable
            .Range(0, 8)
            .Select(n => new RecordState($"/records/{n}", 1, Sample.Time(n))
            {
                Deliveries = [new DeliverySummary(Kind, DeliveryState.Running, Sample.Time(n)) { Attempts = 1 }],
            })
            .ToImmutableList();
        for (var n = 0; n < records.Count; n++)
        {
            records = RecordDeliveries.Apply(
                records,
                new RecordDelivered($"/records/{n}", Kind, 1, 0, $"output {n}", Sample.Time(100 + n), Sample.Node)
            );
        }

        Assert.Equal(
            [null, null, null, "output 3", "output 4", "output 5", "output 6", "output 7"],
            records.Select(record => record.Deliveries[0].LastOutput)
        );
        Assert.All(records, record => Assert.Equal(DeliveryState.Delivered, record.Deliveries[0].State));
    }

    [Fact]
    public void Events_of_a_record_or_a_kind_that_is_not_known_change_nothing()
    {
        Assert.Same(Ready.State.Records[0].Deliveries[0].To, Kind);
        Assert.Empty(Hears(Ready, new DeliveryDone("/records/other.mp4", Kind, 1, 0, null), 30).Last);
        Assert.Empty(Hears(Ready, new DeliveryDone(RecordPath, "other", 1, 0, null), 30).Last);
        var state = Ready.State.Apply(new RecordDelivered(RecordPath, "other", 1, 0, null, Sample.Time(30), Sample.Node));
        Assert.Equal(DeliveryState.Waiting, Assert.Single(state.Records[0].Deliveries).State);
    }
}
