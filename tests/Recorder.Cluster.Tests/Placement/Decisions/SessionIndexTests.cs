using System.Collections.Immutable;
using CsCheck;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Placement.Shards;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement.Decisions;

/// <summary>What the placement keeps beside its list is what a walk through the list finds.</summary>
public sealed class SessionIndexTests
{
    private const int Ended = 100_000;

    private static readonly Gen<string> Node = Gen.Int[0, 3].Select(index => $"{(char)('A' + index)}");

    private static readonly Gen<SessionId> Id = Gen.Int[1, 12].Select(id => new SessionId(id));

    private static readonly Gen<RecordSummary> Record =
        from node in Node
        from finished in Gen.Bool
        from due in Gen.Bool
        from delivered in Gen.Bool
        select new RecordSummary(Sample.FirstRecord, 1, finished, Sample.Begin, null, null, false, 0, 0)
        {
            Node = node == "D" ? null : node,
            ManifestDue = due,
            Deliveries =
            [
                new DeliverySummary(
                    "command",
                    delivered ? DeliveryState.Delivered : DeliveryState.Running,
                    Sample.Begin
                ),
            ],
        };

    private static readonly Gen<IPlacementEvent> Event = Gen.Frequency(
        (
            3,
            from id in Id
            from shard in Gen.Int[0, 9]
            from node in Node
            select (IPlacementEvent)Farm.Placed(id.Value, shard, node)
        ),
        (
            6,
            from id in Id
            from phase in Gen.Int[(int)SessionPhase.Starting, (int)SessionPhase.Interrupted]
            from node in Node
            from records in Record.Array[0, 2]
            from since in Gen.Int[0, 3]
            select (IPlacementEvent)
                new SessionReported(
                    Farm.Summary(id.Value, (SessionPhase)phase, node) with
                    {
                        Records = [.. records],
                        PhaseSince = Sample.Time(since),
                        Spec = (since == 0 ? new RtpSessionSpec(0, 0) : Farm.Ask().Spec) with
                        {
                            Owner = since == 1 ? null : $"owner-{since}",
                        },
                    },
                    1
                )
        ),
        (
            3,
            from id in Id
            from shard in Gen.Int[0, 9]
            from node in Node
            from handedOver in Gen.Bool
            select (IPlacementEvent)
                new SessionMoved(id, shard, node, Sample.Time(4)) { HandedOver = handedOver }
        ),
        (2, Id.Select(id => (IPlacementEvent)new SessionWaiting(id, Sample.Time(5)))),
        (1, Id.Select(id => (IPlacementEvent)new PlacementWithdrawn(id, Sample.Begin)))
    );

    [Fact]
    public void Whatever_happens_the_index_is_what_a_recount_finds() =>
        Event.Array[1, 60].Sample(
            happened =>
            {
                var state = new PlacementState();
                foreach (var one in happened)
                {
                    state = state.Apply(one);
                    AssertRecounted(state);
                }
                AssertRecounted(PlacementState.FromSnapshot(state.ToSnapshot()));
            },
            iter: 2_000
        );

