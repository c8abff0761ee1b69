using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using ClusterExtension = Akka.Cluster.Cluster;

namespace Recorder.Cluster.Membership;

/// <summary>
/// Gives up a node whose process is known to be gone, seconds before the failure detector could. The actor hears of
/// lost connections and unreachable members, and looks at these members only: it knocks at their ports and asks other
/// members' witnesses. It gives up the nodes that <see cref="WitnessDecision"/> names.
/// </summary>
internal sealed class WitnessActor : ReceiveActor, IWithTimers
{
    /// <summary>The name of the actor under <c>/user</c>, where other witnesses find it.</summary>
    public const string Name = "witness";

    private static readonly TimeSpan BetweenRounds = TimeSpan.FromMilliseconds(150);

    // A living host can lose its process after its link was lost. So a member that stays out of sight is looked at
    // again.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>A heartbeat that was under way when the connection was lost says nothing of the time after.</summary>
    private static readonly TimeSpan UnderWay = TimeSpan.FromMilliseconds(250);

    private readonly ClusterExtension _cluster = ClusterExtension.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Func<Address, Task<ProbeOutcome>> _probe;
    private readonly Func<Address, Task<TimeSpan?>> _renewed;

    // The failure detectors, which Akka makes, count by the same clock.
    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly TimeSpan _fresh;
    private readonly List<WitnessedFailureDetector> _detectors = [];
    private readonly HashSet<UniqueAddress> _gone = [];

    /// <summary>The members whose connection was lost and of which nothing was heard since, each with the time of the
    /// loss.</summary>
    private readonly Dictionary<Address, long> _lost = [];

    private readonly Dictionary<Address, Looked> _suspects = [];
    private long _looks;

    /// <param name="probe">Knocks at a node's port.</param>
    /// <param name="renewed">How long ago a node has renewed its lease in the farm's database; null when that is not
    /// known.</param>
    /// <param name="heartbeatInterval">The time between two heartbeats.</param>
    public WitnessActor(
        Func<Address, Task<ProbeOutcome>> probe,
        Func<Address, Task<TimeSpan?>> renewed,
        TimeSpan heartbeatInterval
    )
    {
        _probe = probe;
        _renewed = renewed;
        _fresh = heartbeatInterval * 2;
        Receive<ClusterEvent.UnreachableMember>(lost => Suspect(lost.Member.Address));
        Receive<DisassociatedEvent>(lost => OnLost(lost.RemoteAddress));
        Receive<AssociationErrorEvent>(lost => OnLost(lost.RemoteAddress));
        Receive<AssociatedEvent>(back => Acquit(back.RemoteAddress));
        Receive<WitnessedFailureDetector.Made>(made => _detectors.Add(made.Detector));
        Receive<ClusterEvent.MemberRemoved>(removed =>
        {
            _gone.Remove(removed.Member.UniqueAddress);
            _detectors.RemoveAll(detector => detector.Address == removed.Member.Address.ToString());
            Acquit(removed.Member.Address);
        });
        Receive<CondemnDue>(_ => Condemn());
        Receive<RoundDue>(due => Knock(due.Node, due.Look));
        Receive<LookDue>(_ => LookAgain());
        Receive<Knocked>(OnKnocked);
        Receive<GetWitnessWord>(OnAsked);
        Receive<KnockedForAnother>(OnKnockedForAnother);
        Receive<WitnessWord>(OnWord);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(WitnessedFailureDetector.Made));

