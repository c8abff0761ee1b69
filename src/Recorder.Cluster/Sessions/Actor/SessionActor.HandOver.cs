using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>
/// A session's way from one node to another. The <see cref="MediaKeeperActor"/> of the other node begins the next
/// record before the record here ends. The next incarnation, on the other node, adopts that record. Only one
/// incarnation writes to the journal at any time: this one until its record is closed, the next one from the adoption
/// on. <see cref="HandOverDecisions"/> decides; the actor carries the effects out.
/// </summary>
internal sealed partial class SessionActor
{
    /// <summary>How often the next node is told that its record is still wanted. A small part of the time for which
    /// that node keeps the record.</summary>
    private static readonly TimeSpan PreparationInterval = MediaKeeperActor.AdoptionLimit / 10;

    /// <summary>How long messages to the session's old shard are passed on.</summary>
    private static readonly TimeSpan ForwardingTime = TimeSpan.FromSeconds(20);

    /// <summary>The messages for the next incarnation, each with its asker.</summary>
    private readonly Queue<(SessionMessage Message, IActorRef Asker)> _forNext = [];

    private HandOverState _handOver = new HandOverState.Staying();

    /// <summary>Whether this incarnation begins no new record.</summary>
    private bool Leaving => Here().Leaving;

    private void HearOfHandOver()
    {
        Command<HandOverSession>(ask => Step(new HandOverInput.Asked(ask.Target, ask.Shard)));
        Command<MediaPrepared>(_ => Step(new HandOverInput.Prepared(IsOfTarget(Sender))));
        Command<MediaNotPrepared>(failed => Step(new HandOverInput.NotPrepared(IsOfTarget(Sender), failed.Message)));
        Command<PreparationDue>(_ => Step(new HandOverInput.PreparationDue()));
        Command<PreparationLimitPassed>(_ => Step(new HandOverInput.PreparationLimitPassed()));
        Command<KeptMedia>(kept => Step(new HandOverInput.Kept(kept, kept.Media.Equals(_media))));
        Command<NoKeptMedia>(_ => Step(new HandOverInput.NothingKept()));
        Command<ListRecord>(OnListRecord);
    }

    /// <summary>What an incarnation hears that writes nothing more.</summary>
    private void HandedOver()
    {
        Command<HandOverDue>(_ => Step(new HandOverInput.HandOverDue()));
        Command<HandOverAccepted>(accepted => Step(new HandOverInput.Accepted(accepted.Shard)));
        Command<ForwardingEnded>(_ => Step(new HandOverInput.ForwardingEnded()));
        Command<LeaveNode>(_ => Step(new HandOverInput.LeaveWished()));
        Command<SessionUnknown>(_ => Step(new HandOverInput.LeaveWished()));
        Command<HandOverSession>(ask => Step(new HandOverInput.Asked(ask.Target, ask.Shard)));
        Command<ResumeSession>(_ => Step(new HandOverInput.ResumeWished()));
        Command<StopSession>(stop => Step(new HandOverInput.StopWished(), stop));
        Command<SessionMessage>(message => Step(new HandOverInput.Questioned(), message));
        CommandAny(_ => { });
    }

