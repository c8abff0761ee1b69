using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using Npgsql;
using Recorder.Cluster.Database;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Serialization;
using ClusterExtension = Akka.Cluster.Cluster;

namespace Recorder.Cluster.Leases;

/// <summary>
/// Renews this node's lease, and so always knows whether the node can reach the database. Raises the epoch of nodes
/// that the farm gives up. Ends this node when another node has done the same with it. The oldest recorder holds the
/// placement: when it alone has lost the database, it makes way for another node.
/// </summary>
internal sealed class LeaseActor : ReceiveActor, IWithTimers
{
    /// <summary>The name of the actor under <c>/user</c>.</summary>
    public const string Name = "lease";

    /// <summary>A standby answers so, and a server that an operator or its service has made read-only.</summary>
    private const string ReadOnly = PostgresErrorCodes.ReadOnlySqlTransaction;

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FileLimit = TimeSpan.FromSeconds(10);

    private readonly ClusterExtension _cluster = ClusterExtension.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly NodeLease _lease;
    private readonly LeaseStanding _standing;
    private readonly TimeProvider _clock;
    private ImmutableHashSet<UniqueAddress> _givenUp = [];
    private bool _inFarm;
    private bool _renewing;
    private int _failures;
    private long? _lostSince;
    private bool _ending;

    /// <param name="lease">The node's lease, which is registered.</param>
    /// <param name="standing">Is kept up to date.</param>
    /// <param name="clock">The node's clock.</param>
    public LeaseActor(NodeLease lease, LeaseStanding standing, TimeProvider clock)
    {
        _lease = lease;
        _standing = standing;
        _clock = clock;
        Receive<RenewalDue>(_ => Renew());
        Receive<DisassociatedEvent>(_ => ShowLife());
        Receive<Renewed>(OnRenewed);
        Receive<Failed>(OnFailed);
        Receive<GivenUp>(done => _givenUp = _givenUp.Except(done.Nodes));
        Receive<GetLeaseHeld>(_ => Sender.Tell(new LeaseHeld(_standing.WhyLost is null)));
        Receive<OthersAsked>(OnOthersAsked);
        Receive<ClusterEvent.MemberDowned>(down => OnGivenUp(down.Member));
        Receive<ClusterEvent.MemberRemoved>(removed =>
        {
            if (removed.PreviousStatus == MemberStatus.Down)
            {
                OnGivenUp(removed.Member);
            }
        });
        Receive<ClusterEvent.MemberUp>(up =>
        {
            if (up.Member.UniqueAddress.Equals(_cluster.SelfUniqueAddress))
            {
                _inFarm = true;
                Renew();
            }
        });
        Receive<ClusterEvent.IMemberEvent>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        Context.System.EventStream.Subscribe(Self, typeof(DisassociatedEvent));
        Timers.StartPeriodicTimer(nameof(RenewalDue), RenewalDue.Instance, TimeSpan.Zero, _lease.Times.Interval);
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
    }

    /// <summary>A connection is lost, so that another node may take this one for gone: the witnesses look whether the
    /// lease was renewed since.</summary>
    private void ShowLife()
    {
        Renew();
        Timers.StartSingleTimer("shown", RenewalDue.Instance, TimeSpan.FromMilliseconds(150));
        Timers.StartSingleTimer("shown again", RenewalDue.Instance, TimeSpan.FromMilliseconds(400));
    }

    private void Renew()
    {
        if (_renewing || _ending)
        {
            return;
        }
        _renewing = true;
        var (address, uid) = (AddressOf(_cluster.SelfAddress), _cluster.SelfUniqueAddress.Uid);
        WithinLimitAsync(cancellation => _lease.RenewAsync(address, uid, _inFarm, cancellation))
            .PipeTo(Self, success: held => new Renewed(held), failure: cause => new Failed(cause));
        TellOfGivenUp();
    }

    private void OnRenewed(Renewed renewed)
    {
        _renewing = false;
        if (!renewed.Held)
        {
            End(
                "The farm has given this node up, as its row in the database says; or another process with the same id "
                    + "has begun. This node's events are refused, so the node ends. Start it again, and it joins anew."
            );
            return;
        }
        _failures = 0;
        _lostSince = null;
        if (_standing.WhyLost is not null)
        {
            _log.Info("The database {0} is reached again.", _lease.Database.Place);
            Tell(null);
        }
    }

    private void OnFailed(Failed failed)
    {
        _renewing = false;
        _lostSince ??= _clock.GetTimestamp();
        if (++_failures == 1)
        {
            // One late answer of a busy database does not close a node.
            Timers.StartSingleTimer("again", RenewalDue.Instance, TimeSpan.FromMilliseconds(200));
            return;
        }
        if (_standing.WhyLost is null)
        {
            var problem = failed.Cause.GetBaseException() is PostgresException { SqlState: ReadOnly }
                ? "takes no writes"
                : "does not answer this node";
            var why =
                $"The database {_lease.Database.Place} {problem} ({Cause(failed.Cause)}); recordings go on, and no session starts here.";
            _log.Warning("{0}", why);
            Tell(why);
        }
        if (_clock.GetElapsedTime(_lostSince.Value) > _lease.Times.OldestPatience && IsOldestRecorder())
        {
            AskOthersAsync(
                    OtherRecorders()
                        .Take(5)
                        .Select(member => Context.ActorSelection(new RootActorPath(member.Address) / "user" / Name))
                        .ToList()
                )
                .PipeTo(Self);
        }
    }

