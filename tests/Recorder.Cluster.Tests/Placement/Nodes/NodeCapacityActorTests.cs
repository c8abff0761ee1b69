using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Nodes;

namespace Recorder.Cluster.Tests.Placement.Nodes;

/// <summary>What a node tells the placement of itself, and when.</summary>
[Trait("ring", "actor")]
public sealed class NodeCapacityActorTests : TestKit
{
    private static readonly Address Node = Address.Parse(Farm.NodeA);
    private static readonly NodeIdentity Identity = new(NodeId.New(), Records: null);

    private readonly TestProbe _sessions;
    private readonly TestProbe _placement;

    public NodeCapacityActorTests()
        : base(
            """
            akka.loggers = []
            akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
            akka.test.single-expect-default = 10 s
            """
        )
    {
        _sessions = CreateTestProbe();
        _placement = CreateTestProbe();
    }

    [Fact]
    public async Task A_restart_of_the_actor_does_not_call_back_a_node_that_was_drained_meanwhile()
    {
        var limits = new Limits();
        var actor = Sys.ActorOf(
            NodeCapacityActor.PropsFor(
                Node,
                new PlacementOptions { Shards = 77 },
                limits,
                _sessions,
                _placement,
                Identity
            )
        );
        await RegionsAsync();
        Assert.Equal(new DrainNode(Farm.NodeA, false), await _placement.ExpectMsgAsync<DrainNode>());
        Assert.Equal(77, (await _placement.ExpectMsgAsync<ReportCapacity>()).Shards);
        actor.Tell(new DrainState(Farm.NodeA, false, []));

        limits.FailOnce();
        actor.Tell(FarmRoster.Empty.Join(Farm.NodeA).Leave(Farm.NodeB));
        await RegionsAsync();
        // The new incarnation reports, and calls nobody back.
        await RegionsAsync();
        await _placement.ExpectMsgAsync<ReportCapacity>();
    }

    [Fact]
    public async Task A_node_reports_at_once_when_a_member_leaves_or_is_removed_and_not_when_another_joins()
    {
        var farm = FarmRoster.Empty.Join(Farm.NodeA).Join(Farm.NodeB);
        var actor = Sys.ActorOf(
            NodeCapacityActor.PropsFor(Node, new PlacementOptions(), new Limits(), _sessions, _placement, Identity)
        );
        await RegionsAsync();
        actor.Tell(farm);
        actor.Tell(farm.Leave(Farm.NodeB));
        await RegionsAsync();
        actor.Tell(farm.Leave(Farm.NodeB).Remove(Farm.NodeB));
        await RegionsAsync();
        actor.Tell(farm.Remove(Farm.NodeB).Join("another"));
        await actor.Ask<ActorIdentity>(new Identify(null), TimeSpan.FromSeconds(10));
        var mark = new object();
        _sessions.Ref.Tell(mark);
        Assert.Same(mark, await _sessions.ReceiveOneAsync());
    }

    private async Task RegionsAsync()
    {
        await _sessions.ExpectMsgAsync<GetCurrentRegions>();
        _sessions.Reply(new CurrentRegions(ImmutableHashSet.Create(Node)));
    }

    private sealed class Limits : INodeLimits
    {
        private int _failures;

        public NodeSlots Slots =>
            Interlocked.Exchange(ref _failures, 0) > 0
                ? throw new IOException("The limits were told to fail.")
                : new NodeSlots(4, "configured by the test");

        public NodeLoad? Load => null;

        public void FailOnce() => Interlocked.Exchange(ref _failures, 1);

        public string? WhyClosed() => null;

        public ImmutableHashSet<ClosedReason> ClosedBy() => [];
    }
}
