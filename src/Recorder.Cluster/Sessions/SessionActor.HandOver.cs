using Akka.Actor;
using Akka.Event;

using Recorder.Cluster.Hosting;

namespace Recorder.Cluster.Sessions;

/// <summary>
/// A session's way from one node to another. Here its next record is begun there, by that node's <see cref="MediaKeeperActor"/>, before the one here is
/// ended; there its next incarnation adopts that record. One incarnation writes to the journal at any time: this one until its
/// record is closed, the next from the adoption on.
/// </summary>
internal sealed partial class SessionActor
{
    /// <summary>Longer than the other node's own limit, which tells why.</summary>
    private static readonly TimeSpan PreparationLimit = MediaKeeperActor.PrepareLimit + TimeSpan.FromSeconds(5);

    /// <summary>How long what is still told to the session's old slot is passed on.</summary>
    private static readonly TimeSpan ForwardingTime = TimeSpan.FromSeconds(20);

    /// <summary>The node the session is handed over to, or null.</summary>
    private string? _target;

    /// <summary>Whether the next record is being written there, so that this one is ended.</summary>
    private bool _takenOver;
    private ResumeSession? _adopting;

    /// <summary>Whether this incarnation begins nothing more.</summary>
    private bool Leaving => _leaving || _takenOver;

    private void HearOfHandOver()
    {
        Command<HandOver>(OnHandOver);
        Command<MediaPrepared>(OnPrepared);
        Command<MediaNotPrepared>(failed => RefuseHandOver(failed.Message));
        Command<PreparationLimitPassed>(_ => RefuseHandOver($"{_target} did not answer within {PreparationLimit.TotalSeconds:0} seconds."));
        Command<KeptMedia>(OnKeptMedia);
        Command<NoKeptMedia>(_ =>
        {
            if (_adopting is not { } resume) return;
            _adopting = null;
            if (!Alive && !Leaving && !_state.Ended) Decide(SessionDecisions.Resume(_state, resume.Spec, Options.ResumeWindow, Now()));
        });
    }

    private void OnHandOver(HandOver ask)
    {
        if (_target is not null) return;
        _target = ask.Target;
        if (Alive && !_leaving && SessionDecisions.MayHandOver(_state))
        {
            // Two publishers of one key collide: what only streams is ended here first.
            if (_state.Current == SessionState.StreamOnly)
            {
                TakeOver();
                return;
            }

            Keeper(ask.Target).Tell(new PrepareMedia(
                _state.Id, _state.Attempt + 1, _state.Spec!, _state.Records.ConvertAll(record => record.Path), _state.PausedSince is not null));
            Timers.StartSingleTimer(nameof(PreparationLimitPassed), new PreparationLimitPassed(), PreparationLimit);
        }
        else
        {
            RefuseHandOver($"Session {_state.Id} is not at a point where it can be handed over.");
        }
    }

    private void OnPrepared(MediaPrepared prepared)
    {
        if (_target is null) Sender.Tell(new DismissMedia(_state.Id));
        else if (_leaving || !SessionDecisions.MayHandOver(_state)) RefuseHandOver($"Session {_state.Id} has come to an end, or lost its media, meanwhile.");
        else TakeOver();
    }

    private void TakeOver()
    {
        Log.Info("Session {0}: goes on on {1}; the record here is ended", _state.Id, _target);
        Timers.Cancel(nameof(PreparationLimitPassed));
        _takenOver = true;
        Continue();
    }

    private void RefuseHandOver(string message)
    {
        if (_target is not { } target) return;
        Timers.Cancel(nameof(PreparationLimitPassed));
        Keeper(target).Tell(new DismissMedia(_state.Id));
        _surroundings.Placement.Tell(new HandOverRefused(_state.Id, target, message));
        _target = null;
        _takenOver = false;
    }

    /// <summary>The record here is closed, or lost with its media and repaired later: nothing more is written by this incarnation.</summary>
    private void CompleteHandOver()
    {
        RefuseChanges(new Refusal(FaultCode.Unavailable, $"Session {_state.Id} is between two nodes; ask again in a few seconds."));
        Timers.CancelAll();
        if (!_media.IsNobody()) Context.Stop(_media);
        Become(HandedOver);
        TellHandedOver();
    }

    private void HandedOver()
    {
        int? slot = null;
        Command<HandOverDue>(_ => TellHandedOver());
        Command<HandOverAccepted>(accepted =>
        {
            slot = accepted.Slot;
            Timers.StartSingleTimer(nameof(HandOverDue), new ForwardingEnded(), ForwardingTime);
            Stash.UnstashAll();
        });
        Command<ForwardingEnded>(_ => Context.Stop(Self));
        Command<LeaveNode>(_ => Context.Stop(Self));
        Command<HandOver>(_ => { });
        Command<ResumeSession>(_ =>
        {
            // It has come back to this node and slot: the next incarnation, which the placement asks for again, must not find this one in its place.
            if (slot is not null) Context.Stop(Self);
        });
        Command<ISessionMessage>(message =>
        {
            if (slot is null) Stash.Stash();
            else Context.ActorSelection($"{_target}/system/sharding/{RecorderClusterOptions.SessionType}/{slot}/{_state.Id}").Tell(message, Sender);
        });
        CommandAny(_ => { });
    }

    private void TellHandedOver()
    {
        _surroundings.Placement.Tell(new SessionHandedOver(Summarise(), _newsVersion, _target!));
        Timers.StartSingleTimer(nameof(HandOverDue), new HandOverDue(), RepeatInterval);
    }

    /// <summary>The session goes on here: with the media that was begun for it, if there is any.</summary>
    private void Adopt(ResumeSession resume)
    {
        _adopting = resume;
        _surroundings.Keeper.Tell(new AdoptMedia(_state.Id), Self);
    }

    private void OnKeptMedia(KeptMedia kept)
    {
        if (kept.Media.Equals(_media)) return;
        _adopting = null;
        if (Alive || Leaving || !SessionDecisions.MayAdopt(_state))
        {
            Context.Stop(kept.Media);
            return;
        }

        _media = kept.Media;
        Context.Watch(_media);
        _standing = new MediaStanding { Up = true, Writing = kept.Path, Paused = kept.Paused };
        _confirmed = _surroundings.Clock.GetTimestamp();
        Decide(SessionDecisions.Adopt(_state, kept.Path, kept.OpenedAt, Now()));
    }

    private static ActorSelection Keeper(string node) => Context.ActorSelection($"{node}/user/{MediaKeeperActor.Name}");

    private sealed record PreparationLimitPassed;

    private sealed record HandOverDue;

    private sealed record ForwardingEnded;
}
