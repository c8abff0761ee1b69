using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement.Decisions;

/// <summary>Places that are promised to schedules.</summary>
public sealed class PromiseDecisionsTests
{
    private static readonly string[] OneOnA = [Farm.NodeA];

    [Theory]
    [InlineData(2, 0, 0, false)] // Two slots, nothing promised.
    [InlineData(2, 0, 1, false)] // One for each.
    [InlineData(2, 0, 2, true)]
    [InlineData(2, 1, 1, true)]
    [InlineData(3, 1, 1, false)]
    [InlineData(1, 0, 2, true)] // Only one of both promises can be kept; that one is kept.
    public void A_start_does_not_take_the_last_promised_place(int slots, int running, int promised, bool refused)
    {
        var view = View(slots, running, promised);

        var reply = Admission.Decide(view, Farm.Ask());

        if (refused)
        {
            var refusal = Assert.IsType<AdmissionRefused>(reply);
            Assert.Equal(FaultCode.AtCapacity, refusal.Code);
            Assert.Contains("promised to schedules", refusal.Message, StringComparison.Ordinal);
            Assert.True(refusal.RetryAfter > TimeSpan.Zero);
        }
        else
        {
            Assert.IsType<SessionAdmitted>(reply);
        }
        Assert.Equal(!refused, Admission.Measure(view).HasRoom);
        Assert.Equal(promised, Admission.Measure(view).Promised.Count);
    }

    [Fact]
    public void Whoever_was_promised_the_place_gets_the_place() =>
        Assert.IsType<SessionAdmitted>(Admission.Decide(View(1, 0, 1), Farm.Ask("promise-0")));

    [Fact]
    public void A_promise_that_cannot_be_kept_anyhow_keeps_nobody_out()
    {
        // A session of 2 slots fits neither of two nodes with one free slot.
        var view = Farm.View(new PlacementState(), Farm.Nodes((Farm.NodeA, 1, null), (Farm.NodeB, 1, null))) with
        {
            Promises = [Promise(0) with { Cost = 2 }],
            PromisedAt = Farm.Age,
        };

        Assert.IsType<SessionAdmitted>(Admission.Decide(view, Farm.Ask()));
    }

    [Fact]
    public void A_large_promise_keeps_the_one_node_that_has_room_for_it()
    {
        var nodes = Farm.Nodes((Farm.NodeA, 2, null), (Farm.NodeB, 1, null));
        var view = Farm.View(new PlacementState(), nodes) with
        {
            Promises = [Promise(0) with { Cost = 2 }],
            PromisedAt = Farm.Age,
        };

        // A start goes where most room is, which is where the promise is kept.
        Assert.IsType<AdmissionRefused>(Admission.Decide(view, Farm.Ask()));
    }

    [Fact]
    public void A_promise_ends_with_its_session_and_when_nobody_repeats_it()
    {
        var view = View(2, 0, 2);
        var list = new PlacementState().Apply(
            new SessionPlaced(new SessionId(1), 0, Farm.NodeA, Farm.Ask().Spec, "promise-0", Sample.Begin)
        );

        Assert.Single(PromiseDecisions.Open(view with { List = list }));
        Assert.Empty(
            PromiseDecisions.Open(
                view with
                {
                    Age = view.Age + PromiseDecisions.Lifetime + TimeSpan.FromSeconds(1),
                }
            )
        );
    }

    [Theory]
    [InlineData(2, 0, "")]
    [InlineData(2, 1, "promise-1")] // One slot for both: the earlier one gets it.
    [InlineData(2, 2, "promise-0 promise-1")]
    [InlineData(3, 1, "")]
    public void Places_for_which_no_room_will_be_there_are_at_risk_the_later_first(int slots, int running, string keys)
    {
        var view = View(slots, running, 2);
        view = view with { Promises = view.Promises.SetItem(1, Promise(1) with { At = Promise(0).At.AddMinutes(1) }) };

        Assert.Equal(keys, string.Join(' ', PromiseDecisions.AtRisk(view).Select(place => place.Key)));
    }

    [Theory]
    [InlineData(-1, "")]
    [InlineData(0.5, "")]
    [InlineData(2, "promise-0")]
    public void A_session_that_ends_before_leaves_its_room(double minutesAfter, string keys)
    {
        var summary = Farm.Summary(1, SessionPhase.Recording) with
        {
            EndsAt = Promise(0).At.AddMinutes(minutesAfter),
        };
        var view = View(1, 1, 1);
        view = view with { List = view.List.Apply(new SessionReported(summary, 1)) };

        Assert.Equal(keys, string.Join(' ', PromiseDecisions.AtRisk(view).Select(place => place.Key)));
    }

    [Fact]
    public void A_place_that_needs_more_than_a_node_is_at_risk_only_while_no_node_is_empty()
    {
        FarmView With(int running) =>
            View(2, running, 1) with { Promises = [Promise(0) with { Cost = 3 }], PromisedAt = Farm.Age };

        Assert.Empty(PromiseDecisions.AtRisk(With(0)));
        Assert.Single(PromiseDecisions.AtRisk(With(1)));
        Assert.Empty(PromiseDecisions.AtRisk(With(1) with { Now = Promise(0).At }));
    }

    private static FarmView View(int slots, int running, int promised) =>
        Farm.View(
            Farm.With([.. Enumerable.Repeat(OneOnA[0], running)]),
            Farm.Nodes((Farm.NodeA, slots, null))
        ) with
        {
            Promises = [.. Enumerable.Range(0, promised).Select(Promise)],
            PromisedAt = Farm.Age,
        };

    private static PromisedPlace Promise(int number) =>
        new($"promise-{number}", "sch_a", Sample.Begin.AddMinutes(5), 1);
}
