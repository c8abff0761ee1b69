using System.Collections.Immutable;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Placement.Shards;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement.Decisions;

public sealed class RelocationTests
{
    private const string NodeC = "akka.tcp://recorder@10.0.0.3:34569";

    private static readonly FarmRoster Survivors = FarmRoster
        .Empty.Join(Farm.NodeA)
        .Join(Farm.NodeB)
        .Join(NodeC)
        .Remove(Farm.NodeA);

    [Fact]
    public void Each_session_of_a_dead_node_goes_where_most_room_is_after_the_one_before() =>
        Assert.Equal(
            [(1, NodeC), (2, NodeC), (3, Farm.NodeB), (4, NodeC)],
            Moves(Decide(Recording(Farm.NodeA, 4), Farm.Nodes((Farm.NodeB, 2, null), (NodeC, 4, null))))
        );

    [Fact]
    public void Sessions_of_living_nodes_stay() =>
        Assert.Empty(Decide(Recording(Farm.NodeB, 3), Farm.Nodes((Farm.NodeB, 2, null), (NodeC, 4, null))));

    [Fact]
    public void What_finds_no_room_waits_and_is_not_told_twice()
    {
        var nodes = Farm.Nodes((Farm.NodeB, 1, null), (NodeC, 0, null));
        var decided = Decide(Recording(Farm.NodeA, 3), nodes);
        Assert.Equal([(1, Farm.NodeB)], Moves(decided));
        Assert.Equal([2, 3], decided.OfType<SessionWaiting>().Select(waiting => waiting.Id.Value));

        var after = decided.Aggregate(Recording(Farm.NodeA, 3), (state, happened) => state.Apply(happened));
        Assert.Equal(SessionPhase.WaitingForRoom, after.Sessions[2].Summary.Phase);
        Assert.Empty(Decide(after, nodes));
    }

    [Fact]
    public void The_one_that_has_waited_longest_gets_the_room_that_appears()
    {
        var waiting = Recording(Farm.NodeA, 2)
            .Apply(new SessionWaiting(new SessionId(1), Sample.Begin))
            .Apply(new SessionWaiting(new SessionId(2), Sample.Begin));
        var decided = Decide(waiting, Farm.Nodes((Farm.NodeB, 1, null)));

        Assert.Equal([(1, Farm.NodeB)], Moves(decided));
        Assert.Equal(SessionPhase.Resuming, waiting.Apply(decided[0]).Sessions[1].Summary.Phase);
    }

    [Fact]
    public void Beyond_their_slots_survivors_are_filled_only_by_configuration()
    {
        var nodes = Farm.Nodes((Farm.NodeB, 1, null));
        Assert.Equal(
            [(1, Farm.NodeB), (2, Farm.NodeB)],
            Moves(Decide(Recording(Farm.NodeA, 2), nodes, overfill: true))
        );
    }

