using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Cluster.Tests.Sessions.Actor.DeliveryStory;

namespace Recorder.Cluster.Tests.Sessions.Actor;

/// <summary>When a delivery is tried again: by itself, and when somebody asks.</summary>
public sealed class DeliveryRetryTests
{
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
            DeliveryDecisions.BackOff(RecordPath, Kind, failures),
            TimeSpan.FromMinutes(42),
            DeliveryDecisions.LongestBackOff
        );

    [Fact]
    public void The_next_attempt_begins_when_the_failure_says_so()
    {
        var failed = Fails(Running, 1);

        Assert.Equal(Of(failed).NextTry, DeliveryDecisions.DueAt(Of(failed)));
        Assert.Equal(
            DeliveryDecisions.BackOff(RecordPath, Kind, 1),
            DeliveryDecisions.DueAt(Of(failed)) - Of(failed).Since
        );
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
            DeliveryDecisions.Hear(state, new DeliveryRunning(RecordPath, Kind, 1), patience, Sample.At(1_000_000))
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
        var failed = Hears(Running, new DeliveryNotDone(RecordPath, Kind, 1, null, null, "No such bucket.", false), 24);
        var asked = Asked(failed, 500);

        Assert.Equal((DeliveryState.Waiting, 1, 1), (Of(asked).State, Of(asked).Attempts, Of(asked).Forgiven));
        Assert.Equal(2, DeliveryDecisions.AttemptOf(Of(asked)));
        Assert.Single(DeliveryDecisions.Open(asked.State));
        var again = Hears(asked, new DeliveryRunning(RecordPath, Kind, 2), 501);
        Assert.Equal(["DeliveryFailed"], Fails(again, 2, Patience, 502).Events);
        Assert.Equal(Sample.Time(501), Of(again).TriedSince);
    }

    [Fact]
    public void A_delivery_that_waits_for_its_next_attempt_is_tried_at_once_when_somebody_asks()
    {
        var asked = Asked(Fails(Running, 1), 27);

        Assert.Equal(["DeliveryAskedAgain"], asked.Events);
        Assert.Equal((DeliveryState.Waiting, null), (Of(asked).State, Of(asked).NextTry));
        Assert.Equal(Sample.Time(27), DeliveryDecisions.DueAt(Of(asked)));
        Assert.Equal(2, DeliveryDecisions.AttemptOf(Of(asked)));
    }

    [Fact]
    public void A_delivery_that_is_queued_needs_no_event_to_be_tried()
    {
        var decided = RetryDecisions.Retry(Ready.State, RecordPath, Kind, Sample.At(30));

        Assert.Null(decided.Refusal);
        Assert.Empty(decided.Events);
    }

    [Theory]
    [InlineData("running", RecordPath, Kind, FaultCode.NotRetriable, "is being sent to command (attempt 1)")]
    [InlineData("delivered", RecordPath, Kind, FaultCode.NotRetriable, "has had the record since 2021-09-22 07:56:24Z")]
    [InlineData("running", RecordPath, "other", FaultCode.NoSuchDelivery, "its destinations are command")]
    [InlineData("nowhere", RecordPath, Kind, FaultCode.NoSuchDelivery, "it is delivered nowhere")]
    [InlineData("running", "/records/other.mp4", Kind, FaultCode.NoSuchDelivery, "has no record other.mp4")]
    public void What_cannot_be_asked_for_again_is_refused_with_the_reason(
        string state,
        string path,
        string to,
        string code,
        string words
    )
    {
        var story = state switch
        {
            "running" => Running,
            "delivered" => Hears(Running, new DeliveryDone(RecordPath, Kind, 1, 0, null), 24),
            _ => Story.Stopped,
        };

        var refused = RetryDecisions.Retry(story.State, path, to, Sample.At(30)).Refusal;

        Assert.Equal(code, refused?.Code);
        Assert.Contains(words, refused!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(9, false)]
    public void Only_an_attempt_that_is_near_keeps_a_session_awake(int failures, bool near)
    {
        var delivery = new DeliverySummary(Kind, DeliveryState.Failed, Sample.Time(0))
        {
            NextTry = Sample.Time(0) + DeliveryDecisions.BackOff(RecordPath, Kind, failures),
        };

        Assert.Equal(near, DeliveryDecisions.IsNear(delivery, Sample.Time(0)));
        Assert.True(DeliveryDecisions.IsNear(delivery, delivery.NextTry.Value));
        Assert.True(DeliveryDecisions.IsNear(delivery with { State = DeliveryState.Running }, Sample.Time(0)));
    }

    [Fact]
    public void Only_a_part_at_the_destination_leaves_the_record_to_be_sent_and_an_erased_record_leaves_nothing()
    {
        var part = Running.Then(_ =>
            [new RecordDelivered(RecordPath, Kind, 1, null, null, Sample.Time(24), Sample.Node) { Partial = true }]
        );
        var again = RetryDecisions.Retry(part.State, RecordPath, Kind, Sample.At(30));
        Assert.Single(again.Events.OfType<DeliveryAskedAgain>());

        var erased = part.Then(_ =>
            [new ErasingDecided(RecordPath, EraseCause.Asked, "", Sample.Time(25), Sample.Node)]
        );
        Assert.Equal(
            FaultCode.RecordErased,
            RetryDecisions.Retry(erased.State, RecordPath, Kind, Sample.At(30)).Refusal?.Code
        );
    }

    private static Story Asked(Story story, double at) =>
        story.Then(state => RetryDecisions.Retry(state, RecordPath, Kind, Sample.At(at)).Events);
}
