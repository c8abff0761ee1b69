using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>
/// A session's way from one node to another. Here its next record is begun there, by that node's
/// <see cref="MediaKeeperActor"/>, before the one here is ended; there its next incarnation adopts that record. One
/// incarnation writes to the journal at any time: this one until its record is closed, the next from the adoption on.
/// </summary>
internal sealed partial class SessionActor
{
    /// <summary>Longer than the other node's own limit, which tells why.</summary>
    private static readonly TimeSpan PreparationLimit = MediaKeeperActor.PrepareLimit + TimeSpan.FromSeconds(5);

    /// <summary>How often the next node is told that its record is still wanted; a small part of the time it keeps
    /// it.</summary>
    private static readonly TimeSpan PreparationInterval = MediaKeeperActor.AdoptionLimit / 10;

    /// <summary>How long what is still told to the session's old shard is passed on.</summary>
    private static readonly TimeSpan ForwardingTime = TimeSpan.FromSeconds(20);

    /// <summary>What is to be heard by the next incarnation, with whoever asked.</summary>
    private readonly Queue<(SessionMessage Message, IActorRef Asker)> _forNext = [];

    /// <summary>The node the session is handed over to, or null.</summary>
    private string? _target;

    /// <summary>The shard that the session has here, as the hand-over names it.</summary>
    private int _shard;

    /// <summary>Whether that node was last told that the record's timeline is to stand still.</summary>
    private bool _targetPaused;

    /// <summary>Whether the next record is being written there, so that this one is ended.</summary>
    private bool _takenOver;

    /// <summary>Whether the keeper of this node has been asked for media.</summary>
    private bool _adopting;

    /// <summary>Until when the session waited for room before it was asked to go on here, or null.</summary>
    private DateTimeOffset? _waitedUntil;

    /// <summary>Whether this incarnation begins nothing more.</summary>
    private bool Leaving => _leaving || _takenOver;

    private void HearOfHandOver()
    {
        Command<HandOverSession>(OnHandOver);
        Command<MediaPrepared>(OnPrepared);
        Command<MediaNotPrepared>(failed =>
        {
            if (IsOfTarget(Sender) && !_takenOver)
            {
                RefuseHandOver(failed.Message);
            }
        });
        Command<PreparationDue>(_ => TellTarget());
        Command<PreparationLimitPassed>(_ =>
            RefuseHandOver($"{_target} did not answer within {PreparationLimit.TotalSeconds:0} seconds.")
        );
        Command<KeptMedia>(OnKeptMedia);
        Command<NoKeptMedia>(_ => OnNoKeptMedia());
        Command<ListRecord>(OnListRecord);
    }

    private void OnHandOver(HandOverSession ask)
    {
        if (_takenOver || _target == ask.Target)
        {
            return;
        }

        // The node that it was on its way to is gone, or has no room any more.
        if (_target is { } earlier)
        {
            Keeper(earlier).Tell(new DismissMedia(_state.Id));
        }
        (_target, _shard) = (ask.Target, ask.Shard);
        if (!Alive || _leaving || !SessionDecisions.MayHandOver(_state))
        {
            RefuseHandOver($"Session {_state.Id} is not at a point where it can be handed over.");
        }
        else if (_state.Current == SessionState.StreamOnly)
        {
            // Two publishers of one key collide: what only streams is ended here first.
            TakeOver();
        }
        else
        {
            TellTarget();
            Timers.StartSingleTimer(nameof(PreparationLimitPassed), new PreparationLimitPassed(), PreparationLimit);
        }
    }

    /// <summary>Asks the next node for the record, or tells it that it is still wanted, and how.</summary>
    private void TellTarget()
    {
        if (_target is not { } target)
        {
            return;
        }
        _targetPaused = _state.PausedSince is not null;
        Keeper(target)
            .Tell(
                new PrepareMedia(
                    _state.Id,
                    _state.Attempt + 1,
                    _state.Spec!,
                    _state.Records.ConvertAll(record => record.Path),
                    _targetPaused
                )
                {
                    Prepared = _takenOver,
                }
            );
        Timers.StartSingleTimer(nameof(PreparationDue), new PreparationDue(), PreparationInterval);
    }

    private void OnPrepared(MediaPrepared prepared)
    {
        if (!IsOfTarget(Sender))
        {
            Sender.Tell(new DismissMedia(_state.Id));
        }
        else if (_takenOver)
        {
            return;
        }
        else if (_leaving && _state.Lasting)
        {
            Timers.Cancel(nameof(PreparationLimitPassed));
        }
        else if (_leaving || !SessionDecisions.MayHandOver(_state))
        {
            RefuseHandOver($"Session {_state.Id} has come to an end, or lost its media, meanwhile.");
        }
        else
        {
            TakeOver();
        }
    }

    /// <summary>Whether somebody is on the node the session is handed over to; one within this process is.</summary>
    private bool IsOfTarget(IActorRef sender) =>
        _target is not null && (!sender.Path.Address.HasGlobalScope || sender.Path.Address.ToString() == _target);