    [Theory]
    [InlineData(SessionPhase.Starting)]
    [InlineData(SessionPhase.Stopping)]
    public void A_session_that_only_has_to_be_brought_to_its_end_needs_no_room(SessionPhase phase)
    {
        var state = Farm.With(Farm.NodeA).Apply(Farm.Reported(1, phase, 5));
        Assert.Equal([(1, Farm.NodeB)], Moves(Decide(state, Farm.Nodes((Farm.NodeB, 0, null)))));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_node_that_drains_or_leaves_takes_nobody(bool drains, bool leaves)
    {
        var state = Recording(Farm.NodeA, 1);
        if (drains)
        {
            state = state.Apply(new DrainBegan(Farm.NodeB, Sample.Begin));
        }
        var decided = Decide(
            state,
            Farm.Nodes((Farm.NodeB, 4, null)),
            farm: leaves ? Survivors.Leave(Farm.NodeB) : Survivors
        );
        Assert.IsType<SessionWaiting>(Assert.Single(decided));
    }

    [Fact]
    public void Small_sessions_share_slots_and_large_ones_take_several()
    {
        var small = new PageSessionSpec(new Uri("https://example.org/room"))
        {
            Video = new VideoSettings
            {
                Width = 640,
                Height = 360,
                Framerate = 15,
            },
        };
        var state = Enumerable
            .Range(1, 2)
            .Aggregate(
                new PlacementState(),
                (state, id) =>
                    state.Apply(new SessionPlaced(new SessionId(id), id, Farm.NodeB, small, null, Sample.Begin))
            );
        var nodes = Farm.Nodes((Farm.NodeB, 2, null));

        // Two of them leave less than one slot, which holds a third.
        Assert.IsType<AdmissionRefused>(Admission.Decide(Farm.View(state, nodes), Farm.Ask()));
        Assert.IsType<SessionAdmitted>(Admission.Decide(Farm.View(state, nodes), new AdmitSession(small, null)));
        var large = new AdmitSession(
            new PageSessionSpec(new Uri("https://example.org/"))
            {
                Video = new VideoSettings { Width = 3840, Height = 2160 },
            },
            null
        );
        Assert.IsType<AdmissionRefused>(Admission.Decide(Farm.View(state, nodes), large));
        Assert.IsType<SessionAdmitted>(Admission.Decide(Farm.View(new PlacementState(), nodes), large));
    }

    [Fact]
    public void Records_left_open_or_without_a_manifest_on_a_node_that_is_there_are_to_be_seen_to_unless_their_session_sees_to_it()
    {
        var nodes = Farm.Nodes((Farm.NodeA, 1, null), (Farm.NodeB, 1, null));
        Assert.Equal([(1, Farm.NodeA)], Repairs(SessionPhase.Recording, Farm.NodeB));
        Assert.Equal([(1, Farm.NodeA)], Repairs(SessionPhase.Stopped, Farm.NodeB));
        Assert.Equal([(1, Farm.NodeA)], Repairs(SessionPhase.Stopped, Farm.NodeA));
        Assert.Empty(Repairs(SessionPhase.Recording, Farm.NodeA));
        Assert.Equal([(1, Farm.NodeA)], Repairs(SessionPhase.Stopped, Farm.NodeA, finished: true, manifestDue: true));
        Assert.Empty(Repairs(SessionPhase.Recording, Farm.NodeA, finished: true, manifestDue: true));
        Assert.Empty(Repairs(SessionPhase.Stopped, Farm.NodeA, finished: true));
        Assert.Equal(
            [(1, Farm.NodeA)],
            Repairs(SessionPhase.Stopped, Farm.NodeA, finished: true, delivery: DeliveryState.Failed)
        );
        Assert.Empty(Repairs(SessionPhase.Recording, Farm.NodeA, finished: true, delivery: DeliveryState.Running));
        Assert.Empty(Repairs(SessionPhase.Stopped, Farm.NodeA, finished: true, delivery: DeliveryState.Delivered));
        Assert.Empty(Repairs(SessionPhase.Stopped, Farm.NodeA, finished: true, delivery: DeliveryState.GivenUp));
        nodes = Farm.Nodes((Farm.NodeB, 1, null));
        Assert.Empty(Repairs(SessionPhase.Stopped, Farm.NodeB));

        IEnumerable<(int, string)> Repairs(
            SessionPhase phase,
            string runsOn,
            bool finished = false,
            bool manifestDue = false,
            DeliveryState? delivery = null
        )
        {
            var summary = Farm.Summary(1, phase, runsOn) with
            {
                Records =
                [
                    new RecordSummary(Sample.FirstRecord, 1, finished, Sample.Begin, null, null, false, 100, 0)
                    {
                        Node = Farm.NodeA,
                        ManifestDue = manifestDue,
                        Deliveries = delivery is { } state ? [new DeliverySummary("command", state, Sample.Begin)] : [],
                    },
                ],
            };
            return Relocation
                .Repairable(Farm.View(Farm.With(Farm.NodeA).Apply(new SessionReported(summary, 5)), nodes))
                .Select(found => (found.Session.Summary.Id.Value, found.Node));
        }
    }

    [Fact]
    public void Of_removed_nodes_only_the_newest_are_kept_each_once()
    {
        var farm = Enumerable
            .Range(0, FarmRoster.MostRemoved + 2)
            .Aggregate(FarmRoster.Empty, (farm, node) => farm.Join($"{node}").Remove($"{node}").Remove($"{node}"));
        Assert.Equal(Enumerable.Range(2, FarmRoster.MostRemoved).Select(node => $"{node}"), farm.Removed);
        Assert.DoesNotContain("7", farm.Join("7").Removed);
    }

    [Fact]
    public void No_configuration_fills_a_node_that_drains_or_is_closed()
    {
        var state = Recording(Farm.NodeA, 1).Apply(new DrainBegan(Farm.NodeB, Sample.Begin));
        Assert.IsType<SessionWaiting>(
            Assert.Single(
                Decide(state, Farm.Nodes((Farm.NodeB, 4, null), (NodeC, 4, "Its disk is full.")), overfill: true)
            )
        );
    }

    [Fact]
    public void One_that_waits_comes_before_an_older_one_that_loses_its_node_later()
    {
        var state = Recording(Farm.NodeA, 2).Apply(new SessionWaiting(new SessionId(2), Sample.Begin));
        Assert.Equal([(2, Farm.NodeB)], Moves(Decide(state, Farm.Nodes((Farm.NodeB, 1, null)))));
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData(Farm.NodeA, 0)]
    [InlineData(Farm.NodeB, 0)]
    [InlineData(NodeC, 1)]
    public void A_session_whose_shard_another_node_holds_goes_on_in_another_shard(string? home, int expected)
    {
        var decided = Decide(
            Recording(Farm.NodeA, 1),
            Farm.Nodes((Farm.NodeB, 2, null), (NodeC, 1, null)),
            shards: Farm.Homes((0, home))
        );
        var moved = Assert.IsType<SessionMoved>(Assert.Single(decided));
        Assert.Equal((Farm.NodeB, expected), (moved.Node, moved.Shard));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(Farm.NodeA, null)]
    [InlineData(NodeC, null)]
    [InlineData(Farm.NodeB, 2)]
    public void A_session_whose_shard_went_elsewhere_before_its_node_was_back_gets_another_one_there(
        string? home,
        int? expected
    )
    {
        // Shard 1 is the other session's. Node C is not there, so it holds nothing.
        var state = Recording(Farm.NodeA, 2);
        var view = Farm.View(state, Farm.Nodes((Farm.NodeA, 1, null), (Farm.NodeB, 1, null))) with
        {
            Shards = Farm.Homes((0, home)),
        };
        var moved = Relocation.Misplaced(view, state.Sessions[1]);
        Assert.Equal(expected, moved?.Shard);
        Assert.True(moved is null or { Id.Value: 1, Node: Farm.NodeA });
    }

    [Theory]
    [InlineData("A", 3)]
    [InlineData("B", 1)]
    [InlineData("C", 0)]
    public void A_session_gets_a_shard_that_its_node_has_before_one_that_is_nowhere(string node, int expected)
    {
        // Shards 1 and 2 are on B, 2 taken; 3 on A; 0 and the others are nowhere.
        Assert.Equal(
            expected,
            ShardChoice.Free(WithTaken(10, 2) with { Shards = Farm.Homes((1, "B"), (2, "B"), (3, "A")) }, node)
        );
    }

    [Theory]
    [InlineData("A", 2)]
    [InlineData("B", 1)]
    public void A_node_that_found_no_shard_gets_one_that_another_node_has_idle(string node, int expected)
    {
        // Shard 0 has a session; 3 is on its way to somebody, 4 is nowhere.
        var homes = Farm.Homes((0, "A"), (1, "A"), (2, "B")).Send(3, "C");
        Assert.Equal(expected, ShardChoice.Idle(WithTaken(5, 0) with { Shards = homes }, node));
        Assert.Null(ShardChoice.Idle(WithTaken(5, 0, 1, 2) with { Shards = homes }, node));
    }

    [Fact]
    public void A_shard_that_is_brought_to_another_node_is_nobodys_until_it_is_there()
    {
        var board = new ShardBoard();
        var homes = System.Collections.Immutable.ImmutableDictionary<int, string>.Empty.Add(1, "A").Add(2, "A");
        board.Decide(1, "A");
        board.Decide(2, "A");
        Assert.Empty(board.Observe(homes));
        board.Send(1, "B");
        Assert.Equal((ShardMap.OnItsWay, "A"), (board.Map.HomeOf(1), board.Map.HomeOf(2)));
        Assert.Equal([1], board.Observe(homes));
        Assert.Null(ShardChoice.Free(WithTaken(2, 0) with { Shards = board.Map }, "A"));
        Assert.Null(ShardChoice.Free(WithTaken(2, 0) with { Shards = board.Map }, "B"));
        Assert.Equal(
            "B",
            board.Allocate(1, homes.Remove(1), [KeyValuePair.Create("A", 1), KeyValuePair.Create("B", 9)])
        );
        Assert.Equal(1, ShardChoice.Free(WithTaken(2, 0) with { Shards = board.Map }, "B"));
    }

    [Fact]
    public void A_shard_that_was_on_its_way_to_a_node_which_is_gone_stays()
    {
        var board = new ShardBoard();
        var homes = System.Collections.Immutable.ImmutableDictionary<int, string>.Empty.Add(1, "A");
        board.Send(1, "B");
        board.Forget("B");
        Assert.Empty(board.Observe(homes));
        Assert.Equal("A", board.Map.HomeOf(1));
    }

    [Fact]
    public void Shards_of_other_nodes_are_not_taken() =>
        Assert.Null(ShardChoice.Free(WithTaken(2) with { Shards = Farm.Homes((0, "B"), (1, "B")) }, "A"));

    [Theory]
    [InlineData("A", "A")]
    [InlineData("B", "B")]
    [InlineData("gone", "B")]
    [InlineData(null, "B")]
    public void A_shard_goes_where_it_was_decided_or_else_where_fewest_are(string? decided, string expected) =>
        Assert.Equal(
            expected,
            (decided is null ? ShardMap.Empty : ShardMap.Empty.Decide(0, decided)).TargetOf(
                0,
                [KeyValuePair.Create("A", 2), KeyValuePair.Create("B", 1), KeyValuePair.Create("C", 3)]
            )
        );

    private static PlacementState Recording(string node, int count) =>
        Enumerable
            .Range(1, count)
            .Aggregate(
                Farm.With([.. Enumerable.Repeat(node, count)]),
                (state, id) => state.Apply(Farm.Reported(id, SessionPhase.Recording, 5, node))
            );

    private static ImmutableList<IPlacementEvent> Decide(
        PlacementState state,
        ImmutableSortedDictionary<string, NodeCapacity> nodes,
        bool overfill = false,
        FarmRoster? farm = null,
        ShardMap? shards = null
    )
    {
        var view = Farm.View(state, nodes) with { Roster = farm ?? Survivors, Shards = shards ?? ShardMap.Empty };
        return Relocation.Decide(view with { Settings = view.Settings with { OverfillOnNodeLoss = overfill } });
    }

    /// <summary>A farm with this many shards, of which sessions have these.</summary>
    private static FarmView WithTaken(int shards, params int[] taken)
    {
        var state = taken
            .Index()
            .Aggregate(
                new PlacementState(),
                (state, one) => state.Apply(Farm.Placed(one.Index + 1, one.Item, Farm.NodeA))
            );
        return Farm.View(state, Farm.Nodes()) with { Settings = Farm.Settings with { Shards = shards } };
    }

    private static IEnumerable<(int, string)> Moves(ImmutableList<IPlacementEvent> decided) =>
        decided.OfType<SessionMoved>().Select(moved => (moved.Id.Value, moved.Node));
}
