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
