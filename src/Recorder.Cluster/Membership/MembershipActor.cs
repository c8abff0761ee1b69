using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Leases;
using Recorder.Cluster.Serialization;
using ClusterExtension = Akka.Cluster.Cluster;

namespace Recorder.Cluster.Membership;

/// <summary>
/// Knows who is in the farm, writes a time line of the members to the log for operators, and answers questions. Until
/// this node is in its farm, the actor logs every few seconds why it is not.
/// </summary>
internal sealed class MembershipActor : ReceiveActor, IWithTimers
{
    /// <summary>The name of the actor under <c>/user</c>, where other nodes find it.</summary>
    public const string Name = "membership";

    private static readonly TimeSpan ReminderInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    private readonly ClusterExtension _cluster = ClusterExtension.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ImmutableList<Address> _seeds;
    private readonly NodeProtocol _protocol = NodeProtocol.Of(Context.System);
    private string? _awaited;
    private string? _databaseLost;

    /// <param name="seeds">The seed nodes of the farm; none for a farm of one.</param>
    public MembershipActor(ImmutableList<Address> seeds)
    {
        _seeds = seeds;
        Receive<GetStanding>(_ => Sender.Tell(new NodeStanding(WhyNotIn() ?? _databaseLost)));
        Receive<LeaseNews>(news => _databaseLost = news.WhyLost);
        Receive<FarmAwaited>(told => _awaited = told.Why);
        Receive<ListMembers>(_ =>
            Sender.Tell(
                MembersView.Of(_cluster.SelfAddress, _cluster.State) with
                {
                    Agreed = _protocol.Gate.Agreed,
                }
            )
        );
        Receive<LetLeave>(ask => OnChange(ask.Node, "leave", Leave));
        Receive<GiveUp>(ask => OnChange(ask.Node, "go: it is given up", _cluster.Down));
        Receive<GetAddressUse>(OnGetAddressUse);
        Receive<GetFarmPresence>(_ =>
            Sender.Tell(
                new FarmPresence(
                    _cluster.SelfMember.Status is not (MemberStatus.Down or MemberStatus.Removed),
                    [.. _cluster.State.Members.Select(member => member.Address.ToString())]
                )
            )
        );
        Receive<LeaveFarm>(_ =>
            CoordinatedShutdown.Get(Context.System).Run(CoordinatedShutdown.ClusterLeavingReason.Instance)
        );
        Receive<FarmRefuses>(refusal => End(refusal.Why));
        Receive<Reminder>(_ => Remind());
        Receive<ClusterEvent.MemberUp>(up => OnUp(up.Member));
        Receive<ClusterEvent.UnreachableMember>(lost => _log.Warning("Node {0} does not answer.", lost.Member.Address));
        Receive<ClusterEvent.ReachableMember>(back => _log.Info("Node {0} answers again.", back.Member.Address));
        Receive<ClusterEvent.MemberDowned>(down => _log.Warning("Node {0} is given up.", down.Member.Address));
        Receive<ClusterEvent.MemberLeft>(left => _log.Info("Node {0} leaves the farm.", left.Member.Address));
        Receive<ClusterEvent.MemberRemoved>(removed =>
            _log.Info(
                "Node {0} is out of the farm{1}.",
                removed.Member.Address,
                removed.PreviousStatus == MemberStatus.Down ? ", given up" : ""
            )
        );
        Receive<ClusterEvent.MemberJoined>(joined => Compare(joined.Member));
        Receive<ClusterEvent.IMemberEvent>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        _cluster.Subscribe(
            Self,
            ClusterEvent.InitialStateAsEvents,
            typeof(ClusterEvent.IMemberEvent),
            typeof(ClusterEvent.IReachabilityEvent)
        );
        Context.System.EventStream.Subscribe(Self, typeof(LeaseNews));
        Timers.StartPeriodicTimer(nameof(Reminder), new Reminder(), ReminderInterval);
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
    }

    private void OnUp(Member member)
    {
        _log.Info(
            "Node {0} is in the farm: {1}",
            member.Address,
            string.Join(", ", member.Roles.Order(StringComparer.Ordinal))
        );
        if (!member.UniqueAddress.Equals(_cluster.SelfUniqueAddress))
        {
            return;
        }
        Timers.Cancel(nameof(Reminder));

        // This node may be up before the actor hears of its joining.
        Compare(member);
    }

