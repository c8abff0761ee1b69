using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Sessions.HandOver;

/// <summary>
/// Begins records on this node for sessions that another node is about to hand over. The keeper keeps each record
/// until the session's next incarnation, on this node, adopts the record. A record without adoption is finalised and
/// goes into the session's list. Meanwhile the keeper tells the placement what it keeps.
/// <see cref="KeeperDecisions"/> decides; the actor carries the effects out.
/// </summary>
internal sealed partial class MediaKeeperActor : ReceiveActor, IWithTimers
{
    /// <summary>The name of the actor under <c>/user</c>.</summary>
    public const string Name = "media-keeper";

    /// <summary>How long the first frame may take.</summary>
    public static readonly TimeSpan PrepareLimit = TimeSpan.FromSeconds(30);

    /// <summary>How long a record may take to have its first frame: the steps of the page, and the way back into a
    /// meeting that the page was in, come on top.</summary>
    /// <param name="spec">What the session records.</param>
    public static TimeSpan PrepareLimitOf(SessionSpec? spec) =>
        PrepareLimit
        + (spec is PageSessionSpec page ? page.StepsTime + (page.Begin is null ? TimeSpan.Zero : BeginRule.RejoinTime)
            : TimeSpan.Zero);

    /// <summary>
    /// How long a record is written after it was last asked for. Longer than the farm takes to find that the earlier
    /// node has died and to resume the session.
    /// </summary>
    public static readonly TimeSpan AdoptionLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(1);

    private readonly ISessionMedia _media;
    private readonly IActorRef _placement;
    private readonly string _node;
    private readonly TimeProvider _clock;
    private readonly IRecordsFolder? _folder;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<SessionId, KeptRecord> _kept = [];
    private readonly Dictionary<SessionId, IActorRef> _children = [];