    private void TakeOver()
    {
        Log.Info("Session {0}: goes on on {1}; the record here is ended", _state.Id, _target);
        Timers.Cancel(nameof(PreparationLimitPassed));
        _takenOver = true;
        _surroundings.Placement.Tell(new HandOverBegun(_state.Id, _target!));
        Proceed();
    }

    private void RefuseHandOver(string message)
    {
        if (_target is not { } target)
        {
            return;
        }
        Timers.Cancel(nameof(PreparationLimitPassed));
        Timers.Cancel(nameof(PreparationDue));
        Keeper(target).Tell(new DismissMedia(_state.Id));
        _surroundings.Placement.Tell(new HandOverRefused(_state.Id, target, message));
        _target = null;
    }

    /// <summary>The record here is closed, or lost with its media and repaired later: nothing more is written by this
    /// incarnation.</summary>
    private void CompleteHandOver()
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
        TellHandedOver();
    }

    private void HandedOver()
    {
        int? shard = null;
        Command<HandOverDue>(_ => TellHandedOver());
        Command<HandOverAccepted>(accepted =>
        {
            Timers.CancelAll();
            if (accepted.Shard == _shard)
            {
                // It waits for room, in the shard it has: whoever asks for it next is heard by the next incarnation.
                Context.Stop(Self);
                return;
            }

            shard = accepted.Shard;
            Timers.StartSingleTimer(nameof(ForwardingEnded), new ForwardingEnded(), ForwardingTime);
            while (_forNext.TryDequeue(out var held))
            {
                PassOn(held.Message, accepted.Shard, held.Asker);
            }
        });
        Command<ForwardingEnded>(_ => Context.Stop(Self));
        Command<LeaveNode>(_ => Context.Stop(Self));
        Command<HandOverSession>(_ => { });
        Command<ResumeSession>(_ =>
        {
            // It has come back to this node and shard: the next incarnation, which the placement asks for again, must
            // not find this one in its place.
            if (shard is not null)
            {
                Context.Stop(Self);
            }
        });
        Command<SessionMessage>(message =>
        {
            if (shard is { } next)
            {
                PassOn(message, next, Sender);
            }
            else
            {
                _forNext.Enqueue((message, Sender));
            }
        });
        CommandAny(_ => { });
    }

    /// <summary>Through the shards: they keep it until the next incarnation is there.</summary>
    private static void PassOn(SessionMessage message, int shard, IActorRef asker) =>
        ClusterSharding.Get(Context.System).ShardRegion(FarmNames.SessionType).Tell(message.To(shard), asker);

    private void TellHandedOver()
    {
        TellTarget();
        _surroundings.Placement.Tell(new SessionHandedOver(Summarise(), _newsVersion, _target!));
        Timers.StartSingleTimer(nameof(HandOverDue), new HandOverDue(), RepeatInterval);
    }

    /// <summary>Whether media may have been begun here for the session, and has to be asked for before it goes on, or
    /// ends.</summary>
    private bool MayBeKept =>
        !Alive && !Leaving && !_surroundings.Keeper.IsNobody() && SessionDecisions.MayAdopt(_state);

    /// <summary>The session goes on here, or ends here: with the media that was begun for it, if there is
    /// any.</summary>
    /// <param name="waitedUntil">Until when it is known to have waited for room, or null.</param>
    private void Adopt(DateTimeOffset? waitedUntil = null)
    {
        _adopting = true;
        _waitedUntil = waitedUntil;
        _surroundings.Keeper.Tell(new AdoptMedia(_state.Id, Waits: _stoppers.Count == 0), Self);
    }

    private void OnKeptMedia(KeptMedia kept)
    {
        if (kept.Media.Equals(_media))
        {
            return;
        }
        _adopting = false;
        if (Alive || Leaving || !SessionDecisions.MayAdopt(_state))
        {
            Context.Stop(kept.Media);
            return;
        }

        _media = kept.Media;
        Context.Watch(_media);
        _standing = new MediaStanding
        {
            Up = true,
            Writing = kept.Path,
            Paused = kept.Paused,
        };
        _confirmed = _surroundings.Clock.GetTimestamp();
        var adopted = SessionDecisions.Adopt(_state, kept.Path, kept.OpenedAt, Now());
        Decide(
            _stoppers.Count == 0
                ? adopted
                : adopted.AddRange(
                    SessionDecisions.Stop(
                        adopted.Aggregate(_state, (state, happened) => state.Apply(happened)),
                        alive: true,
                        Now()
                    )
                )
        );
    }

    private void OnNoKeptMedia()
    {
        if (!_adopting)
        {
            return;
        }
        _adopting = false;
        if (_stoppers.Count > 0)
        {
            Decide(SessionDecisions.Stop(_state, Alive, Now()));
        }
        else if (!Alive && !Leaving && !_state.Ended)
        {
            Decide(SessionDecisions.Resume(_state, _state.Spec!, Options.ResumeWindow, Now(), _waitedUntil));
        }
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

        // The answer follows when it is told again, and is written then.
        Decide(decided);
    }

    private static ActorSelection Keeper(string node) => Context.ActorSelection($"{node}/user/{MediaKeeperActor.Name}");

    private sealed record PreparationDue;

    private sealed record PreparationLimitPassed;

    private sealed record HandOverDue;

    private sealed record ForwardingEnded;
}
