using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using ClusterExtension = Akka.Cluster.Cluster;

namespace Recorder.Cluster.Membership;

/// <summary>
/// Gives up a node whose process is known to be gone, seconds before the failure detector could. The actor hears of
/// lost connections and unreachable members, and probes the members' ports. It gives up the nodes that
/// <see cref="WitnessDecision"/> names.
/// </summary>
internal sealed class WitnessActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromMilliseconds(150);

    // A living host can lose its process after its link was lost. An unreachable host is therefore looked at again.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private readonly ClusterExtension _cluster = ClusterExtension.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Func<Address, Task<ProbeOutcome>> _probe;
    private readonly List<WitnessedFailureDetector> _detectors = [];
    private readonly HashSet<UniqueAddress> _gone = [];
    private ImmutableList<ProbeRound> _rounds = [];
    private bool _looking;

    /// <param name="probe">Probes a node's port.</param>
    public WitnessActor(Func<Address, Task<ProbeOutcome>> probe)
    {
        _probe = probe;
        Receive<ClusterEvent.UnreachableMember>(_ => Look());
        Receive<DisassociatedEvent>(lost => LookFor(lost.RemoteAddress));
        Receive<AssociationErrorEvent>(lost => LookFor(lost.RemoteAddress));
        Receive<WitnessedFailureDetector.Made>(made => _detectors.Add(made.Detector));
        Receive<ClusterEvent.MemberRemoved>(removed =>
        {
            _gone.Remove(removed.Member.UniqueAddress);
            _detectors.RemoveAll(detector => detector.Address == removed.Member.Address.ToString());
        });
        Receive<CondemnDue>(_ => Condemn());
        Receive<RoundDue>(_ => BeginRound());
        Receive<LookDue>(_ => Look());
        Receive<ProbeRound>(OnRound);
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
        Context.System.EventStream.Subscribe(Self, typeof(DisassociatedEvent));
        Context.System.EventStream.Subscribe(Self, typeof(AssociationErrorEvent));
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
    }

    private void LookFor(Address remote)
    {
        if (Counting().Contains(remote))
        {
            Look();
        }
    }

    private void Look()
    {
        if (_looking)
        {
            return;
        }
        _looking = true;
        _rounds = [];
        BeginRound();
    }

    private void BeginRound()
    {
        var others = Counting().Remove(_cluster.SelfAddress);
        RoundAsync(others).PipeTo(Self);
    }

    private async Task<ProbeRound> RoundAsync(ImmutableHashSet<Address> others)
    {
        var outcomes = await Task.WhenAll(
            others.Select(async other => KeyValuePair.Create(other, await _probe(other)))
        );
        return new ProbeRound(outcomes.ToImmutableDictionary());
    }

    private void OnRound(ProbeRound round)
    {
        _rounds = _rounds.Add(round);
        foreach (var gone in WitnessDecision.Gone(_cluster.SelfAddress, Counting(), _rounds))
        {
            _log.Warning(
                "Node {0} is gone: its host answers and nothing listens on its port any more. The farm goes on without it.",
                gone
            );
            _gone.UnionWith(
                _cluster.State.Members.Where(member => member.Address == gone).Select(member => member.UniqueAddress)
            );
            _cluster.Down(gone);
        }

        Condemn();

        if (WitnessDecision.IsWorthARound(_rounds))
        {
            Timers.StartSingleTimer(nameof(RoundDue), new RoundDue(), BetweenRounds);
            return;
        }

        _looking = false;
        if (_cluster.State.Unreachable.Any(member => member.Status is not MemberStatus.Down))
        {
            Timers.StartSingleTimer(nameof(LookDue), new LookDue(), BetweenLooks);
        }
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

    private ImmutableHashSet<Address> Counting() =>
        [
            .. _cluster
                .State.Members.Where(member => member.Status is not (MemberStatus.Down or MemberStatus.Removed))
                .Select(member => member.Address),
        ];

    private sealed record RoundDue;

    private sealed record LookDue;

    private sealed record CondemnDue;
}