    [Fact]
    public void The_homes_of_shards_are_what_a_recount_finds() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 9], Node, Gen.Dictionary(Gen.Int[0, 9], Node)[0, 6])
            .Array[1, 30]
            .Sample(steps =>
            {
                var map = ShardMap.Empty;
                foreach (var (kind, shard, node, homes) in steps)
                {
                    map = kind switch
                    {
                        0 => map.Decide(shard, node),
                        1 => map.Send(shard, node),
                        2 => map.Forget(node),
                        _ => map.Observe(homes.ToImmutableDictionary()),
                    };
                    var all = Enumerable.Range(0, 10).ToList();
                    Assert.Equal(all.Where(one => map.HomeOf(one) is not null), map.Homed.AsEnumerable());
                    foreach (var home in (string[])["A", "B", "C", "D", ShardMap.OnItsWay])
                    {
                        Assert.Equal(all.Where(one => map.HomeOf(one) == home), map.At(home).AsEnumerable());
                    }
                }
            });

    [Fact]
    public void The_lowest_missing_number_is_found() =>
        Gen.Select(Gen.Int[0, 30].HashSet[0, 30], Gen.Int[0, 30])
            .Sample(
                (numbers, from) =>
                    Assert.Equal(
                        Enumerable.Range(from, 40).First(number => !numbers.Contains(number)),
                        ShardChoice.LowestMissing([.. numbers], from)
                    )
            );

    [Fact]
    public void The_same_report_of_shards_leaves_the_map_as_it_is()
    {
        var map = Farm.Homes((1, "A"), (2, "B")).Decide(3, "C");
        Assert.Same(map, map.Observe(map.Homes.SetItems([])));
        Assert.Same(map, map.Forget("D"));
    }

    /// <summary>Whoever looks at an ended session here gets a NullReferenceException.</summary>
    [Fact]
    public void No_decision_looks_at_a_session_that_has_ended()
    {
        var state = Enumerable
            .Range(1, Ended)
            .Aggregate(
                new PlacementState(),
                (state, id) =>
                    state.Apply(Farm.Placed(id, 0, Farm.NodeA)).Apply(Farm.Reported(id, SessionPhase.Stopped, 9))
            );
        var poisoned = state.Sessions.SetItems(
            state.Sessions.Select(session =>
                KeyValuePair.Create(session.Key, session.Value with { Summary = null! })
            )
        );
        state = state with { Sessions = poisoned };
        for (var id = Ended + 1; id <= Ended + 6; id++)
        {
            var node = id % 2 == 0 ? Farm.NodeA : Farm.NodeB;
            state = state
                .Apply(Farm.Placed(id, id - Ended, node))
                .Apply(
                    new SessionReported(
                        Farm.Summary(id, SessionPhase.Recording, node) with
                        {
                            Records =
                            [
                                new RecordSummary("/r", 1, false, Sample.Begin, null, null, false, 0, 0)
                                {
                                    Node = Farm.NodeB,
                                },
                            ],
                        },
                        2
                    )
                );
        }
        var view = Farm.View(
            state.Apply(new DrainBegan(Farm.NodeB, Sample.Begin)),
            Farm.Nodes((Farm.NodeA, 9, null), (Farm.NodeB, 9, null))
        );
        Assert.Equal(Ended + 7, Assert.IsType<SessionAdmitted>(Admission.Decide(view, Farm.Ask())).Id.Value);
        Assert.Equal([3, 3], Admission.Measure(view).Nodes.Select(node => node.Running));
        Assert.Equal(6, FarmNews.Of(view).Sessions[SessionPhase.Recording]);
        Assert.Single(HandOverPlan.Next(view));
        Assert.Equal(3, HandOverPlan.StateOf(view, Farm.NodeB).Sessions.Count);
        Assert.Equal((6, 3), (Upkeep.Next(view).ToResume.Count, Upkeep.Next(view).Repairs.Count));

        var lost = view with { Roster = FarmRoster.Empty.Join(Farm.NodeA).Join(Farm.NodeB).Remove(Farm.NodeB) };
        Assert.Equal(3, Relocation.Decide(lost).OfType<SessionMoved>().Count());
        Assert.NotNull(HandOverPlan.Arrival(lost, new SessionId(Ended + 1), Farm.NodeB));
        Assert.Equal(6, state.Running.Count());
    }

    internal static void AssertRecounted(PlacementState state)
    {
        var all = state.Sessions.Values.ToList();
        var running = all.Where(session => session.Summary.Running).ToList();
        var held = running.Where(session => session.Summary.Phase != SessionPhase.WaitingForRoom).ToList();
        var index = state.Index;
        Assert.Equal(running.Select(session => session.Summary.Id.Value), index.Running.AsEnumerable());
        Assert.Equal(running, state.Running);
        Assert.Equal(
            running
                .Except(held)
                .Select(session => (session.Summary.PhaseSince, session.Summary.Id.Value))
                .Order(),
            index.Waiting.AsEnumerable()
        );
        Assert.Equal(
            held.GroupBy(session => session.Summary.Node)
                .Select(node =>
                    (
                        node.Key,
                        string.Join(' ', node.Select(session => session.Summary.Id)),
                        node.Sum(session => SessionCost.Of(session.Summary.Spec))
                    )
                )
                .Order(),
            index
                .Nodes.Select(node => (node.Key, string.Join(' ', node.Value.Sessions), node.Value.Used))
                .Order()
        );
        Assert.Equal(
            running
                .GroupBy(session => session.Summary.Spec.Owner ?? "")
                .Select(owner =>
                    (owner.Key, owner.Count(), owner.Sum(session => SessionCost.PixelRateOf(session.Summary.Spec)))
                )
                .Order(),
            index.Owners.Select(owner => (owner.Key, owner.Value.Sessions, owner.Value.PixelRate)).Order()
        );
        Assert.Equal(running.Select(session => session.Shard).Distinct().Order(), index.Shards.AsEnumerable());
        Assert.Equal(
            running.CountBy(session => session.Summary.Phase).OrderBy(phase => phase.Key),
            index.Phases.OrderBy(phase => phase.Key)
        );
        Assert.Equal(
            all.Where(session => !session.Summary.Running).Select(session => session.Summary.Id.Value),
            index.Ended.AsEnumerable()
        );
        Assert.Equal(
            (
                from session in all
                let summary = session.Summary
                where
                    summary.Phase
                        is not (
                            SessionPhase.Starting
                            or SessionPhase.WaitingToBegin
                            or SessionPhase.WaitingToEnter
                            or SessionPhase.WaitingForRoom
                        )
                from record in summary.Records
                where
                    (!record.Finished || record.ManifestDue || record.Deliveries.Exists(delivery => delivery.Open))
                    && record.Node is not null
                    && (!summary.Running || record.Node != summary.Node)
                select (record.Node, summary.Id.Value)
            )
                .Distinct()
                .Order(),
            index.Left.SelectMany(node => node.Value.Select(id => (node.Key, id))).Order()
        );
    }
}
