using Akka.Actor;
using Akka.Event;
using PuppeteerSharp;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Parts;

namespace Recorder.Node.Browsing;

/// <summary>How the browser watches for what may end the session: words of the page, its address, what it
/// shows.</summary>
internal sealed partial class BrowserActor
{
    /// <summary>How often the page is asked what it shows of the things in the rules.</summary>
    private static readonly TimeSpan SightInterval = TimeSpan.FromSeconds(0.5);

    /// <summary>How often a condition may turn before its turns are held back.</summary>
    private const int MostTurns = 10;

    /// <summary>The shortest time between two turns of a condition that has turned often.</summary>
    private static readonly TimeSpan TurnPause = TimeSpan.FromSeconds(10);

    /// <summary>How old a word may be when the browser tells the word.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Said> _said = new(StringComparer.Ordinal);
    private EndRules _end = EndRules.None;
    private string? _home;
    private bool _selectorSeen;

    /// <summary>Before this time, a page that is shown again need not show the element of the rules yet.</summary>
    private DateTimeOffset _selectorFrom = DateTimeOffset.MinValue;
    private bool _asking;

    private void HearTheEnd()
    {
        _end = _setup.End;
        Receive<ShowPage>(shown => Show(shown.Spec));
        Receive<WatchPage>(watch => Watch(watch.End));
        Receive<Worded>(told => told.Life == _life, told => Hear(told.Word, told.Text, told.At));
        Receive<PageWent>(
            went => went.Life == _life && went.Failure is not null,
            went => Context.Parent.Tell(new BrowserChanged(new PageTroubled(Now, went.Failure!)))
        );
        Receive<SayAgain>(again => Say(again.Reason, again.Holds));
        Receive<SightDue>(_ => AskForSight());
        Receive<Sighted>(seen => seen.Life == _life, Judge);
    }

    /// <summary>Lets the page go to another address, or have another style sheet. A browser that is started again
    /// shows the new address too.</summary>
    private void Show(PageSessionSpec spec)
    {
        var before = _setup.Spec;
        _setup = _setup with { Spec = spec };
        if (_page is not { } page || _lost)
        {
            return;
        }
        var (life, goes) = (_life, spec.Page != before.Page);
        if (goes)
        {
            _home = null;
            Say(EndReason.NavigatedAway, holds: false);
        }
        ChangeAsync(page, before, spec)
            .PipeTo(
                Self,
                success: failure => new PageWent(life, failure),
                failure: error => new PageWent(life, error.Message)
            );
    }

    /// <summary>A page without its layout is better than no record.</summary>
    private async Task TryLayOutAsync(BrowserPage page, string run)
    {
        try
        {
            await page.LayOutAsync(_setup.Spec.Settings, ProbeLimit);
        }
        catch (Exception error) when (error is JoinFailedException or PuppeteerException)
        {
            _log.Warning("Browser of {0}: {1} The page is recorded without the layout.", run, error.Message);
        }
    }

    /// <summary>Returns why the page cannot be shown as it should, or null.</summary>
    private async Task<string?> ChangeAsync(BrowserPage page, PageSessionSpec before, PageSessionSpec spec)
    {
        try
        {
            if (spec.Settings is { } settings)
            {
                page.Keep(settings);
            }
            if (spec.Settings?.WholeCss != before.Settings?.WholeCss)
            {
                await page.StyleAsync(spec.Settings?.WholeCss ?? "", ProbeLimit);
            }
            if (spec.Settings?.Layout != before.Settings?.Layout && spec.Page == before.Page)
            {
                await page.LayOutAsync(spec.Settings, ProbeLimit);
            }
            if (spec.Page != before.Page)
            {
                await page.GoElsewhereAsync(spec.Page, _setup.Options.PageLimit, _setup.Options.PageSettleLimit);
            }
            return null;
        }
        catch (Exception error)
            when (error is PageFailedException or JoinFailedException or PuppeteerException or TimeoutException)
        {
            return error.Message;
        }
    }

    private void Watch(EndRules end)
    {
        if (end.Selector != _end.Selector)
        {
            _selectorSeen = false;
        }
        _end = end;
        WatchSight();
    }

    /// <summary>The page is shown for the first or another time.</summary>
    private void WatchPage()
    {
        _selectorFrom = _selectorSeen ? Now + BeginRule.RejoinTime : DateTimeOffset.MinValue;
        _asking = false;
        WatchSight();
        if (_page is { } page)
        {
            var (life, self) = (_life, Self);
            _ = page.HearWordsAsync(
                (word, text, at) => self.Tell(new Worded(life, word, text, at), ActorRefs.NoSender),
                _ended.Token
            );
        }
    }

