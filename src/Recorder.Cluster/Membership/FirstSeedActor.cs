using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Leases;
using ClusterExtension = Akka.Cluster.Cluster;

namespace Recorder.Cluster.Membership;

/// <summary>
/// Brings the first of the seed nodes into its farm. The actor asks the other seed nodes whether they are in a farm,
/// and begins a farm only when there is none. It stops when this node is in a farm.
/// </summary>
internal sealed class FirstSeedActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    /// <summary>How long a farm may take to let this node in. After that time the farm may have ended, and the actor
    /// looks for a farm again.</summary>
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan ReminderInterval = TimeSpan.FromSeconds(10);

    private readonly ClusterExtension _cluster = ClusterExtension.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private ImmutableHashSet<Address> _others;
    private readonly Func<Address, Task<ProbeOutcome>> _probe;
    private readonly TimeProvider _clock;
    private readonly IActorRef _membership;
    private readonly CutOffMarker? _marker;
    private readonly NodeLease _lease;
    private LeaseWatch _watch = LeaseWatch.Empty;
    private ImmutableHashSet<Address> _ofLeases = [];
    private bool _cutOff;
    private readonly Dictionary<Address, (SeedStanding Standing, long Since)> _seen = [];
    private long? _joining;
    private long? _reminded;

    /// <param name="others">The other seed nodes.</param>
    /// <param name="probe">Probes a node's port.</param>
    /// <param name="clock">The node's clock.</param>
    /// <param name="membership">The actor that is told by <see cref="FarmAwaited"/> why a cut-off node waits.</param>
    /// <param name="marker">Whether this node was cut off; null when nothing is known of its earlier life.</param>
    /// <param name="lease">The node's lease in the database, which says whether the node may begin a farm.</param>
    public FirstSeedActor(
        ImmutableList<Address> others,
        Func<Address, Task<ProbeOutcome>> probe,
        TimeProvider clock,
        IActorRef membership,
        CutOffMarker? marker,
        NodeLease lease
    )
    {
        _others = [.. others];
        _membership = membership;
        _marker = marker;
        _lease = lease;
        _probe = probe;
        _clock = clock;
        Receive<LookDue>(_ => Look());
        Receive<Seen>(seen => OnSeen(seen.Standings));
        Receive<Claimed>(OnClaimed);
        Receive<ClaimFailed>(OnClaimFailed);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        ReadMarker();
        Look();
    }

    /// <summary>The seeds may all be on this side of the cut, so the farm's other members are asked too.</summary>
    private void ReadMarker()
    {
        if (_marker is not { IsSet: true })
        {
            return;
        }
        _cutOff = true;
        try
        {
            _others = _others.Union(_marker.Others()).Remove(_cluster.SelfAddress);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log.Warning(
                error,
                "The file {0}, which lists the farm's members, cannot be read; only the seed nodes are asked.",
                _marker.File
            );
        }
    }

    private void Look()
    {
        if (_cluster.SelfMember.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up)
        {
            Context.Stop(Self);
            return;
        }

        var asked = _others
            .Select(other => LookAtAsync(other, Context.ActorSelection($"{other}/user/{MembershipActor.Name}")))
            .ToList();
        LookAsync(asked).PipeTo(Self);
    }

    private static async Task<Seen> LookAsync(List<Task<(Address, SeedStanding, FarmPresence?)>> asked) =>
        new([.. await Task.WhenAll(asked)]);

    private async Task<(Address, SeedStanding, FarmPresence?)> LookAtAsync(Address other, ActorSelection membership)
    {
        // Only listening nodes are asked. After a refused connection, remoting would ignore the address for seconds.
        switch (await _probe(other))
        {
            case ProbeOutcome.Refused:
                return (other, SeedStanding.Absent, null);
            case ProbeOutcome.NoAnswer:
                return (other, SeedStanding.Unreachable, null);
        }

        try
        {
            var presence = await membership.Ask<FarmPresence>(new GetFarmPresence(), AnswerLimit);
            return (other, presence.InFarm ? SeedStanding.InFarm : SeedStanding.NotInFarm, presence);
        }
        catch (AskTimeoutException)
        {
            return (other, SeedStanding.Silent, null);
        }
    }

    private void OnSeen(ImmutableList<(Address Node, SeedStanding Standing, FarmPresence? Told)> standings)
    {
        var now = _clock.GetTimestamp();
        foreach (var (node, standing, told) in standings)
        {
            if (!_seen.TryGetValue(node, out var before) || before.Standing != standing)
            {
                _seen[node] = (standing, now);
            }

            // If the seed nodes go, the members that know the farm are still asked.
            if (told is { InFarm: true })
            {
                _others = _others.Union(told.Members.Select(Address.Parse)).Remove(_cluster.SelfAddress);
            }
        }

        ImmutableList<SeedSeen> others =
        [
            .. _seen
                .Select(one => new SeedSeen(
                    one.Key,
                    one.Value.Standing,
                    _clock.GetElapsedTime(one.Value.Since, now)
                ))
                // Of the nodes that only the database names, their leases tell whether they live.
                .Where(other => other.Standing == SeedStanding.InFarm || !_ofLeases.Contains(other.Node)),
        ];

        // An operator may remove the marker meanwhile.
        _cutOff = _cutOff && _marker!.IsSet;
        var step = FirstSeedDecision.Next(others, _cutOff);
        if (step != FirstSeedStep.Begin)
        {
            _membership.Tell(
                new FarmAwaited(_cutOff && step == FirstSeedStep.LookAgain ? WhyCutOffWaits(others) : null)
            );
        }
        switch (step)
        {
            case FirstSeedStep.Begin:
                ClaimAsync().PipeTo(Self, failure: cause => new ClaimFailed(cause));
                return;
            case FirstSeedStep.Join when _joining is null || _clock.GetElapsedTime(_joining.Value, now) > JoinPatience:
                _joining = now;
                _cluster.JoinSeedNodes(
                    others.Where(other => other.Standing == SeedStanding.InFarm).Select(other => other.Node)
                );
                break;
            case FirstSeedStep.LookAgain when _cutOff:
                // The membership actor tells the reason, also in the log.
                break;
            case FirstSeedStep.LookAgain
                when _reminded is null || _clock.GetElapsedTime(_reminded.Value, now) > ReminderInterval:
                if (_reminded is not null)
                {
                    Remind(others);
                }
                _reminded = now;
                break;
        }

        Timers.StartSingleTimer(nameof(LookDue), new LookDue(), BetweenLooks);
    }

    private async Task<Claimed> ClaimAsync()
    {
        using var limit = new CancellationTokenSource(AnswerLimit, _clock);
        var watch = _watch;
        var (inFarm, looked) = await Task.Run(() => _lease.ClaimFarmAsync(watch, limit.Token), limit.Token)
            .WaitAsync(limit.Token);
        return new Claimed(inFarm, looked);
    }

    private void OnClaimed(Claimed claimed)
    {
        _watch = claimed.Watch;
        if (claimed.InFarm.IsEmpty)
        {
            _log.Info("No other node is in a farm: this node begins one.");
            _membership.Tell(new FarmAwaited(null));
            _cluster.Join(_cluster.SelfAddress);
        }
        else
        {
            // The seed nodes may all be gone, and the farm lives on other nodes.
            var named = claimed.InFarm.Select(AddressOf).OfType<Address>().ToImmutableHashSet();
            _ofLeases = _ofLeases.Union(named.Except(_others));
            _others = _others.Union(named).Remove(_cluster.SelfAddress);
            _membership.Tell(new FarmAwaited(WhyLeasesWait(claimed.InFarm)));
        }
        Timers.StartSingleTimer(nameof(LookDue), new LookDue(), BetweenLooks);
    }

    /// <summary>What was watched before the database was away says nothing: nobody could renew a lease.</summary>
    private void OnClaimFailed(ClaimFailed failed)
    {
        _watch = LeaseWatch.Empty;
        _membership.Tell(
            new FarmAwaited(
                $"This node begins no farm before the database {_lease.Database.Place} answers: {failed.Cause.GetBaseException().Message.TrimEnd('.')}."
            )
        );
        Timers.StartSingleTimer(nameof(LookDue), new LookDue(), BetweenLooks);
    }

    private string WhyLeasesWait(ImmutableList<LeaseRow> inFarm) =>
        $"This node is not in a farm: {string.Join(", ", inFarm)} of the database {_lease.Database.Place} may be in one, so this node begins no other. "
        + $"It asks to be let in, and goes on alone {_lease.Times.Length.TotalSeconds:0.#} s after their last sign of life. "
        + "If they belong to another farm, give this farm a database of its own.";

    private Address? AddressOf(LeaseRow row) =>
        row.Address?.LastIndexOf(':') is { } colon and > 0
        && int.TryParse(row.Address[(colon + 1)..], CultureInfo.InvariantCulture, out var port)
            ? new Address(_cluster.SelfAddress.Protocol, _cluster.SelfAddress.System, row.Address[..colon], port)
            : null;

    private void Remind(ImmutableList<SeedSeen> others) =>
        _log.Warning(
            "This node waits before it begins a farm: {0} may be in one and does not answer. Should it hang, end it; after {1} seconds of silence this node goes on without it.",
            Awaited(others),
            FirstSeedDecision.SilentPatience.TotalSeconds
        );

    private string WhyCutOffWaits(ImmutableList<SeedSeen> others) =>
        $"This node was given up by its farm, which may live: {Awaited(others)} cannot be reached or does not answer, so this node begins no farm and goes on asking. "
        + $"Bring the others or the link to them back; or, if they are gone for good, remove {_marker!.File}, and it goes on without them.";

    private string Awaited(ImmutableList<SeedSeen> others) =>
        string.Join(
            ", ",
            others
                .Where(other => FirstSeedDecision.MayBeInFarm(other, _cutOff))
                .Select(other => SeedNodeList.Write(other.Node))
        );

    private sealed record LookDue;

    private sealed record Claimed(ImmutableList<LeaseRow> InFarm, LeaseWatch Watch);

    private sealed record ClaimFailed(Exception Cause);

    private sealed record Seen(ImmutableList<(Address Node, SeedStanding Standing, FarmPresence? Told)> Standings);
}
