using System.Collections.Immutable;
using CsCheck;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Placement.Shards;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement.Decisions;

/// <summary>Whatever a placement knows, also what cannot happen in a farm that runs: what is always true of its
/// decisions.</summary>
public sealed class FarmViewInvariantsTests
{
    private static readonly string[] Addresses = ["A", "B", "C", "D"];

    private static readonly SessionPhase[] Phases =
    [
        .. Enum.GetValues<SessionPhase>().Where(phase => phase != SessionPhase.New),
    ];

    private static readonly Gen<string> Address = Gen.Int[0, Addresses.Length - 1].Select(index => Addresses[index]);

    private static readonly Gen<NodeCapacity> Capacity =
        from slots in Gen.Int[0, 4]
        from closed in Gen.Int[0, 5]
        select new NodeCapacity(slots, closed == 0 ? "Its disk is full." : null, TimeSpan.Zero);

    private static readonly Gen<FarmRoster> Roster =
        from members in Address.HashSet[0, 4]
        from leaving in Address.HashSet[0, 1]
        from removed in Address.HashSet[0, 2]
        select new FarmRoster(
            [.. members.Except(removed)],
            [.. leaving.Intersect(members.Except(removed))],
            [.. removed.Order(StringComparer.Ordinal)]
        );

    private static readonly Gen<PlacementState> List =
        from sessions in Gen.Select(Address, Gen.Int[0, Phases.Length - 1]).Array[0, 6]
        from draining in Address.HashSet[0, 2]
        select draining.Aggregate(
            sessions
                .Index()
                .Aggregate(
                    Farm.With([.. sessions.Select(session => session.Item1)]),
                    (state, one) => state.Apply(Farm.Reported(one.Index + 1, Phases[one.Item.Item2], 5, one.Item.Item1))
                ),
            (state, node) => state.Apply(new DrainBegan(node, Sample.Begin))
        );

    private static readonly Gen<ShardMap> Shards =
        from homes in Gen.Dictionary(Gen.Int[0, 7], Address)[0, 8]
        from sent in Gen.Dictionary(Gen.Int[0, 7], Address)[0, 1]
        select sent.Aggregate(
            ShardMap.Empty.Observe(homes.ToImmutableDictionary()),
            (map, one) => map.Send(one.Key, one.Value)
        );

    private static readonly Gen<FarmView> View =
        from list in List
        from capacities in Gen.Dictionary(Address, Capacity)[0, 4]
        from roster in Roster
        from shards in Shards
        from moving in Gen.Dictionary(Gen.Int[1, 6], Address)[0, 2]
        from seconds in Gen.OneOf(Gen.Int[0, 5], Gen.Int[0, 20])
        from overfill in Gen.Bool
        select new FarmView(Farm.Settings with { Shards = 8, OverfillOnNodeLoss = overfill }, Sample.Begin)
        {
            Age = TimeSpan.FromSeconds(seconds),
            List = list,
            Nodes = capacities.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Roster = roster,
            Shards = shards,
            HandOvers = moving
                .Where(one => list.Sessions.TryGetValue(one.Key, out var session) && session.Summary.Node != one.Value)
                .ToImmutableDictionary(
                    one => one.Key,
                    one => new HandOverUnderWay(list.Sessions[one.Key].Summary.Node, one.Value, 1, Farm.Until)
                ),
        };

    [Fact]
    public void A_session_that_is_admitted_gets_room_and_a_shard_that_takes_it_there() =>
        Holds(view =>
        {
            if (Admission.Decide(view, Farm.Ask()) is not SessionAdmitted admitted)
            {
                return;
            }
            Assert.True(IsOpen(view, admitted.Node));
            Assert.DoesNotContain(admitted.Shard, view.TakenShards);
            Assert.True(
                view.Shards.HomeOf(admitted.Shard) is null || view.Shards.HomeOf(admitted.Shard) == admitted.Node
            );
            Assert.InRange(Held(view, admitted.Node) + 1, 1, view.Nodes[admitted.Node].Slots);
        });

    [Fact]
    public void A_hand_over_takes_one_session_of_each_drained_node_to_room_that_nobody_else_is_promised() =>
        Holds(view =>
        {
            var next = HandOverPlan.Next(view);
            Assert.True(view.Warmth != Warmth.Gathering || next.IsEmpty);
            Assert.True(
                next.Count <= Math.Max(0, view.Settings.Shards - view.List.Running.Count() - view.HandOvers.Count)
            );
            Assert.Equal(next.Count, next.Select(one => one.HandOver.From).Distinct().Count());
            foreach (var (session, handOver) in next)
            {
                Assert.Equal(session.Summary.Node, handOver.From);
                Assert.True(
                    session.Summary.Phase
                        is SessionPhase.Recording
                            or SessionPhase.WaitingToBegin
                            or SessionPhase.WaitingToEnter,
                    $"A session that is {session.Summary.Phase} is handed over."
                );
                Assert.Contains(handOver.From, view.List.Draining);
                Assert.DoesNotContain(session.Summary.Id.Value, view.HandOvers.Keys);
                Assert.True(IsOpen(view, handOver.Target));
                view = HandOverPlan.Begin(view, session.Summary.Id.Value, handOver);
                Assert.InRange(Held(view, handOver.Target), 1, view.Nodes[handOver.Target].Slots);
            }
        });

    [Fact]
    public void Upkeep_moves_nobody_too_early_nobody_twice_and_asks_nobody_that_it_moves() =>
        Holds(view =>
        {
            if (view.Nodes.IsEmpty)
            {
                return;
            }
            var step = Upkeep.Next(view);
            Assert.True(view.Warmth != Warmth.Gathering || step.Relocations.IsEmpty);
            var moves = step.Relocations.OfType<SessionMoved>().ToList();
            Assert.Equal(moves.Count, moves.Select(moved => moved.Id).Distinct().Count());
            Assert.Empty(
                moves.Select(moved => moved.Id).Intersect(step.ToResume.Select(session => session.Summary.Id))
            );
            Assert.All(
                moves,
                moved =>
                {
                    var session = view.List.Sessions[moved.Id.Value];
                    Assert.True(
                        session.Summary.Phase == SessionPhase.WaitingForRoom
                            || view.IsLost(session)
                            || view.Warmth == Warmth.Ready,
                        $"{moved}"
                    );
                    Assert.Contains(moved.Node, view.Nodes.Keys);
                }
            );
            var after = step.Relocations.Aggregate(view, (after, happened) => after.Apply(happened));
            Assert.Equal(after.List.Running.Count(), after.TakenShards.Count);
        });

    private static void Holds(Action<FarmView> promise) => View.Sample(promise, iter: 20_000);

    private static bool IsOpen(FarmView view, string node) =>
        !view.Roster.Leaving.Contains(node)
        && !view.List.Draining.Contains(node)
        && view.Nodes.TryGetValue(node, out var told)
        && told.Closed is null;

    /// <summary>Counted anew here, not asked of the code under test: every session of these tests has the cost
    /// 1.</summary>
    private static int Held(FarmView view, string node) =>
        view.List.Running.Count(session =>
            session.Summary.Node == node && session.Summary.Phase != SessionPhase.WaitingForRoom
        )
        + view.HandOvers.Count(one =>
            one.Value.Target == node
            && view.List.Sessions.TryGetValue(one.Key, out var session)
            && session.Summary.Running
            && session.Summary.Node != node
        );
}
