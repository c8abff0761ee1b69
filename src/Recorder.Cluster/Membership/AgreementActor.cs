using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Recorder.Cluster.Serialization;
using ClusterExtension = Akka.Cluster.Cluster;

namespace Recorder.Cluster.Membership;

/// <summary>
/// Opens this node's protocol gate when every member has spoken a newer protocol for a while. The database hears of
/// the newer protocol before the gate opens, so that an older build that starts later finds out. Every node decides for
/// itself: a newer node reads the newer form before its own gate is open.
/// </summary>
internal sealed class AgreementActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(10);

    private readonly ClusterExtension _cluster = ClusterExtension.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly NodeProtocol _protocol = NodeProtocol.Of(Context.System);
    private readonly TimeSpan _window;
    private readonly Func<int, Task> _keep;
    // The cluster's own view may be a moment behind the event.
    private ImmutableDictionary<UniqueAddress, Member> _members = ImmutableDictionary<UniqueAddress, Member>.Empty;
    private int _awaited;

    /// <param name="window">How long every member must have spoken the protocol.</param>
    /// <param name="keep">Keeps in the database that only builds which speak a protocol may read it.</param>
    public AgreementActor(TimeSpan window, Func<int, Task> keep)
    {
        _window = window;
        _keep = keep;
        Receive<ClusterEvent.IMemberEvent>(OnMember);
        Receive<WindowOver>(over => KeepAsync(over.Protocol).PipeTo(Self));
        Receive<Kept>(OnKept);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() =>
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    /// <summary>The newest protocol that all members speak, also those that do not answer now.</summary>
    private int SpokenByAll() =>
        Math.Min(
            _protocol.Build.Speaks,
            ProtocolGate.SpokenByAll([
                .. _members.Values.Select(member => FarmVersion.ProtocolOf(member.AppVersion.Version)),
            ])
        );

    private void OnMember(ClusterEvent.IMemberEvent happened)
    {
        _members =
            happened is ClusterEvent.MemberRemoved
                ? _members.Remove(happened.Member.UniqueAddress)
                : _members.SetItem(happened.Member.UniqueAddress, happened.Member);
        Look();
    }

    private void Look()
    {
        var spoken = SpokenByAll();
        if (spoken == _awaited)
        {
            return;
        }
        Timers.CancelAll();
        _awaited = spoken;
        if (!_protocol.Gate.Allows(spoken))
        {
            _log.Info(
                "Every node speaks protocol {0} now. In {1} the farm begins to write that protocol.",
                spoken,
                _window
            );
            Timers.StartSingleTimer(nameof(WindowOver), new WindowOver(spoken), _window);
        }
    }

    private async Task<Kept> KeepAsync(int protocol)
    {
        try
        {
            await _keep(protocol);
            return new Kept(protocol, null);
        }
        catch (Exception error)
        {
            return new Kept(protocol, error);
        }
    }

    private void OnKept(Kept kept)
    {
        // An older node may have come meanwhile.
        if (SpokenByAll() < kept.Protocol)
        {
            return;
        }
        if (kept.Problem is { } problem)
        {
            _log.Warning(
                "The database could not be told that the farm writes protocol {0} ({1}). This node goes on writing the older form, and tries again.",
                kept.Protocol,
                problem.Message
            );
            Timers.StartSingleTimer(nameof(WindowOver), new WindowOver(kept.Protocol), BetweenTries);
            return;
        }
        _protocol.Open(kept.Protocol);
        _log.Info(
            "This node writes protocol {0} from now on. A build that does not speak protocol {0} cannot come back.",
            kept.Protocol
        );
    }

    private sealed record WindowOver(int Protocol);

    private sealed record Kept(int Protocol, Exception? Problem);
}
