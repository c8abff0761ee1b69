using Akka.Actor;
using Akka.Cluster;
using Recorder.Cluster.Farm;

namespace Recorder.Cluster.Membership;

/// <summary>
/// Watches the recorder nodes of the farm from the node's start on, and publishes <see cref="FarmRoster"/>. The
/// placement singleton may begin here only after the death of its earlier node. From the roster the singleton knows
/// that this node is gone for good, and not only late.
/// </summary>
internal sealed class FarmWatchActor : ReceiveActor
{
    /// <summary>The name of the actor under <c>/user</c>.</summary>
    public const string Name = "farm-watch";

    private FarmRoster _farm = FarmRoster.Empty;

    public FarmWatchActor()
    {
        Receive<ClusterEvent.MemberUp>(up => Change(up.Member, _farm.Join(NodeOf(up.Member))));
        Receive<ClusterEvent.MemberLeft>(left => Change(left.Member, _farm.Leave(NodeOf(left.Member))));
        Receive<ClusterEvent.MemberExited>(left => Change(left.Member, _farm.Leave(NodeOf(left.Member))));
        Receive<ClusterEvent.MemberRemoved>(removed => Change(removed.Member, _farm.Remove(NodeOf(removed.Member))));
        Receive<GetFarmRoster>(_ => Sender.Tell(_farm));
    }

    protected override void PreStart() =>
        Akka
            .Cluster.Cluster.Get(Context.System)
            .Subscribe(
                Self,
                ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
                typeof(ClusterEvent.MemberUp),
                typeof(ClusterEvent.MemberLeft),
                typeof(ClusterEvent.MemberExited),
                typeof(ClusterEvent.MemberRemoved)
            );

    protected override void PostStop() => Akka.Cluster.Cluster.Get(Context.System).Unsubscribe(Self);

    private static string NodeOf(Member member) => member.Address.ToString();

    private void Change(Member member, FarmRoster changed)
    {
        if (!member.HasRole(NodeRoles.Recorder))
        {
            return;
        }
        _farm = changed;
        Context.System.EventStream.Publish(_farm);
    }
}

/// <summary>Who is in the farm? Answered by <see cref="FarmRoster"/>. Within a node only.</summary>
internal sealed record GetFarmRoster
{
    public static readonly GetFarmRoster Instance = new();
}