    /// <summary>A joining node that does not understand the members has to go, and ends itself.</summary>
    private void Compare(Member joined)
    {
        if (joined.UniqueAddress.Equals(_cluster.SelfUniqueAddress))
        {
            var members = _cluster.State.Members.Where(member => member.Status == MemberStatus.Up).Select(BuildOf);
            if (FarmAgreement.WhyNotIn(_protocol.Build, [.. members]) is { } why)
            {
                End(why);
            }
        }
        else if (_cluster.SelfMember.Status == MemberStatus.Up)
        {
            var build = BuildOf(joined);
            if (build.Protocol?.Overlaps(_protocol.Build) != true)
            {
                _log.Warning(
                    "Node {0} came with another build of the recorder, {1}, which does not understand this farm. The node has to go.",
                    joined.Address,
                    build.Version
                );
            }
            else if (build.Protocol.Speaks < _protocol.Gate.Agreed)
            {
                _log.Warning(
                    "Node {0} came with an older build of the recorder, {1}, and this farm writes protocol {2} already. The node has to go.",
                    joined.Address,
                    build.Version,
                    _protocol.Gate.Agreed
                );
                Context
                    .ActorSelection(new RootActorPath(joined.Address) / "user" / Name)
                    .Tell(
                        new FarmRefuses(
                            FarmAgreement.TooOld(_cluster.SelfAddress.ToString(), _protocol.Gate.Agreed)
                        )
                    );
            }
        }
    }

    private static ToldBuild BuildOf(Member member) =>
        new(
            member.Address.ToString(),
            FarmVersion.Plain(member.AppVersion.Version),
            FarmVersion.ProtocolOf(member.AppVersion.Version)
        );

    private void End(string why)
    {
        _log.Error("{0}", why);
        CoordinatedShutdown.Get(Context.System).Run(new IncompatibleFarmReason(why));
    }

    private void Remind()
    {
        if (WhyNotIn() is { } reason)
        {
            _log.Warning("{0}", reason);
        }
    }

    private string? WhyNotIn() =>
        _cluster.SelfMember.Status switch
        {
            MemberStatus.Up => null,
            MemberStatus.Leaving or MemberStatus.Exiting => "This node is leaving its farm.",
            MemberStatus.Down => "The farm has given this node up; it ends itself.",
            _ when _cluster.State.Members.Any(member => member.Status == MemberStatus.Up) =>
                "This node joins its farm and waits for all of its nodes to agree.",
            _ => _awaited
                ?? "This node has not found its farm: none of the seed nodes "
                    + $"{string.Join(", ", _seeds.Select(SeedNodeList.Write))} has let it in yet, and it goes on asking them. "
                    + "Is one of them running, reachable from here, and given the same Remoting:SecretFile? The first of the list has to run to begin a farm.",
        };

    private void OnChange(string name, string told, Action<Address> change)
    {
        var found = MembersView.Of(_cluster.SelfAddress, _cluster.State).Members.Find(member => member.IsNamed(name));
        if (found is not null)
        {
            var address = Address.Parse(found.Node);
            _log.Info("Node {0} is told to {1}.", address, told);
            change(address);
        }

        Sender.Tell(new MemberChange(found?.Node));
    }

    /// <summary>
    /// A member that is made to leave from outside hands nothing over, because it leaves before its shutdown begins.
    /// The member is therefore asked to begin its own shutdown. A member that does not answer leaves as soon as it
    /// answers again.
    /// </summary>
    private void Leave(Address address)
    {
        if (_cluster.State.Unreachable.Any(member => member.Address.Equals(address)))
        {
            _cluster.Leave(address);
        }
        else
        {
            Context.ActorSelection(new RootActorPath(address) / "user" / Name).Tell(new LeaveFarm());
        }
    }

    /// <summary>A dead member is listed until it is given up, so only a member that answers counts. The asker may be
    /// the next life of the dead member.</summary>
    private void OnGetAddressUse(GetAddressUse question)
    {
        if (_cluster.SelfAddress.ToString() == question.Node)
        {
            Sender.Tell(new AddressUse(question.Node, Answers: true));
        }
        else if (
            _cluster.State.Members.FirstOrDefault(member => member.Address.ToString() == question.Node) is { } member
        )
        {
            AnswersAsync(member.Address, Context.ActorSelection(new RootActorPath(member.Address) / "user" / Name))
                .PipeTo(Sender, Self, answers => new AddressUse(question.Node, answers));
        }
        else
        {
            Sender.Tell(new AddressUse(question.Node, Answers: false));
        }
    }

    private static async Task<bool> AnswersAsync(Address address, ActorSelection node)
    {
        // A node that comes back after a crash of its process need not wait for a time-out.
        if (await PortProbe.TryAsync(address) == ProbeOutcome.Refused)
        {
            return false;
        }
        try
        {
            return await node.Ask<ActorIdentity>(new Identify(null), AnswerLimit) is { Subject: not null };
        }
        catch (AskTimeoutException)
        {
            return false;
        }
    }

    private sealed record Reminder;
}
