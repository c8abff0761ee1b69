using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class DeliveryDecisionsTests
{
    private const string Kind = "command";
    private const string Path = Sample.FirstRecord;

    /// <summary>A session that has ended, whose record has its manifest and is to be delivered.</summary>
    private static Story Ready =>
        Story
            .Stopped.Then(_ => [new DeliveryPlanned(Path, Kind, Sample.Time(21), Sample.Node)])
            .Then(_ => [new ManifestWritten(Path, new string('a', 64), Sample.Time(22), Sample.Node)]);

    private static Story Running => Hears(Ready, new DeliveryRunning(Path, Kind, 1), 23);

    [Fact]
    public void Each_closing_of_a_record_is_followed_by_the_plan_of_its_deliveries()
    {
        var closed = new RecordClosed(Path, TimeSpan.FromSeconds(1), 1, false, Sample.Time(5), Sample.Node);
        var decided = DeliveryDecisions.WithPlans(
            [closed, new SessionEnded(Sample.Time(6), Sample.Node)],
            ["command", "other"]
        );

        Assert.Equal(
            ["RecordClosed", "DeliveryPlanned", "DeliveryPlanned", "SessionEnded"],
            decided.Select(happened => happened.GetType().Name)
        );
        Assert.Equal(["command", "other"], decided.OfType<DeliveryPlanned>().Select(planned => planned.Kind));
        Assert.All(
            decided.OfType<DeliveryPlanned>(),
            planned => Assert.Equal((Path, closed.At), (planned.Path, planned.At))
        );
    }

    [Fact]
    public void Nothing_is_planned_without_a_kind_or_for_a_record_that_is_lost_or_still_to_be_repaired()
    {
        ImmutableList<ISessionEvent> open =
        [
            new RecordLost(Path, "Nothing.", Sample.Time(5), Sample.Node),
            new RecordFound(Path, 2, Sample.Time(5), null, null, Sample.Time(6), Sample.Node),
        ];

        Assert.Equal(open, DeliveryDecisions.WithPlans(open, [Kind]));
        ImmutableList<ISessionEvent> closed =
        [
            new RecordClosed(Path, TimeSpan.FromSeconds(1), 1, false, Sample.Time(5), Sample.Node),
        ];
        Assert.Equal(closed, DeliveryDecisions.WithPlans(closed, []));
    }

    [Fact]
    public void A_record_that_is_closed_twice_is_delivered_once()
    {
        var again = Running.Then(_ => [new DeliveryPlanned(Path, Kind, Sample.Time(30), Sample.Node)]);

        Assert.Equal(DeliveryState.Running, Of(again).State);
    }

    [Fact]
    public void A_delivery_waits_until_the_manifest_is_written_or_given_up()
    {
        var waiting = Story.Stopped.Then(_ => [new DeliveryPlanned(Path, Kind, Sample.Time(21), Sample.Node)]);
        Assert.Empty(DeliveryDecisions.Open(waiting.State));

        Assert.Single(DeliveryDecisions.Open(Ready.State));
        Assert.Single(
            DeliveryDecisions.Open(
                waiting.Then(_ => [new ManifestGivenUp(Path, "Gone.", Sample.Time(22), Sample.Node)]).State
            )
        );
    }

    [Fact]
    public void An_attempt_that_begins_is_told_once_and_its_success_ends_the_delivery()
    {
        Assert.Equal((DeliveryState.Running, 1), (Of(Running).State, Of(Running).Attempts));
        Assert.Empty(Hears(Running, new DeliveryRunning(Path, Kind, 1), 60).Last);

        var done = Hears(Running, new DeliveryDone(Path, Kind, 1, 0, "all of it"), 60);
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
        Assert.Empty(Hears(done, new DeliveryDone(Path, Kind, 1, 0, "all of it"), 61).Last);
    }

    [Fact]
    public void A_failed_attempt_is_told_and_followed_by_the_next_until_they_are_used_up()
    {
        var story = Ready;
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            story = Fails(Hears(story, new DeliveryRunning(Path, Kind, attempt), 20 + attempt), attempt);
            Assert.Equal(["DeliveryFailed"], story.Events);
            Assert.Equal(
                (DeliveryState.Failed, attempt, 7, "It refused."),
                (Of(story).State, Of(story).Attempts, Of(story).ExitCode, Of(story).Error)
            );
            Assert.Equal(attempt + 1, DeliveryDecisions.AttemptOf(Of(story)));
        }

        story = Fails(Hears(story, new DeliveryRunning(Path, Kind, 3), 30), 3);
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
            new DeliveryNotDone(Path, Kind, 1, null, null, "The record was removed.", MayPass: false),
            24
        );

        Assert.Equal((DeliveryState.GivenUp, "The record was removed."), (Of(story).State, Of(story).Error));
        Assert.Contains(Path, Assert.Single(story.State.Faults).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(3, 40)]
    [InlineData(6, 300)]
    [InlineData(100, 300)]
    public void The_wait_doubles_after_each_failure_up_to_its_limit(int attempts, double seconds)
    {
        var failed = new DeliverySummary(Kind, DeliveryState.Failed, Sample.Time(0)) { Attempts = attempts };

        Assert.Equal(Sample.Time(seconds), DeliveryDecisions.DueAt(failed));
        Assert.Equal(Sample.Time(0), DeliveryDecisions.DueAt(failed with { State = DeliveryState.Running }));
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
        var second = Hears(Fails(Running, 1), new DeliveryRunning(Path, Kind, 2), 40);

        Assert.Empty(Hears(second, new DeliveryDone(Path, Kind, 1, 0, null), 41).Last);
        Assert.Empty(Hears(second, new DeliveryNotDone(Path, Kind, 1, 1, null, "It refused.", true), 41).Last);
    }

    [Fact]
    public void A_node_that_does_not_answer_is_told_once_and_its_answer_takes_that_back()
    {
        var silent = Unanswered(Ready);
        Assert.Equal(DeliveryState.Waiting, Of(silent).State);
        Assert.Contains(Sample.Node, Of(silent).Error, StringComparison.Ordinal);
        Assert.Empty(Unanswered(silent).Last);

        var heard = Hears(silent, new DeliveryRunning(Path, Kind, 1), 100);
        Assert.Equal((DeliveryState.Running, 1, null), (Of(heard).State, Of(heard).Attempts, Of(heard).Error));
    }

    [Fact]
    public void An_attempt_goes_on_while_its_node_is_not_heard()
    {
        var silent = Unanswered(Running);
        Assert.Equal((DeliveryState.Running, 1), (Of(silent).State, DeliveryDecisions.AttemptOf(Of(silent))));
        Assert.NotNull(Of(silent).Error);

        Assert.Null(Of(Hears(silent, new DeliveryRunning(Path, Kind, 1), 100)).Error);
        Assert.Equal(DeliveryState.Delivered, Of(Hears(silent, new DeliveryDone(Path, Kind, 1, 0, null), 100)).State);
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
        Assert.Same(Ready.State.Records[0].Deliveries[0].Kind, Kind);
        Assert.Empty(Hears(Ready, new DeliveryDone("/records/other.mp4", Kind, 1, 0, null), 30).Last);
        Assert.Empty(Hears(Ready, new DeliveryDone(Path, "other", 1, 0, null), 30).Last);
        var state = Ready.State.Apply(new RecordDelivered(Path, "other", 1, 0, null, Sample.Time(30), Sample.Node));
        Assert.Equal(DeliveryState.Waiting, Assert.Single(state.Records[0].Deliveries).State);
    }

    private static DeliverySummary Of(Story story) => Assert.Single(story.State.Records[0].Deliveries);

    private static Story Hears(Story story, DeliveryReply heard, double at) =>
        story.Then(state => DeliveryDecisions.Hear(state, heard, 3, Sample.At(at)));

    private static Story Fails(Story story, int attempt) =>
        Hears(story, new DeliveryNotDone(Path, Kind, attempt, 7, "no", "It refused.", MayPass: true), 25 + attempt);

    private static Story Unanswered(Story story) =>
        story.Then(state => DeliveryDecisions.Unanswered(state, Path, Kind, Sample.At(90)));
}