    private void WatchSight()
    {
        if (PageEndSight.Question(_end) is not null && _page is not null)
        {
            Timers.StartPeriodicTimer(nameof(SightDue), SightDue.Instance, SightInterval);
        }
        else
        {
            Timers.Cancel(nameof(SightDue));
        }
    }

    private void AskForSight()
    {
        var watched = _entered && !_lost && !_returning;
        if (_asking || !watched || _page is not { } page || PageEndSight.Question(_end) is not { } question)
        {
            return;
        }
        var (life, rules) = (_life, _end);
        _asking = true;
        page.SeeTheEndAsync(question, HeartbeatLimit)
            .PipeTo(
                Self,
                success: sight => new Sighted(life, rules, sight),
                failure: _ => new Sighted(life, rules, null)
            );
    }

    private void Judge(Sighted seen)
    {
        _asking = false;
        if (seen.Sight is not { } sight || seen.Rules != _end)
        {
            return;
        }
        if (sight.Failure is { } failure && MayTellFailure())
        {
            TellFailed("A selector of end", "ends nothing", failure);
        }
        if (sight.Selector is { } shown)
        {
            if (shown)
            {
                (_selectorSeen, _selectorFrom) = (true, DateTimeOffset.MinValue);
            }
            if (_selectorSeen && Now >= _selectorFrom)
            {
                Say(EndReason.SelectorGone, !shown);
            }
        }
        if (sight.Text is { } text)
        {
            Say(EndReason.Text, text);
        }
        if (sight.Others is { } others && _end.Alone is { } alone)
        {
            Say(EndReason.Alone, others <= alone.AtMost);
        }
    }

    private void Hear(string word, string text, DateTimeOffset? at)
    {
        switch (word)
        {
            case "end" when _entered:
                _log.Info("Browser of {0}: the page says that its record ends. {1}", _setup.Run.Path, text);
                Say(EndReason.EndSignal, holds: true);
                break;
            case "mark":
                // A page may have set its own clock. A word waits for a few seconds at most.
                var now = Now;
                Context.Parent.Tell(
                    new BrowserChanged(new PageMarks(text, at <= now && at > now - LongestWait ? at.Value : now))
                );
                break;
        }
    }

    /// <summary>The page has gone to another document. Before its record has begun, that is a part of
    /// joining.</summary>
    private void Went(string address)
    {
        // Documents on the way back into the meeting are no departure.
        if (!_entered || _lost || _returning)
        {
            return;
        }
        var here = WithoutFragment(address);
        if (_home is null)
        {
            _home = here;
        }
        else
        {
            Say(EndReason.NavigatedAway, here != _home);
        }
    }

    /// <summary>The page has changed its address within its document. Pages keep the state of their view in the query
    /// and in the fragment, so only another path is another address.</summary>
    private void Moved(string address)
    {
        if (!_entered || _returning)
        {
            return;
        }
        if (_home is null || PathOf(address) == PathOf(_home))
        {
            // A page that loads itself anew stays where it is.
            _home = WithoutFragment(address);
        }
        Went(address);
    }

    /// <summary>Tells the session, which knows the rules; the session passes over what ends nothing.</summary>
    /// <remarks>A page may change to and fro without end, and each change is written down.</remarks>
    private void Say(string reason, bool holds)
    {
        var said = _said.GetValueOrDefault(reason);
        if (said is not null && said.Holds != holds)
        {
            if (said.Turns >= MostTurns && Now - said.At < TurnPause)
            {
                Timers.StartSingleTimer(nameof(SayAgain) + reason, new SayAgain(reason, holds), TurnPause);
                return;
            }
            said = said with { Turns = said.Turns + 1 };
        }
        Timers.Cancel(nameof(SayAgain) + reason);
        _said[reason] = said?.Holds == holds ? said : new Said(holds, said?.Turns ?? 0, Now);
        Context.Parent.Tell(new BrowserChanged(new PageSays(reason, holds, Now)));
    }

    private static string PathOf(string address) => WithoutFragment(address).Split('?', 2)[0].TrimEnd('/');

    private static string WithoutFragment(string address) => address.Split('#', 2)[0];

    private sealed record PageWent(int Life, string? Failure) : IDeadLetterSuppression;

    private sealed record Said(bool Holds, int Turns, DateTimeOffset At);

    private sealed record SayAgain(string Reason, bool Holds);

    private sealed record Worded(int Life, string Word, string Text, DateTimeOffset? At) : IDeadLetterSuppression;

    private sealed record Sighted(int Life, EndRules Rules, PageEndSight? Sight) : IDeadLetterSuppression;

    private sealed record SightDue
    {
        public static SightDue Instance { get; } = new();
    }
}
