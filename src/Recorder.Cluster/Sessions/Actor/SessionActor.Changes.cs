using Akka.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>How a session answers questions and is changed while it runs.</summary>
internal sealed partial class SessionActor
{
    /// <summary>The media side answers in milliseconds. A worker that takes longer is about to be found
    /// dead.</summary>
    private static readonly TimeSpan ChangeLimit = TimeSpan.FromSeconds(5);

    /// <summary>The askers who have changed the targets; they are answered after the write.</summary>
    private readonly List<IActorRef> _targetChangers = [];

    /// <summary>The askers who wait for the record's timeline to stand still, or to run again.</summary>
    private readonly List<(IActorRef Asker, bool Paused)> _pausers = [];
    private readonly List<IActorRef> _thumbnailAskers = [];

    private LiveFigures _live = new();

    private void HearChanges()
    {
        Command<GetSession>(OnGet);
        Command<ChangeTargets>(change =>
        {
            if (Refuses(ChangeDecisions.Change(_state, change, Now()), out var decided))
            {
                return;
            }
            _targetChangers.Add(Sender);
            Decide(decided.Events);
        });
        Command<PauseSession>(_ => OnPause(paused: true));
        Command<UnpauseSession>(_ => OnPause(paused: false));
        Command<PauseLimitPassed>(_ => OnPauseLimitPassed());
        Command<GetThumbnail>(OnGetThumbnail);
        Command<ThumbnailLimitPassed>(_ =>
            RefuseThumbnails(
                new Refusal(
                    FaultCode.Unavailable,
                    $"The media side of session {_state.Id} gave no picture within {ChangeLimit.TotalSeconds:0} seconds; ask again."
                )
            )
        );
    }

    private void OnGet(GetSession get)
    {
        if (_state.Spec is null)
        {
            Sender.Tell(new DetailsUnavailable(get.Id));
            return;
        }

        Sender.Tell(Details());

        // An ended session that was woken only for this question sleeps again once the list has its report.
        if (_state.Ended)
        {
            Report();
        }
    }

    private void OnPause(bool paused)
    {
        if (
            Refuses(
                paused ? ChangeDecisions.Pause(_state, Now()) : ChangeDecisions.Unpause(_state, Now()),
                out var decided
            )
        )
        {
            return;
        }
        _pausers.Add((Sender, paused));
        Timers.StartSingleTimer(nameof(PauseLimitPassed), new PauseLimitPassed(), ChangeLimit);
        Decide(decided.Events);
    }

    private void OnPauseLimitPassed()
    {
        // A refused pause must not come true later: a pause without confirmation is taken back.
        var takeBack = !_live.Paused && _pausers.Exists(pauser => pauser.Paused);
        RefusePausers(
            new Refusal(
                FaultCode.Unavailable,
                $"The media side of session {_state.Id} has not confirmed the change within {ChangeLimit.TotalSeconds:0} seconds; look at the session's state and try again."
            )
        );
        Decide(takeBack ? ChangeDecisions.Unpause(_state, Now()).Events : []);
    }

    private void OnGetThumbnail(GetThumbnail get)
    {
        if ((ChangeDecisions.WhyNoThumbnail(_state) ?? WhyNoMedia()) is { } refusal)
        {
            Sender.Tell(new ThumbnailUnavailable(get.Id, refusal.Code, refusal.Message));
            return;
        }

        // One picture serves everyone who asks while the picture is being made. The picture is older than a question
        // by at most the time of its making.
        _thumbnailAskers.Add(Sender);
        if (_thumbnailAskers.Count > 1)
        {
            return;
        }
        Timers.StartSingleTimer(nameof(ThumbnailLimitPassed), new ThumbnailLimitPassed(), ChangeLimit);
        _media.Tell(new TakeThumbnail());
    }

