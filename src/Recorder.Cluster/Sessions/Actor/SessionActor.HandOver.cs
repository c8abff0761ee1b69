using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>
/// A session's way from one node to another. The <see cref="MediaKeeperActor"/> of the other node begins the next
/// record before the record here ends. The next incarnation, on the other node, adopts that record. Only one
/// incarnation writes to the journal at any time: this one until its record is closed, the next one from the adoption
/// on.
/// </summary>
internal sealed partial class SessionActor
{
    /// <summary>Longer than the limit on the other node, whose refusal gives the reason.</summary>
    private static readonly TimeSpan PreparationLimit = MediaKeeperActor.PrepareLimit + TimeSpan.FromSeconds(5);

    /// <summary>How often the next node is told that its record is still wanted. A small part of the time for which
    /// that node keeps the record.</summary>
    private static readonly TimeSpan PreparationInterval = MediaKeeperActor.AdoptionLimit / 10;

    /// <summary>How long messages to the session's old shard are passed on.</summary>
    private static readonly TimeSpan ForwardingTime = TimeSpan.FromSeconds(20);

    /// <summary>The messages for the next incarnation, each with its asker.</summary>
    private readonly Queue<(SessionMessage Message, IActorRef Asker)> _forNext = [];

    /// <summary>The node the session is handed over to, or null.</summary>
    private string? _target;

    /// <summary>The shard that the session has here, as the hand-over names it.</summary>
    private int _shard;

    /// <summary>Whether the target was last told that the record's timeline is to stand still.</summary>
    private bool _targetPaused;

    /// <summary>Whether the next record is being written on the target, so that the record here is ended.</summary>
    private bool _takenOver;

    /// <summary>Whether the keeper of this node has been asked for media, and has not answered yet.</summary>
    private bool _adopting;

    /// <summary>Until when the session waited for room before it was asked to resume here, or null.</summary>
    private DateTimeOffset? _waitedUntil;

    /// <summary>Whether this incarnation begins no new record.</summary>
    private bool Leaving => Here().Leaving;

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

        // The earlier target is gone, or has no room any more.
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
            // Two publishers of one key collide, so a session that only streams ends its streams here first.
            TakeOver();
        }
        else
        {
            TellTarget();
            Timers.StartSingleTimer(nameof(PreparationLimitPassed), new PreparationLimitPassed(), PreparationLimit);
        }
    }

    /// <summary>Asks the next node for the record, or confirms that the record is still wanted, and whether it is
    /// paused.</summary>
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

    /// <summary>Whether the sender is on the node that the session is handed over to. A sender within this process
    /// counts as such.</summary>
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

    /// <summary>The record here is closed, or is lost with its media and repaired later. This incarnation writes
    /// nothing more.</summary>
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
                // The session waits for room, in the shard it has. The next message to that shard starts the next
                // incarnation.
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
        Command<SessionUnknown>(_ => Context.Stop(Self));
        Command<LeaveNode>(_ => Context.Stop(Self));
        Command<HandOverSession>(_ => { });
        Command<ResumeSession>(_ =>
        {
            // The session has come back to this node and shard. The placement asks again for the next incarnation,
            // which must not find this one in its place.
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

    /// <summary>Passes a message on through sharding, which keeps the message until the next incarnation is
    /// there.</summary>
    private static void PassOn(SessionMessage message, int shard, IActorRef asker) =>
        ClusterSharding.Get(Context.System).ShardRegion(FarmNames.SessionType).Tell(message.To(shard), asker);

    private void TellHandedOver()
    {
        TellTarget();
        _surroundings.Placement.Tell(new SessionHandedOver(Summarise(), _newsVersion, _target!));
        Timers.StartSingleTimer(nameof(HandOverDue), new HandOverDue(), RepeatInterval);
    }

    /// <summary>Whether media may have been begun here for the session. The keeper has to be asked for such media
    /// before the session resumes or ends.</summary>
    private bool MayBeKept =>
        !Alive && !Leaving && !_surroundings.Keeper.IsNobody() && SessionDecisions.MayAdopt(_state);

    /// <summary>Asks the keeper for media begun for the session, before the session resumes here or ends
    /// here.</summary>
    /// <param name="waitedUntil">Until when the session is known to have waited for room, or null.</param>
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

        // The keeper tells of the record again; the session answers then, after the write.
        Decide(decided);
    }

    private static ActorSelection Keeper(string node) => Context.ActorSelection($"{node}/user/{MediaKeeperActor.Name}");

    private sealed record PreparationDue;

    private sealed record PreparationLimitPassed;

    private sealed record HandOverDue;

    private sealed record ForwardingEnded;
}