        // Detectors that already exist are removed here; Akka makes them again at the next heartbeat.
        foreach (var member in _cluster.State.Members)
        {
            _cluster.FailureDetector.Remove(member.Address);
        }
        _cluster.Subscribe(
            Self,
            ClusterEvent.InitialStateAsEvents,
            typeof(ClusterEvent.UnreachableMember),
            typeof(ClusterEvent.MemberRemoved)
        );
        Context.System.EventStream.Subscribe(Self, typeof(AssociationEvent));
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
    }

    private void OnLost(Address node)
    {
        if (node == _cluster.SelfAddress || !Counting().Contains(node))
        {
            return;
        }
        _lost.TryAdd(node, _clock.GetTimestamp());
        Suspect(node);
    }

    /// <summary>The node gave a sign of life, or is no member any more.</summary>
    private void Acquit(Address node)
    {
        _lost.Remove(node);
        _suspects.Remove(node);
    }

    private void Suspect(Address node)
    {
        if (_suspects.ContainsKey(node))
        {
            return;
        }
        if (HasHeard(node))
        {
            _lost.Remove(node);
            return;
        }
        _suspects.Add(
            node,
            new Looked(++_looks, _lost.TryGetValue(node, out var lost) ? lost : _clock.GetTimestamp(), new Suspicion())
        );
        Knock(node, _looks);
    }

    /// <summary>Whether a heartbeat has arrived since the connection to the node was lost; with a connection that
    /// stands, whether heartbeats arrive at all.</summary>
    private bool HasHeard(Address node)
    {
        var name = node.ToString();
        return _detectors.Exists(detector =>
            detector.Address == name
            && detector.HeardAt is { } heard
            && (
                _lost.TryGetValue(node, out var lost)
                    ? _clock.GetElapsedTime(lost, heard) > UnderWay
                    : _clock.GetElapsedTime(heard) < _fresh
            )
        );
    }

    private void Knock(Address node, long look)
    {
        if (_suspects.TryGetValue(node, out var looked) && looked.Look == look)
        {
            KnockAsync(node, look, decisive: looked.Suspicion.Knocks.Count + 1 >= WitnessDecision.Rounds).PipeTo(Self);
        }
    }

    /// <summary>Knocks at the node's port. Before a node can be given up, its lease is looked at too.</summary>
    private async Task<Knocked> KnockAsync(Address node, long look, bool decisive)
    {
        var (knock, lease) = (_probe(node), decisive ? _renewed(node) : Task.FromResult<TimeSpan?>(null));
        return new Knocked(node, look, await knock, await lease);
    }

    private void OnKnocked(Knocked knocked)
    {
        if (!_suspects.TryGetValue(knocked.Node, out var looked) || looked.Look != knocked.Look)
        {
            return;
        }

        // The others are asked from the second knock on, when they have heard of the lost connection too.
        if (!looked.Suspicion.Knocks.IsEmpty && knocked.Outcome == ProbeOutcome.Refused)
        {
            AskOthers(knocked.Node);
        }
        Decide(
            knocked.Node,
            looked.Suspicion with
            {
                Knocks = looked.Suspicion.Knocks.Add(knocked.Outcome),
                Heard =
                    HasHeard(knocked.Node)
                    || WitnessDecision.IsRenewed(knocked.RenewedAgo, _clock.GetElapsedTime(looked.Since)),
            },
            knockNext: true
        );
    }

    private void OnWord(WitnessWord word)
    {
        if (ActorPath.TryParseAddress(word.Node, out var node) && _suspects.TryGetValue(node, out var looked))
        {
            Decide(
                node,
                looked.Suspicion with
                {
                    Words = looked.Suspicion.Words.SetItem(Sender.Path.Address, word.Sight),
                },
                knockNext: false
            );
        }
    }

    private void Decide(Address node, Suspicion suspicion, bool knockNext)
    {
        var look = _suspects[node].Look;
        _suspects[node] = _suspects[node] with { Suspicion = suspicion };
        switch (WitnessDecision.Next(suspicion, Counting().Count, Seen().Count))
        {
            case WitnessStep.Knock when knockNext:
                Timers.StartSingleTimer((nameof(RoundDue), node), new RoundDue(node, look), BetweenRounds);
                break;
            case WitnessStep.GiveUp:
                GiveUp(node, suspicion);
                break;
            case WitnessStep.Drop:
                _suspects.Remove(node);
                if (suspicion.Heard)
                {
                    _lost.Remove(node);
                }
                Timers.StartSingleTimer(nameof(LookDue), new LookDue(), BetweenLooks);
                break;
        }
    }

    private void GiveUp(Address node, Suspicion suspicion)
    {
        _log.Warning(
            "Node {0} is gone: its connection is lost, its host refuses new ones, and {1}. The farm goes on without it.",
            node,
            suspicion.Words.IsEmpty
                ? "there is no other node to ask"
                : $"{string.Join(", ", suspicion.Words.Where(word => word.Value == NodeSight.Gone).Select(word => word.Key))} found the same"
        );
        Acquit(node);
        _gone.UnionWith(
            _cluster.State.Members.Where(member => member.Address == node).Select(member => member.UniqueAddress)
        );
        _cluster.Down(node);
        Condemn();
    }

    private void LookAgain()
    {
        foreach (
            var node in _lost
                .Keys.Concat(_cluster.State.Unreachable.Select(member => member.Address))
                .Distinct()
                .Where(Counting().Contains)
                .ToList()
        )
        {
            Suspect(node);
        }
    }

    private void AskOthers(Address node)
    {
        foreach (var other in WitnessDecision.ToAsk(_cluster.SelfAddress, Seen()))
        {
            Context
                .ActorSelection(new RootActorPath(other) / "user" / Name)
                .Tell(new GetWitnessWord(node.ToString()), Self);
        }
    }

    private void OnAsked(GetWitnessWord ask)
    {
        var asker = Sender;
        if (!ActorPath.TryParseAddress(ask.Node, out var node))
        {
            return;
        }
        if (node == _cluster.SelfAddress)
        {
            asker.Tell(new WitnessWord(ask.Node, NodeSight.Lives), Self);
            return;
        }

        // The loss of the connection may be heard of while the knock is under way.
        _probe(node).PipeTo(Self, asker, outcome => new KnockedForAnother(node, outcome));
    }

    private void OnKnockedForAnother(KnockedForAnother knocked)
    {
        var sight = WitnessDecision.Sight(HasHeard(knocked.Node), knocked.Outcome);
        Sender.Tell(new WitnessWord(knocked.Node.ToString(), sight), Self);
    }

    /// <summary>
    /// Repeated until the node is removed. Akka makes a node's detector at the node's first heartbeat, or when that
    /// heartbeat was missed, which may be after the node was given up. A node that left in good order may be removed
    /// just then. Its next life, with the same address, is another member.
    /// </summary>
    private void Condemn()
    {
        _gone.IntersectWith(_cluster.State.Members.Select(member => member.UniqueAddress));
        var addresses = _gone.Select(gone => gone.Address.ToString()).ToHashSet();
        foreach (var detector in _detectors.Where(detector => addresses.Contains(detector.Address)))
        {
            detector.Condemn();
        }
        if (_gone.Count > 0)
        {
            Timers.StartSingleTimer(nameof(CondemnDue), new CondemnDue(), BetweenLooks);
        }
    }

    /// <summary>The members that count: given-up members do not.</summary>
    private ImmutableHashSet<Address> Counting() =>
        [
            .. _cluster
                .State.Members.Where(member => member.Status is not (MemberStatus.Down or MemberStatus.Removed))
                .Select(member => member.Address),
        ];

    /// <summary>The members that this node sees, with itself.</summary>
    private ImmutableHashSet<Address> Seen() =>
        Counting().Except(_suspects.Keys).Except(_cluster.State.Unreachable.Select(member => member.Address));

    /// <summary>A member that is looked at.</summary>
    /// <param name="Look">The number of the look.</param>
    /// <param name="Since">When the member's connection was lost, or the look began.</param>
    /// <param name="Suspicion">What was found out so far.</param>
    private sealed record Looked(long Look, long Since, Suspicion Suspicion);

    private sealed record Knocked(Address Node, long Look, ProbeOutcome Outcome, TimeSpan? RenewedAgo);

    private sealed record KnockedForAnother(Address Node, ProbeOutcome Outcome);

    private sealed record RoundDue(Address Node, long Look);

    private sealed record LookDue;

    private sealed record CondemnDue;
}