    private void OnThumbnail(IMediaEvent heard)
    {
        Timers.Cancel(nameof(ThumbnailLimitPassed));
        AnswerAll(
            _thumbnailAskers,
            heard switch
            {
                ThumbnailTaken taken => new SessionThumbnail(_state.Id, taken.Jpeg, taken.At),
                ThumbnailFailed failed => new ThumbnailUnavailable(_state.Id, FaultCode.Unavailable, failed.Message),
                _ => throw new ArgumentOutOfRangeException(
                    nameof(heard),
                    heard.GetType(),
                    "This is no answer about a thumbnail."
                ),
            }
        );
    }

    /// <summary>Answers the askers whose wish has come true, after the write, and the askers whose session has ended
    /// meanwhile.</summary>
    private void AnswerChanges()
    {
        if (_state.Waits)
        {
            return;
        }
        if (!_state.Lasting)
        {
            RefuseChanges(new Refusal(FaultCode.NotRunning, $"Session {_state.Id} does not run any more."));
            return;
        }

        if (_targetChangers.Count > 0)
        {
            AnswerAll(_targetChangers, new SessionChanged(Details()));
        }
        if (!_state.CurrentOpened)
        {
            RefuseThumbnails(
                new Refusal(
                    FaultCode.Unavailable,
                    $"Session {_state.Id} has lost its media; ask again in a few seconds."
                )
            );
        }

        // Without media nothing is written, which fulfils a pause. The next record learns of the pause before it
        // begins.
        foreach (var (asker, _) in _pausers.Where(Fulfilled).ToList())
        {
            asker.Tell(new SessionChanged(Details()));
        }
        _pausers.RemoveAll(pauser => Fulfilled(pauser));
        if (_pausers.Count == 0)
        {
            Timers.Cancel(nameof(PauseLimitPassed));
        }

        bool Fulfilled((IActorRef Asker, bool Paused) pauser) => !_state.CurrentOpened || pauser.Paused == _live.Paused;
    }

    private void RefuseChanges(Refusal refusal)
    {
        AnswerAll(_targetChangers, new ChangeRefused(_state.Id, refusal.Code, refusal.Message));
        RefusePausers(refusal);
        RefuseThumbnails(refusal);
    }

    private void RefusePausers(Refusal refusal)
    {
        Timers.Cancel(nameof(PauseLimitPassed));
        foreach (var (asker, _) in _pausers)
        {
            asker.Tell(new ChangeRefused(_state.Id, refusal.Code, refusal.Message));
        }
        _pausers.Clear();
    }

    private void RefuseThumbnails(Refusal refusal)
    {
        Timers.Cancel(nameof(ThumbnailLimitPassed));
        AnswerAll(_thumbnailAskers, new ThumbnailUnavailable(_state.Id, refusal.Code, refusal.Message));
    }

    /// <summary>Whether a wish is refused. If so, the asker has been answered here.</summary>
    private bool Refuses(ChangeDecision decision, out ChangeDecision decided)
    {
        decided = decision;
        if ((decision.Refusal ?? WhyNoMedia()) is not { } refusal)
        {
            return false;
        }
        Sender.Tell(new ChangeRefused(_state.Id, refusal.Code, refusal.Message));
        return true;
    }

    /// <summary>Why the session cannot act now, or null. A session whose node went away may exist here before it is
    /// resumed; until then nothing acts for the session.</summary>
    private Refusal? WhyNoMedia() =>
        Alive && !Leaving
            ? null
            : new Refusal(
                FaultCode.Unavailable,
                $"Session {_state.Id} is between two nodes; ask again in a few seconds."
            );

    private SessionDetails Details() =>
        new(
            _state.Summarise() with
            {
                EndsAt = EndingDecisions.Next(_state, Now())?.At,
            },
            _live.Outputs(_state, Now().At),
            _state.Ended ? null : _live.Grew?.Capture,
            _state.Ended ? null : _live.Grew?.Rtp,
            _live.Paused
        );

    private sealed record PauseLimitPassed;

    private sealed record ThumbnailLimitPassed;
}
