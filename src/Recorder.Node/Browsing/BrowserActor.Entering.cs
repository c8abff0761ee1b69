using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Parts;

namespace Recorder.Node.Browsing;

/// <summary>To the browser: take a picture of the page. Answered by <see cref="BrowserChanged"/> with a
/// <see cref="ThumbnailTaken"/> or a <see cref="ThumbnailFailed"/>.</summary>
internal sealed record TakePagePicture
{
    /// <summary>The message.</summary>
    public static TakePagePicture Instance { get; } = new();
}

/// <summary>How the browser waits until the page says that its record may begin.</summary>
internal sealed partial class BrowserActor
{
    /// <summary>How often a page that waits is told to the session again, as evidence.</summary>
    private static readonly TimeSpan WaitInterval = TimeSpan.FromSeconds(2);

    private bool _entered;
    private bool _inLobby;
    private bool _returning;
    private string? _failureTold;
    private DateTimeOffset? _failureToldAt;

    /// <summary>How long the time of a schedule is still away; zero without one, and for a page that was recorded
    /// before.</summary>
    private TimeSpan Early =>
        !_entered && !_setup.Rejoins && Rule?.NotBefore - Now is { } early && early > TimeSpan.Zero
            ? early
            : TimeSpan.Zero;

    /// <summary>The rule for the beginning; null: the page begins as soon as the page is shown.</summary>
    private BeginRule? Rule => _setup.Anyway ? null : _setup.Spec.Begin;

    private void HearThePage()
    {
        Receive<Entering>(told => told.Life == _life && Rule is not null, Hear);
        Receive<WaitDue>(_ => TellWait());
        Receive<BeginAnyway>(_ => BeginWhateverIsShown());
        Receive<BeginMayCome>(told => told.Life == _life && !_entered, _ => AskThePage());
        Receive<RejoinLimitPassed>(passed => passed.Life == _life, _ => Enter());
        Receive<TakePagePicture>(_ => TakePicture());
    }

    /// <summary>Asks the page whether its record may begin. A page without a rule has begun.</summary>
    private void AwaitEntrance()
    {
        if (Rule is not { } rule || _page is not { } page)
        {
            Enter();
            return;
        }
        var life = _life;
        _inLobby = false;
        if (_entered || _setup.Rejoins)
        {
            Timers.StartSingleTimer(nameof(RejoinLimitPassed), new RejoinLimitPassed(life), BeginRule.RejoinTime);
        }
        else
        {
            Timers.StartPeriodicTimer(nameof(WaitDue), WaitDue.Instance, WaitInterval);
        }

        AskThePage();
    }

    private void BeginWhateverIsShown()
    {
        _setup = _setup with { Anyway = true };
        if (_page is not null && !_lost && _shown)
        {
            Enter();
        }
    }

    private void AskThePage()
    {
        if (Rule is not { } rule || _page is not { } page)
        {
            return;
        }
        var (life, self) = (_life, Self);

        // The loss of the page is found elsewhere.
        _ = page.EnterAsync(rule, news => self.Tell(new Entering(life, news), ActorRefs.NoSender), _ended.Token);
    }

    private void Hear(Entering told)
    {
        if (told.News.Failure is { } failure && failure != _failureTold && MayTellFailure())
        {
            _failureTold = failure;
            TellFailed($"The {(Rule?.When == BeginWhen.Script ? "script" : "selector")} of begin", "counts as no", failure);
        }
        if (told.News.Entered && Early is var early && early > TimeSpan.Zero)
        {
            // The page may turn away again before the time of its schedule, so the page is asked again then.
            _inLobby = false;
            TellWait();
            Timers.StartSingleTimer(nameof(BeginMayCome), new BeginMayCome(_life), early);
            return;
        }
        if (told.News.Entered)
        {
            Enter();
            return;
        }
        _inLobby = told.News.InLobby;
        TellWait();
    }

    /// <summary>Whether another failure may be told. A page may make each failure another one.</summary>
    private bool MayTellFailure()
    {
        if (Now - _failureToldAt < TroublePause)
        {
            return false;
        }
        _failureToldAt = Now;
        return true;
    }

    /// <summary>Tells the session that something of the caller's failed in the page.</summary>
    private void TellFailed(string what, string then, string failure)
    {
        _log.Warning("Browser of {0}: {1} failed: {2}", _setup.Run.Path, what, failure);
        Context.Parent.Tell(
            new BrowserChanged(
                new PageTroubled(Now, $"{what} failed in the page and {then}: {failure}")
                {
                    Code = FaultCode.PageScriptFailed,
                }
            )
        );
    }

    private void TellWait()
    {
        if (!_entered && !_setup.Rejoins && !_lost && _page is not null)
        {
            Context.Parent.Tell(new BrowserChanged(new PageWaits(_inLobby, Now)));
        }
    }

    private void Enter()
    {
        Timers.Cancel(nameof(WaitDue));
        Timers.Cancel(nameof(RejoinLimitPassed));
        _home = _page is { } shown ? WithoutFragment(shown.Address) : null;
        if (!_entered)
        {
            _entered = true;
            if (Rule is not null)
            {
                Context.Parent.Tell(new PageEntered());
            }
        }
        if (_returning)
        {
            _returning = false;
            _log.Info("Browser of {0}: shows the page again.", _setup.Run.Path);
            Context.Parent.Tell(new BrowserChanged(new BrowserRestored(Now)));
        }

        // What an earlier document or browser has said does not hold for this one.
        foreach (var reason in new[] { EndReason.NavigatedAway, EndReason.Closed })
        {
            if (_setup.Rejoins || _said.GetValueOrDefault(reason)?.Holds == true)
            {
                Say(reason, holds: false);
            }
        }
    }

    private void TakePicture()
    {
        var parent = Context.Parent;
        if (_page is not { } page)
        {
            parent.Tell(new BrowserChanged(new ThumbnailFailed("The browser is being started; ask again in a second.")));
            return;
        }
        var (video, now) = (_setup.Spec.Video, Now);
        page.PictureAsync(video.Width, video.Height)
            .PipeTo(
                parent,
                Self,
                jpeg =>
                    new BrowserChanged(
                        jpeg is null
                            ? new ThumbnailFailed("The page gave no picture; ask again.")
                            : new ThumbnailTaken(jpeg, now)
                    ),
                error => new BrowserChanged(new ThumbnailFailed("The page gave no picture: " + error.Message))
            );
    }

    private sealed record Entering(int Life, EntranceNews News) : IDeadLetterSuppression;

    private sealed record RejoinLimitPassed(int Life);

    private sealed record BeginMayCome(int Life);

    private sealed record WaitDue
    {
        public static WaitDue Instance { get; } = new();
    }
}