    /// <summary>Decides what follows from an input, and carries it out.</summary>
    /// <param name="input">What happens.</param>
    /// <param name="message">The message that may have to be kept or passed on, or null.</param>
    private void Step(HandOverInput input, SessionMessage? message = null)
    {
        var (next, effects) = HandOverDecisions.Next(Here(), input, Options.ResumeWindow, Now());
        _handOver = next;
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case SessionEffect.Hold:
                    _forNext.Enqueue((message!, Sender));
                    break;
                case SessionEffect.PassOn pass:
                    PassOn(message!, pass.Shard, Sender);
                    break;
                default:
                    CarryOut(effect);
                    break;
            }
        }
    }

    private void CarryOutHandOver(SessionEffect effect)
    {
        switch (effect)
        {
            case SessionEffect.Proceed:
                Proceed();
                break;
            case SessionEffect.TellTarget tell:
                Keeper(tell.Target).Tell(tell.Ask);
                Timers.StartSingleTimer(nameof(PreparationDue), new PreparationDue(), PreparationInterval);
                break;
            case SessionEffect.LimitPreparation:
                Timers.StartSingleTimer(
                    nameof(PreparationLimitPassed),
                    new PreparationLimitPassed(),
                    HandOverDecisions.PreparationLimitOf(_state.Spec)
                );
                break;
            case SessionEffect.ForgetPreparationLimit:
                Timers.Cancel(nameof(PreparationLimitPassed));
                break;
            case SessionEffect.ForgetPreparation:
                Timers.Cancel(nameof(PreparationLimitPassed));
                Timers.Cancel(nameof(PreparationDue));
                break;
            case SessionEffect.Dismiss dismiss:
                Keeper(dismiss.Node).Tell(new DismissMedia(_state.Id));
                break;
            case SessionEffect.DismissSender:
                Sender.Tell(new DismissMedia(_state.Id));
                break;
            case SessionEffect.TellRefused tell:
                _surroundings.Placement.Tell(tell.Refused);
                break;
            case SessionEffect.TellBegun tell:
                Log.Info("Session {0}: goes on on {1}; the record here is ended", _state.Id, tell.Target);
                _surroundings.Placement.Tell(new HandOverBegun(_state.Id, tell.Target));
                break;
            case SessionEffect.TellHandedOver tell:
                _surroundings.Placement.Tell(new SessionHandedOver(Summarise(), _newsVersion, tell.Target));
                Timers.StartSingleTimer(nameof(HandOverDue), new HandOverDue(), RepeatInterval);
                break;
            case SessionEffect.WriteNoMore:
                WriteNoMore();
                break;
            case SessionEffect.ForgetTimers:
                Timers.CancelAll();
                break;
            case SessionEffect.LimitForwarding:
                Timers.StartSingleTimer(nameof(ForwardingEnded), new ForwardingEnded(), ForwardingTime);
                break;
            case SessionEffect.PassOnHeld pass:
                while (_forNext.TryDequeue(out var held))
                {
                    PassOn(held.Message, pass.Shard, held.Asker);
                }
                break;
            case SessionEffect.AskKeeper ask:
                _surroundings.Keeper.Tell(new AdoptMedia(_state.Id, ask.Waits), Self);
                break;
            case SessionEffect.TakeMedia take:
                TakeMedia(take.Kept);
                break;
            case SessionEffect.StopKept stop:
                Context.Stop(stop.Media);
                break;
            default:
                throw new ArgumentOutOfRangeException(
                    nameof(effect),
                    effect.GetType(),
                    $"Session {_state.Id} does not know this effect."
                );
        }
    }

    /// <summary>Whether the sender is on the node that the session is handed over to. A sender within this process
    /// counts as such.</summary>
    private bool IsOfTarget(IActorRef sender)
    {
        var target = _handOver switch
        {
            HandOverState.Preparing preparing => preparing.Target,
            HandOverState.TakenOver taken => taken.Target,
            _ => null,
        };
        return target is not null
            && (!sender.Path.Address.HasGlobalScope || sender.Path.Address.ToString() == target);
    }

    /// <summary>The record here is closed, or is lost with its media and repaired later. This incarnation writes
    /// nothing more.</summary>
    private void WriteNoMore()
    {
        RefuseChanges(
            new Refusal(FaultCode.Unavailable, $"Session {_state.Id} is between two nodes; ask again in a few seconds.")
        );
        Timers.CancelAll();
        if (!_media.IsNobody())
        {
            Context.Stop(_media);
        }
        Become(HandedOver);
    }

    /// <summary>Passes a message on through sharding, which keeps the message until the next incarnation is
    /// there.</summary>
    private static void PassOn(SessionMessage message, int shard, IActorRef asker) =>
        ClusterSharding.Get(Context.System).ShardRegion(FarmNames.SessionType).Tell(message.To(shard), asker);

    /// <summary>Whether media may have been begun here for the session. The keeper has to be asked for such media
    /// before the session resumes or ends.</summary>
    private bool MayBeKept =>
        !Alive
        && !Leaving
        && _handOver is HandOverState.Staying or HandOverState.Adopting
        && !_surroundings.Keeper.IsNobody()
        && SessionDecisions.MayAdopt(_state);

    private void TakeMedia(KeptMedia kept)
    {
        _media = kept.Media;
        Context.Watch(_media);
        _standing = new MediaStanding
        {
            Up = true,
            Writing = kept.Path,
            End = _state.Spec?.End ?? Model.EndRules.None,
            Page = _state.Spec as PageSessionSpec,
            Paused = kept.Paused,
        };
        if (_standing.Page is { } page)
        {
            // The page may have been changed since these media were prepared.
            _media.Tell(new ShowPage(page));
        }
        _confirmed = _surroundings.Clock.GetTimestamp();
    }

    private void OnListRecord(ListRecord ask)
    {
        var decided = SessionDecisions.List(_state, ask.Record, Now());
        if (decided.IsEmpty)
        {
            if (_state.Phase != SessionPhase.New)
            {
                Sender.Tell(new RecordListed(_state.Id, ask.Record.Path));
            }
            if (_state.Ended)
            {
                Report();
            }
            return;
        }

        // The keeper tells of the record again; the session answers then, after the write.
        Decide(decided);
    }

    private static ActorSelection Keeper(string node) => Context.ActorSelection($"{node}/user/{MediaKeeperActor.Name}");

    private sealed record PreparationDue;

    private sealed record PreparationLimitPassed;

    private sealed record HandOverDue;

    private sealed record ForwardingEnded;
}