    /// <summary>When few other nodes reach the database, nothing is won by another placement.</summary>
    private void OnOthersAsked(OthersAsked asked)
    {
        if (!asked.MostHold || _lostSince is null || !IsOldestRecorder())
        {
            return;
        }
        End(
            "This node holds the farm's placement and has lost its way to the database, which another node reaches. "
                + "The node ends itself, so that the farm can take sessions; its own sessions go on elsewhere."
        );
    }

    private void End(string why)
    {
        if (_ending)
        {
            return;
        }
        _ending = true;
        _log.Error("{0}", why);
        Timers.CancelAll();
        _cluster.Down(_cluster.SelfAddress);
    }

    /// <summary>The three oldest members see to a node that is given up: one of them may be busy or cut off itself,
    /// and in a large farm not every member asks the database for every death.</summary>
    private void OnGivenUp(Member gone)
    {
        if (gone.UniqueAddress.Equals(_cluster.SelfUniqueAddress) || !IsAmongOldest())
        {
            return;
        }
        _givenUp = _givenUp.Add(gone.UniqueAddress);
        TellOfGivenUp();
    }

    private void TellOfGivenUp()
    {
        if (_givenUp.IsEmpty)
        {
            return;
        }
        var nodes = _givenUp;
        WithinLimitAsync(async cancellation =>
            {
                foreach (var node in nodes)
                {
                    await _lease.GiveUpAsync(AddressOf(node.Address), node.Uid, cancellation);
                }
                return nodes;
            })
            .PipeTo(Self, success: done => new GivenUp(done), failure: _ => new GivenUp([]));
    }

    private async Task<T> WithinLimitAsync<T>(Func<CancellationToken, Task<T>> work)
    {
        // A file on this host is not lost on the way, and a busy disk may take its time.
        var most = _lease.Database.Kind == DatabaseKind.Sqlite ? FileLimit : _lease.Times.Limit;
        using var limit = new CancellationTokenSource(most, _clock);
        // SQLite's calls block their thread while another connection writes.
        return await Task.Run(() => work(limit.Token), limit.Token).WaitAsync(limit.Token);
    }

    private static async Task<OthersAsked> AskOthersAsync(List<ActorSelection> others)
    {
        var answers = await Task.WhenAll(others.Select(AskAsync));

        // A node that is about the only one without the database steps aside. When most have lost it, a node that
        // still has it may have no room for the sessions of all.
        return new OthersAsked(answers.Count(held => held) * 2 > answers.Length);

        static async Task<bool> AskAsync(ActorSelection other)
        {
            try
            {
                return (await other.Ask<LeaseHeld>(new GetLeaseHeld(), AnswerLimit)).Held;
            }
            catch (AskTimeoutException)
            {
                return false;
            }
        }
    }

    private bool IsAmongOldest() =>
        _cluster
            .State.Members.Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving)
            .Order(Member.AgeOrdering)
            .Take(3)
            .Any(member => member.UniqueAddress.Equals(_cluster.SelfUniqueAddress));

    private bool IsOldestRecorder() =>
        _cluster.SelfMember.HasRole(NodeRoles.Recorder)
        && OtherRecorders().All(member => _cluster.SelfMember.IsOlderThan(member));

    private IEnumerable<Member> OtherRecorders() =>
        _cluster.State.Members.Where(member =>
            member.Status == MemberStatus.Up
            && member.HasRole(NodeRoles.Recorder)
            && !member.UniqueAddress.Equals(_cluster.SelfUniqueAddress)
        );

    private void Tell(string? whyLost)
    {
        _standing.WhyLost = whyLost;
        Context.System.EventStream.Publish(new LeaseNews(whyLost));
    }

    private static string Cause(Exception cause) =>
        cause is OperationCanceledException
            ? "no answer in time"
            : cause.GetBaseException().Message.TrimEnd('.');

    private static string AddressOf(Address address) => $"{address.Host}:{address.Port}";

    private sealed record RenewalDue
    {
        public static readonly RenewalDue Instance = new();
    }

    private sealed record Renewed(bool Held);

    private sealed record Failed(Exception Cause);

    private sealed record GivenUp(ImmutableHashSet<UniqueAddress> Nodes);

    private sealed record OthersAsked(bool MostHold);
}

/// <summary>Do you renew your lease in the database? Asked by the oldest recorder, which cannot. Answered by
/// <see cref="LeaseHeld"/>.</summary>
[Wire("lease/get-held:1")]
internal sealed record GetLeaseHeld : IWireMessage;

/// <summary>The answer to <see cref="GetLeaseHeld"/>.</summary>
/// <param name="Held">Whether the newest renewal succeeded.</param>
[Wire("lease/held:1")]
internal sealed record LeaseHeld(bool Held) : IWireMessage;
