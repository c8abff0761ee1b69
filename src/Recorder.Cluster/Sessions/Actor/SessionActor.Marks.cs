using Akka.Actor;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>How a session answers those who mark a moment.</summary>
internal sealed partial class SessionActor
{
    /// <summary>The askers by the id of their mark; they are answered once the mark has its place.</summary>
    private readonly Dictionary<string, IActorRef> _markers = new(StringComparer.Ordinal);

    private void HearOfMarks()
    {
        Command<MarkSession>(OnMark);
        Command<MarkLimitPassed>(_ => AnswerMarks(all: true));
    }

    private void OnMark(MarkSession mark)
    {
        var now = Now();
        if (Refuses(MarkDecisions.Mark(_state, mark.Title, now.At, now), out var decided))
        {
            return;
        }
        foreach (var given in decided.Events.OfType<MarkGiven>())
        {
            _markers[given.Mark] = Sender;
        }
        Timers.StartSingleTimer(nameof(MarkLimitPassed), new MarkLimitPassed(), ChangeLimit);
        Decide(decided.Events);
    }

    /// <summary>Answers those whose mark has its place, or cannot have a place at present.</summary>
    /// <param name="all">Whether nobody waits any longer. The marks are in the journal, and get their place
    /// later.</param>
    private void AnswerMarks(bool all = false)
    {
        all |= !_state.CurrentOpened || !_state.Lasting;
        foreach (var (id, asker) in _markers.ToList())
        {
            if (_state.Marks.Find(mark => mark.Id == id) is { } mark && (all || mark.At is not null))
            {
                _markers.Remove(id);
                asker.Tell(new SessionMarked(_state.Id, mark));
            }
        }
        if (_markers.Count == 0)
        {
            Timers.Cancel(nameof(MarkLimitPassed));
        }
    }

    private sealed record MarkLimitPassed;
}
