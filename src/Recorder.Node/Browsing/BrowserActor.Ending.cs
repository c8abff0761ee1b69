using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Parts;

namespace Recorder.Node.Browsing;

/// <summary>How the browser watches for what may end the session: words of the page, its address, an element.</summary>
internal sealed partial class BrowserActor
{
    /// <summary>How often the page is asked for the element of the rules.</summary>
    private static readonly TimeSpan SelectorInterval = TimeSpan.FromSeconds(0.5);

    private EndRules _end = EndRules.None;
    private string? _home;
    private bool _selectorSeen;
    private bool _asking;

    private void HearTheEnd()
    {
        _end = _setup.End;
        Receive<WatchPage>(watch => Watch(watch.End));
        Receive<Worded>(told => told.Life == _life, told => Hear(told.Word, told.Text));
        Receive<SelectorDue>(_ => AskForSelector());
        Receive<SelectorSeen>(seen => seen.Life == _life, Judge);
    }

    private void Watch(EndRules end)
    {
        if (end.Selector != _end.Selector)
        {
            _selectorSeen = false;
        }
        _end = end;
        WatchSelector();
    }

    /// <summary>The page is shown for the first or another time.</summary>
    private void WatchPage()
    {
        _selectorSeen = false;
        _asking = false;
        WatchSelector();
        if (_page is { } page && HearsWords)
        {
            var (life, self) = (_life, Self);
            _ = page.HearWordsAsync(
                (word, text) => self.Tell(new Worded(life, word, text), ActorRefs.NoSender),
                _ended.Token
            );
        }
    }

    private bool HearsWords => Rule?.When == BeginWhen.Signal || _setup.Spec.End is not null;

    private void WatchSelector()
    {
        if (_end.Selector is not null && _end.Page.Contains(EndPageWord.SelectorGone) && _page is not null)
        {
            Timers.StartPeriodicTimer(nameof(SelectorDue), SelectorDue.Instance, SelectorInterval);
        }
        else
        {
            Timers.Cancel(nameof(SelectorDue));
        }
    }

    private void AskForSelector()
    {
        if (_asking || _lost || _page is not { } page || _end.Selector is not { } selector)
        {
            return;
        }
        var life = _life;
        _asking = true;
        page.ShowsAsync(selector, HeartbeatLimit)
            .PipeTo(
                Self,
                success: shown => new SelectorSeen(life, shown),
                failure: _ => new SelectorSeen(life, null)
            );
    }

    private void Judge(SelectorSeen seen)
    {
        _asking = false;
        if (seen.Shown is not { } shown)
        {
            return;
        }
        _selectorSeen |= shown;
        if (_selectorSeen)
        {
            Say(EndReason.SelectorGone, !shown);
        }
    }

    private void Hear(string word, string text)
    {
        switch (word)
        {
            case "end":
                _log.Info("Browser of {0}: the page says that its record ends. {1}", _setup.Run.Path, text);
                Say(EndReason.EndSignal, holds: true);
                break;
            case "mark":
                _log.Info("Browser of {0}: the page marks this moment: {1}", _setup.Run.Path, text);
                break;
        }
    }

    /// <summary>The page has gone to another document. Before its record has begun, that is a part of
    /// joining.</summary>
    private void Went(string address)
    {
        if (!_entered || _lost)
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

    /// <summary>Tells the session, which knows the rules; the session passes over what ends nothing.</summary>
    private void Say(string reason, bool holds) =>
        Context.Parent.Tell(new BrowserChanged(new PageSays(reason, holds, Now)));

    private static string WithoutFragment(string address) => address.Split('#', 2)[0];

    private sealed record Worded(int Life, string Word, string Text) : IDeadLetterSuppression;

    private sealed record SelectorSeen(int Life, bool? Shown) : IDeadLetterSuppression;

    private sealed record SelectorDue
    {
        public static SelectorDue Instance { get; } = new();
    }
}