    /// <param name="media">The node's media side.</param>
    /// <param name="placement">The placement singleton, or its proxy.</param>
    /// <param name="node">The node's cluster address.</param>
    /// <param name="clock">The node's clock.</param>
    /// <param name="folder">The node's records folder; null where it is not known.</param>
    public MediaKeeperActor(
        ISessionMedia media,
        IActorRef placement,
        string node,
        TimeProvider clock,
        IRecordsFolder? folder = null
    )
    {
        _media = media;
        _placement = placement;
        _node = node;
        _clock = clock;
        _folder = folder;
        Receive<PrepareMedia>(ask => Step(ask.Id, new KeeperInput.Wanted(ask, Sender, () => NextPath(ask))));
        Receive<DismissMedia>(dismiss => Step(dismiss.Id, new KeeperInput.Dismissed()));
        Receive<AdoptMedia>(ask => Step(ask.Id, new KeeperInput.AdoptionWished(ask, Sender)));
        Receive<IMediaEvent>(OnMediaEvent);
        Receive<LimitPassed>(passed => Step(passed.Id, new KeeperInput.LimitPassed()));
        Receive<TellDue>(_ => TellPlacement());
        Receive<RecordListed>(OnListed);
        Receive<Terminated>(OnTerminated);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    // The death of a child is reported to the session like any death of its media.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void Step(SessionId id, KeeperInput input)
    {
        var known = _kept.GetValueOrDefault(id);
        var (kept, effects) = KeeperDecisions.Next(id, known, input, Here());
        if (kept is not null)
        {
            _kept[id] = kept;
        }
        else
        {
            _kept.Remove(id);
        }
        foreach (var effect in effects)
        {
            CarryOut(id, kept ?? known, effect);
        }
        if (kept is null)
        {
            _children.Remove(id);
        }
    }

    private KeeperPlace Here() =>
        new(_node) { Folder = _folder?.Standing.Id, ClockOffset = FarmClock.OffsetOf(_clock) };

    private string NextPath(PrepareMedia ask) =>
        RecordPath.Next(
            _media.RecordsFolder,
            ask.Id,
            path => ask.Taken.Exists(taken => RecordPath.IsOfOneName(taken, path)) || File.Exists(path),
            ask.Spec.Container,
            _clock.GetUtcNow()
        );

    private void OnMediaEvent(IMediaEvent heard)
    {
        if (Owner(Sender) is { } id)
        {
            Step(id, new KeeperInput.Heard(heard));
        }
    }

    private void OnTerminated(Terminated ended)
    {
        var adopted = _kept.Values.FirstOrDefault(kept =>
            kept.Step == KeptStep.Adopted && kept.Session.Equals(ended.ActorRef)
        );
        if (adopted is not null)
        {
            Step(adopted.Ask.Id, new KeeperInput.SessionGone());
        }
        else if (Owner(ended.ActorRef) is { } id)
        {
            Step(id, new KeeperInput.MediaGone());
        }
    }

    /// <summary>The session that a media child was made for, or null.</summary>
    private SessionId? Owner(IActorRef child) =>
        _children.Where(made => made.Value.Equals(child)).Select(made => (SessionId?)made.Key).FirstOrDefault();

    /// <param name="id">The session.</param>
    /// <param name="kept">The session's record; the record before the step, if the step has ended its media. Null
    /// only if there is none, and nothing is to be done with one.</param>
    /// <param name="effect">What to do.</param>
    private void CarryOut(SessionId id, KeptRecord? kept, KeeperEffect effect)
    {
        switch (effect)
        {
            case KeeperEffect.Begin:
                Begin(kept!);
                break;
            case KeeperEffect.Command command:
                _children[id].Tell(command.ToMedia);
                break;
            case KeeperEffect.Finish:
                _log.Warning(
                    "Session {0} was not taken up here within {1} seconds; {2} is ended and goes into its list",
                    id,
                    AdoptionLimit.TotalSeconds,
                    kept!.Path
                );
                _children[id].Tell(new FinishRecording());
                break;
            case KeeperEffect.StopMedia:
                Context.Stop(_children[id]);
                break;
            case KeeperEffect.LimitFrame:
                Timers.StartSingleTimer(id, new LimitPassed(id), PrepareLimitOf(kept!.Ask.Spec));
                break;
            case KeeperEffect.LimitAdoption:
                Timers.StartSingleTimer(id, new LimitPassed(id), AdoptionLimit);
                break;
            case KeeperEffect.ForgetLimit:
                Timers.Cancel(id);
                break;
            case KeeperEffect.AnswerAsker answer:
                answer.Asker.Tell(answer.Reply);
                break;
            case KeeperEffect.Give give:
                give.Session.Tell(new KeptMedia(id, _children[id], kept!.Path, kept.OpenedAt, kept.Paused));
                break;
            case KeeperEffect.AnswerNothing answer:
                answer.Session.Tell(new NoKeptMedia(id));
                break;
            case KeeperEffect.WatchSession watch:
                Context.Watch(watch.Session);
                break;
            case KeeperEffect.PassOn pass:
                pass.Session.Tell(pass.Event, _children[id]);
                break;
            case KeeperEffect.TellPlacement:
                TellPlacement();
                break;
            case KeeperEffect.Leave left:
                _left = _left.Add(left.Record);
                TellPlacement();
                break;
            case KeeperEffect.RemoveRecord record:
                Remove(record.Path);
                break;
            default:
                throw new ArgumentOutOfRangeException(
                    nameof(effect),
                    effect.GetType(),
                    "A keeper does not know this effect."
                );
        }
    }

    private void Begin(KeptRecord kept)
    {
        var ask = kept.Ask;
        var child = Context.ActorOf(_media.MediaOf(ask.Id, ask.Spec));
        _children[ask.Id] = child;
        Context.Watch(child);
        _log.Info("Session {0}: {1} is begun for it, which another node hands over", ask.Id, kept.Path);
        child.Tell(new BeginRecording(ask.Attempt, ask.Spec, kept.Path)
        {
            Rejoins = true,
            End = ask.Spec.End ?? EndRules.None,
        });
    }

    private sealed record LimitPassed(SessionId Id);
}
