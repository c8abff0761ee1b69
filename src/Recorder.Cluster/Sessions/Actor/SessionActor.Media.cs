using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>How a session deals with its media child: what the child tells, what the session asks of the child, and
/// what happens when the child is gone.</summary>
internal sealed partial class SessionActor
{
    /// <summary>The deaths after which repairs are given up. A media side that only repairs and still dies this often
    /// will not do better.</summary>
    private const int RepairDeathsBorne = 3;

    /// <summary>
    /// How long the media side may take to undo a start. A worker that does not answer is killed after half of this
    /// time. The limit lets the session end although the media side hangs.
    /// </summary>
    private static readonly TimeSpan UndoLimit = TimeSpan.FromSeconds(20);

    private MediaStanding _standing = new();
    private IActorRef _media = ActorRefs.Nobody;

    /// <summary>A failed child that is ending its processes. The next child begins when this one is gone.</summary>
    private IActorRef _endingMedia = ActorRefs.Nobody;
    private int _mediaCount;
    private int _repairDeaths;
    private int _retries;
    private long _confirmed;

    /// <summary>Whether this incarnation already acts for the session, or will act without being asked.</summary>
    private bool Alive => Here().Alive;

    // A media child that throws is replaced by the session's own rules. A restart would keep the child's half-told
    // state.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    /// <summary>
    /// Publishes at once what the media side tells. The session itself receives nothing during a write, and the
    /// database may be away for long.
    /// </summary>
    protected override bool AroundReceive(Receive receive, object message)
    {
        if (message is IMediaEvent heard && Sender.Equals(_media))
        {
            Publish(new SessionMediaHeard(_state.Id, heard, _state));
        }
        return base.AroundReceive(receive, message);
    }

    private void HearTheMedia()
    {
        Command<IMediaEvent>(OnMediaEvent, _ => Sender.Equals(_media));

        // The late events of an earlier child belong to a media set that is gone.
        Command<IMediaEvent>(_ => { });
        Command<Terminated>(OnMediaTerminated, ended => ended.ActorRef.Equals(_media));
        Command<Terminated>(_ =>
        {
            _endingMedia = ActorRefs.Nobody;
            Proceed();
        });
        Command<StartLimitPassed>(_ => OnStartLimitPassed());
        Command<UndoLimitPassed>(_ => Decide(SessionDecisions.UndoLimitPassed(_state, Now())));
        Command<RetryDue>(_ => Decide(SessionDecisions.Retry(_state, Options.ResumeWindow, Now())));
    }

    private void OnMediaEvent(IMediaEvent told)
    {
        var heard = MediaTimes.InFarmTime(told, FarmClock.OffsetOf(_surroundings.Clock));
        var before = _live;
        _live = _live.Hear(heard);
        switch (heard)
        {
            case OutputChanged { Output: var output }:
                ImmutableList<ISessionEvent> turned =
                [
                    .. ChangeDecisions.OutputFault(_state, before.Find(output.Id), output, Now()),
                    .. ChangeDecisions.OutputTurn(_state, before.Find(output.Id), output, Now()),
                ];
                if (!turned.IsEmpty)
                {
                    Decide(turned);
                }
                return;
            case ThumbnailTaken or ThumbnailFailed:
                OnThumbnail(heard);
                return;
            case FirstFrameWritten or PortsBound:
                _confirmed = _surroundings.Clock.GetTimestamp();
                var begun = SessionDecisions.Hear(_state, heard, Now());
                if (!_state.Started && !begun.IsEmpty)
                {
                    begun = begun.AddRange(EndingDecisions.HearEarly(_state, _live.SaidEarly, Now()));
                    _live = _live with { SaidEarly = _live.SaidEarly.Clear() };
                }
                Decide(begun);
                return;
            case PageSays early when !_state.Started:
                _live = _live with { SaidEarly = _live.SaidEarly.SetItem(early.Reason, early) };
                return;
            case BrowserLost when !_state.Started:
                _live = _live with { SaidEarly = _live.SaidEarly.Clear() };
                break;
            case RecordGrew grew when WhatEnds(grew) is { IsEmpty: false } ending:
                Decide(ending);
                return;
            case PageWaits waits when WaitIsKnown(waits):
                return;
            case PageWaits when _state.CurrentOpened:
                // The record has begun, and only the record's growth is evidence now.
                return;
            case PageWaits:
                _confirmed = _surroundings.Clock.GetTimestamp();
                break;
            case RecordGrew when _surroundings.Clock.GetElapsedTime(_confirmed) < Options.EvidenceInterval:
                return;
            case RecordGrew:
                // Only a record that lasts shows that the trouble is over. After a record that dies right after its
                // first frame, the next try waits.
                _confirmed = _surroundings.Clock.GetTimestamp();
                _retries = 0;
                break;
            case RecordFinished { RecordPath: { } path } when _live.Grew is { } last && last.RecordPath == path:
                // The counts of a finished record are its last ones, not those of the last written evidence.
                Decide([.. SessionDecisions.Hear(_state, last, Now()), .. SessionDecisions.Hear(_state, heard, Now())]);
                return;
            case WorkerLost lost when SessionDecisions.KeyOf(lost.RecordPath) == _standing.Writing:
                _standing = _standing with { Writing = null, Finishing = false };
                break;
            case MediaFailed failed:
                FailMedia(failed);
                return;
        }

        Decide(SessionDecisions.Hear(_state, heard, Now()));
    }

