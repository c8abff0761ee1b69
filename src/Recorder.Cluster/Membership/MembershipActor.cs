using System.Collections.Immutable;

using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

using Recorder.Cluster.Hosting;

using ClusterExtension = Akka.Cluster.Cluster;

namespace Recorder.Cluster.Membership;

/// <summary>
/// Knows who is in the farm and says so: in the log, as a time line an operator can follow, and to whoever asks. Until this
/// node is in its farm it says every few seconds why it is not.
/// </summary>
internal sealed class MembershipActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan ReminderInterval = TimeSpan.FromSeconds(10);

    private readonly ClusterExtension _cluster = ClusterExtension.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ImmutableList<Address> _seeds;

    /// <param name="seeds">The nodes the farm is found by; none for a farm of one.</param>
    public MembershipActor(ImmutableList<Address> seeds)
    {
        _seeds = seeds;
        Receive<GetStanding>(_ => Sender.Tell(new NodeStanding(WhyNotIn())));
        Receive<GetMembers>(_ => Sender.Tell(MembersView.Of(_cluster.SelfAddress, _cluster.State)));
        Receive<ChangeMember>(OnChange);
        Receive<Reminder>(_ => Remind());
        Receive<ClusterEvent.MemberUp>(up => OnUp(up.Member));
        Receive<ClusterEvent.UnreachableMember>(lost => _log.Warning("Node {0} does not answer.", lost.Member.Address));
        Receive<ClusterEvent.ReachableMember>(back => _log.Info("Node {0} answers again.", back.Member.Address));
        Receive<ClusterEvent.MemberDowned>(down => _log.Warning("Node {0} is given up.", down.Member.Address));
        Receive<ClusterEvent.MemberLeft>(left => _log.Info("Node {0} leaves the farm.", left.Member.Address));
        Receive<ClusterEvent.MemberRemoved>(removed => _log.Info(
            "Node {0} is out of the farm{1}.", removed.Member.Address, removed.PreviousStatus == MemberStatus.Down ? ", given up" : ""));
        Receive<ClusterEvent.IMemberEvent>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Timers.StartPeriodicTimer(nameof(Reminder), new Reminder(), ReminderInterval);
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void OnUp(Member member)
    {
        _log.Info("Node {0} is in the farm: {1}", member.Address, string.Join(", ", member.Roles.Order(StringComparer.Ordinal)));
        if (member.UniqueAddress.Equals(_cluster.SelfUniqueAddress)) Timers.Cancel(nameof(Reminder));
    }

    private void Remind()
    {
        if (WhyNotIn() is { } reason) _log.Warning("{0}", reason);
    }

    private string? WhyNotIn() => _cluster.SelfMember.Status switch
    {
        MemberStatus.Up => null,
        MemberStatus.Leaving or MemberStatus.Exiting => "This node is leaving its farm.",
        MemberStatus.Down => "The farm has given this node up; it ends itself.",
        _ when _cluster.State.Members.Any(member => member.Status == MemberStatus.Up) => "This node joins its farm and waits for all of its nodes to agree.",
        _ => "This node has not found its farm: none of the seed nodes "
            + $"{string.Join(", ", _seeds.Select(SeedNodeList.Write))} has let it in yet, and it goes on asking them. "
            + "Is one of them running, and reachable from here? The first of the list has to run to begin a farm.",
    };

    private void OnChange(ChangeMember change)
    {
        var member = _cluster.State.Members.FirstOrDefault(candidate =>
            candidate.Address.ToString() == change.Node || SeedNodeList.Write(candidate.Address) == change.Node);
        if (member is not null)
        {
            _log.Info("Node {0} is told to {1}.", member.Address, change.Operation == MemberOperation.Leave ? "leave" : "be given up");
            if (change.Operation == MemberOperation.Leave) _cluster.Leave(member.Address);
            else _cluster.Down(member.Address);
        }

        Sender.Tell(new MemberChange(member?.Address.ToString()));
    }

    private sealed record Reminder;
}
