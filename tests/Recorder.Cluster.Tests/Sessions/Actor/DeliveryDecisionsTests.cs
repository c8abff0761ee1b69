using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class DeliveryDecisionsTests
{
    private const string Kind = "command";
    private const string Path = Sample.FirstRecord;
    private static readonly DeliveryPatience Patience = new(TimeSpan.FromDays(7), Attempts: 3);

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
            Story.Recording.State,
            [closed, new SessionEnded(Sample.Time(6), Sample.Node)],
            Sample.Destinations("command", "other")
        );

        Assert.Equal(
            ["RecordClosed", "DeliveryPlanned", "DeliveryPlanned", "SessionEnded"],
            decided.Select(happened => happened.GetType().Name)
        );
        Assert.Equal(["command", "other"], decided.OfType<DeliveryPlanned>().Select(planned => planned.To));
        Assert.All(decided.OfType<DeliveryPlanned>(), planned =>
            Assert.Equal((Path, closed.At), (planned.Path, planned.At))
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

        Assert.Equal(open, DeliveryDecisions.WithPlans(Story.Recording.State, open, Sample.Destinations(Kind)));
        ImmutableList<ISessionEvent> closed =
        [
            new RecordClosed(Path, TimeSpan.FromSeconds(1), 1, false, Sample.Time(5), Sample.Node),
        ];
        Assert.Equal(closed, DeliveryDecisions.WithPlans(Story.Recording.State, closed, DestinationList.None));
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
    [InlineData(1, 5)]
    [InlineData(2, 10)]
    [InlineData(3, 20)]
    [InlineData(10, 2560)]
    public void The_wait_doubles_after_each_failure_and_is_up_to_a_quarter_longer(int failures, double seconds)
    {
        var waits = Enumerable
            .Range(0, 100)
            .Select(n => DeliveryDecisions.BackOff($"/records/{n}", Kind, failures).TotalSeconds)
            .ToList();

        Assert.All(waits, wait => Assert.InRange(wait, seconds, Math.Min(seconds * 1.25, 3600)));
        Assert.True(waits.Distinct().Count() > 50, "Records that fail together come back together.");
    }

    [Theory]
    [InlineData(11)]
    [InlineData(1000)]
    public void No_wait_is_longer_than_an_hour(int failures) =>
        Assert.InRange(
            DeliveryDecisions.BackOff(Path, Kind, failures),
            TimeSpan.FromMinutes(42),
            DeliveryDecisions.LongestBackOff
        );

    [Fact]
    public void The_next_attempt_begins_when_the_failure_says_so()
    {
        var failed = Fails(Running, 1);

        Assert.Equal(Of(failed).NextTry, DeliveryDecisions.DueAt(Of(failed)));
        Assert.Equal(DeliveryDecisions.BackOff(Path, Kind, 1), DeliveryDecisions.DueAt(Of(failed)) - Of(failed).Since);
        Assert.Equal(Of(Running).Since, DeliveryDecisions.DueAt(Of(Running)));

        // A failure of an earlier version did not say so.
        Assert.Equal(
            Sample.Time(10),
            DeliveryDecisions.DueAt(new DeliverySummary(Kind, DeliveryState.Failed, Sample.Time(0)) { Attempts = 4 })
        );
    }

    [Fact]
    public void A_delivery_is_tried_as_long_as_patience_lasts_from_its_first_attempt_on()
    {
        var patience = new DeliveryPatience(TimeSpan.FromHours(1));
        var begun = Ready.Then(state =>
            DeliveryDecisions.Hear(state, new DeliveryRunning(Path, Kind, 1), patience, Sample.At(1_000_000))
        );
        var within = Fails(begun, 1, patience, 1_000_000 + 1800);
        var beyond = Fails(begun, 1, patience, 1_000_000 + 3599);

        Assert.Equal(["DeliveryFailed"], within.Events);
        Assert.Equal(["DeliveryFailed", "FaultMet", "DeliveryGivenUp"], beyond.Events);
        Assert.Null(Of(beyond).NextTry);
    }

    [Fact]
    public void Patience_also_ends_a_delivery_whose_attempts_are_refused_before_they_begin()
    {
        var patience = new DeliveryPatience(TimeSpan.FromHours(1));
        var refused = Fails(Fails(Ready, 1, patience, 100), 2, patience, 100 + 3599);

        Assert.Equal(["DeliveryFailed", "FaultMet", "DeliveryGivenUp"], refused.Events);
        Assert.Equal(DeliveryState.GivenUp, Of(refused).State);
    }

    [Fact]
    public void A_failed_delivery_that_is_asked_for_again_has_all_its_patience_and_goes_on_counting_its_attempts()
    {
        var failed = Hears(Running, new DeliveryNotDone(Path, Kind, 1, null, null, "No such bucket.", false), 24);
        var asked = failed.Then(state => [DeliveryDecisions.AskAgain(state, Path, Kind, Sample.At(500))!]);

        Assert.Equal((DeliveryState.Waiting, 1, 1), (Of(asked).State, Of(asked).Attempts, Of(asked).Forgiven));
        Assert.Equal(2, DeliveryDecisions.AttemptOf(Of(asked)));
        Assert.Single(DeliveryDecisions.Open(asked.State));
        var again = Hears(asked, new DeliveryRunning(Path, Kind, 2), 501);
        Assert.Equal(["DeliveryFailed"], Fails(again, 2, Patience, 502).Events);
        Assert.Equal(Sample.Time(501), Of(again).TriedSince);
    }

    [Fact]
    public void Only_a_failed_delivery_can_be_asked_for_again()
    {
        Assert.Null(DeliveryDecisions.AskAgain(Running.State, Path, Kind, Sample.At(30)));
        Assert.Null(DeliveryDecisions.AskAgain(Fails(Running, 1).State, Path, Kind, Sample.At(30)));
        Assert.Null(DeliveryDecisions.AskAgain(Running.State, Path, "other", Sample.At(30)));
        Assert.Null(DeliveryDecisions.AskAgain(Running.State, "/records/other.mp4", Kind, Sample.At(30)));
    }

    [Fact]
    public void A_plan_says_where_and_under_which_name_and_a_start_decides_before_the_options()
    {
        var closed = new RecordClosed(Path, TimeSpan.FromSeconds(1), 1, false, Sample.Time(5), Sample.Node);
        var options = Sample.Destinations("one", "two");
        var asked = Story.Recording.State with
        {
            Spec = Story.Recording.State.Spec! with
            {
                Deliver = new DeliverySpec([
                    new DeliveryOrder("two", "{date}/{session}-{n}", [DeliveredFile.Record], []),
                ]),
            },
        };

        var planned = Assert.Single(DeliveryDecisions.WithPlans(asked, [closed], options).OfType<DeliveryPlanned>());
        Assert.Equal(("two", "folder"), (planned.To, planned.DestinationKind));
        Assert.Equal($"2021-09-22/{Sample.Id.Value}-1.mp4", planned.Name);
        Assert.Equal([DeliveredFile.Record], planned.What);

        var none = asked with { Spec = asked.Spec! with { Deliver = new DeliverySpec([]) } };
        Assert.Equal([closed], DeliveryDecisions.WithPlans(none, [closed], options));
    }

    [Fact]
    public void A_record_that_is_found_between_two_others_has_a_name_and_an_address_of_its_own()
    {
        Uri[] given = [.. Enumerable.Range(1, 3).Select(n => new Uri($"https://store.example.org/{n}"))];
        var state = Story.OnTheWayToTheNextRecord.State;
        state = state with
        {
            Spec = state.Spec! with
            {
                Deliver = new DeliverySpec([new DeliveryOrder("archive", "{session}-{n}", [], [.. given])]),
            },
        };
        var second = state.Current!;
        var found = Path.Replace("07:56:00", "07:56:05", StringComparison.Ordinal);
        var names = new Dictionary<string, string?>();
        var addresses = new Dictionary<string, Uri?>();
        ISessionEvent[] closings =
        [
            new RecordClosed(Path, TimeSpan.FromSeconds(1), 1, false, Sample.Time(13), Sample.Node),
            new RecordClosed(second, TimeSpan.FromSeconds(1), 1, false, Sample.Time(15), Sample.Node),
            new RecordFound(found, 2, Sample.Time(5), TimeSpan.FromSeconds(1), 1, Sample.Time(60), Sample.OtherNode),
        ];

        foreach (var closing in closings)
        {
            var decided = DeliveryDecisions.WithPlans(state, [closing], Sample.Destinations("archive"));
            state = decided.Aggregate(state, (before, happened) => before.Apply(happened));
            var planned = Assert.Single(decided.OfType<DeliveryPlanned>());
            names[planned.Path] = planned.Name;
        }
        foreach (var record in state.Records)
        {
            addresses[record.Path] = DeliveryDecisions.AddressOf(state, record.Path, "archive");
        }

        Assert.Equal([Path, found, second], state.Records.Select(record => record.Path));
        Assert.Equal(["1-1.mp4", "1-3.mp4", "1-2.mp4"], state.Records.Select(record => names[record.Path]));
        Assert.Equal([given[0], given[2], given[1]], state.Records.Select(record => addresses[record.Path]));
    }

    [Fact]
    public void Each_record_of_a_session_has_its_own_address_and_a_record_too_many_has_none()
    {
        Uri[] given = [new("https://store.example.org/1?key=a"), new("https://store.example.org/2?key=b")];
        var state = Story.Stopped.State with
        {
            Spec = Story.Stopped.State.Spec! with
            {
                Deliver = new DeliverySpec([new DeliveryOrder(Kind, null, [], [.. given])]),
            },
            Records = [.. Enumerable.Range(0, 3).Select(n => new RecordState($"/records/{n}", n + 1, Sample.Time(n)))],
        };

        Assert.Equal(
            [given[0], given[1], null],
            state.Records.Select(record => DeliveryDecisions.AddressOf(state, record.Path, Kind))
        );
        Assert.Null(DeliveryDecisions.AddressOf(state, "/records/0", "other"));
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
        Assert.Same(Ready.State.Records[0].Deliveries[0].To, Kind);
        Assert.Empty(Hears(Ready, new DeliveryDone("/records/other.mp4", Kind, 1, 0, null), 30).Last);
        Assert.Empty(Hears(Ready, new DeliveryDone(Path, "other", 1, 0, null), 30).Last);
        var state = Ready.State.Apply(new RecordDelivered(Path, "other", 1, 0, null, Sample.Time(30), Sample.Node));
        Assert.Equal(DeliveryState.Waiting, Assert.Single(state.Records[0].Deliveries).State);
    }

    private static DeliverySummary Of(Story story) => Assert.Single(story.State.Records[0].Deliveries);

    private static Story Hears(Story story, DeliveryReply heard, double at) =>
        story.Then(state => DeliveryDecisions.Hear(state, heard, Patience, Sample.At(at)));

    private static Story Fails(Story story, int attempt) => Fails(story, attempt, Patience, 25 + attempt);

    private static Story Fails(Story story, int attempt, DeliveryPatience patience, double at) =>
        story.Then(state =>
            DeliveryDecisions.Hear(
                state,
                new DeliveryNotDone(Path, Kind, attempt, 7, "no", "It refused.", MayPass: true),
                patience,
                Sample.At(at)
            )
        );

    private static Story Unanswered(Story story) =>
        story.Then(state => DeliveryDecisions.Unanswered(state, Path, Kind, Sample.At(90)));
}