    private ImmutableList<ISessionEvent> WhatEnds(RecordGrew grew)
    {
        _live = _live with { SilentSince = EndingDecisions.SilentSince(_state, _live.SilentSince, grew) };
        return EndingDecisions.Hear(_state, grew, Now(), _live.SilentSince);
    }

    /// <summary>Whether the journal has the wait already, with evidence that is young enough.</summary>
    private bool WaitIsKnown(PageWaits waits) =>
        _state.Wait?.InLobby == waits.InLobby
        && _surroundings.Clock.GetElapsedTime(_confirmed) < Options.EvidenceInterval;

    /// <summary>How long the first frame may take. The steps of a page come on top, with the time that each may
    /// take.</summary>
    private TimeSpan LimitOf(SessionSpec? spec) =>
        Options.StartLimit
        + ((spec as PageSessionSpec)?.StepsTime ?? TimeSpan.Zero)
        + (_state.EverRecorded && spec is PageSessionSpec { Begin: not null } ? BeginRule.RejoinTime : TimeSpan.Zero);

    private void OnStartLimitPassed()
    {
        // A media set that was begun for a later record and stays silent counts as failed.
        if (_state is { Phase: SessionPhase.Resuming, Current: { } current } && _standing.Writing == current)
        {
            FailMedia(
                new MediaFailed(
                    FaultCode.StartTimeout,
                    $"Session {_state.Id} wrote no frame of its next record within {LimitOf(_state.Spec).TotalSeconds:0.#} seconds."
                )
            );
        }
        else
        {
            Decide(SessionDecisions.StartLimitPassed(_state, LimitOf(_state.Spec), Now()));
        }
    }

    private void FailMedia(MediaFailed failed)
    {
        Context.Stop(_media);
        _endingMedia = _media;
        OnMediaGone(failed);
    }

    private void OnMediaTerminated(Terminated terminated) =>
        OnMediaGone(
            new MediaFailed(FaultCode.PipelineFailed, $"The media side of session {_state.Id} ended unexpectedly.")
        );

    private void OnMediaGone(MediaFailed failed)
    {
        var repairing = _standing.Writing is null ? _standing.Repairing : [];
        _media = ActorRefs.Nobody;
        _live = _live.Hear(failed);
        _standing = new MediaStanding();
        if (!_state.Ended && !Leaving)
        {
            StartRetryTimer();
        }
        var decided = SessionDecisions.Hear(_state, failed, Now());
        if (!repairing.IsEmpty && ++_repairDeaths >= RepairDeathsBorne)
        {
            decided = decided.AddRange(SessionDecisions.GiveUpRepairs(_state, repairing, Now()));
        }

        Decide(decided);
    }

    private void BeginMedia()
    {
        _media = Context.ActorOf(_surroundings.Media.MediaOf(_state.Id, _state.Spec!), $"media-{++_mediaCount}");
        Context.Watch(_media);
    }

    private void StartRetryTimer()
    {
        if (!Timers.IsTimerActive(nameof(RetryDue)))
        {
            CarryOut(new SessionEffect.AwaitRetry(ProceedDecisions.RetryWait(_retries++, Options)));
        }
    }

    private sealed record StartLimitPassed;

    private sealed record UndoLimitPassed;

    private sealed record RetryDue;
}
