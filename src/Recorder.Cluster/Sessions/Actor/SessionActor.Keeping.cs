using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>
/// How a session keeps and erases its records. The erasing is written first. Then the node that holds the files is
/// asked to remove them, and the outcome is written too. When that node is away, the erasing stays open: the session is
/// woken when the node is back, by the placement or by the node's sweeper.
/// </summary>
internal sealed partial class SessionActor
{
    /// <summary>How long an answer waits for the node that holds the files.</summary>
    private static readonly TimeSpan EraseLimit = TimeSpan.FromSeconds(4);

    /// <summary>The askers of erasings, each with the numbers of its records.</summary>
    private readonly List<(IActorRef Asker, ImmutableList<int> Numbers)> _erasers = [];

    /// <summary>The askers who have changed a hold; they are answered after the write.</summary>
    private readonly List<IActorRef> _holdAskers = [];

    /// <summary>The records whose files were asked to be removed and are not yet.</summary>
    private readonly HashSet<string> _erasingAsked = [];

    private bool AwaitsErasing => Timers.IsTimerActive(nameof(EraseLimitPassed));

    private void HearOfKeeping()
    {
        Command<EraseRecords>(OnErase);
        Command<HoldRecord>(hold =>
            OnHold(hold, state => KeepingDecisions.Hold(state, hold.Number, hold.Reason, Now()))
        );
        Command<ReleaseRecord>(release =>
            OnHold(release, state => KeepingDecisions.Release(state, release.Number, Now()))
        );
        Command<EraseFilesReply>(OnFilesErased);
        Command<EraseLimitPassed>(_ => OnEraseLimitPassed());
    }

    private void OnErase(EraseRecords erase)
    {
        if (
            Settled(
                erase,
                state => KeepingDecisions.Erase(state, erase.Numbers, erase.Cause, erase.Reason, Now())
            )
            is { } decided
        )
        {
            _erasers.Add((Sender, erase.Numbers));

            // Also an earlier erasing that waits for its node is asked for again.
            _erasingAsked.Clear();
            Decide(decided);
        }
    }

    private void OnHold(KeepingMessage message, Func<SessionState, ChangeDecision> decide)
    {
        if (Settled(message, decide) is { } decided)
        {
            _holdAskers.Add(Sender);
            Decide(decided);
        }
    }

    /// <summary>The events that follow from a message; null when the message is refused, so that the asker has been
    /// answered.</summary>
    private ImmutableList<ISessionEvent>? Settled(
        KeepingMessage message,
        Func<SessionState, ChangeDecision> decide
    )
    {
        if (KeepingDecisions.Recall(_state, message.Known, Now()) is not { } recalled)
        {
            return Refused(new Refusal(FaultCode.NoSuchSession, $"There is no session {message.Id}."));
        }

        // Only the incarnation that acts for a running session may write its events.
        var state = recalled.Aggregate(_state, (state, happened) => state.Apply(happened));
        if (!state.Ended && WhyNoMedia() is { } between)
        {
            return Refused(between);
        }
        var decided = decide(state);
        return decided.Refusal is { } refusal ? Refused(refusal)
            : decided.Events.IsEmpty ? decided.Events
            : recalled.AddRange(decided.Events);

        ImmutableList<ISessionEvent>? Refused(Refusal refusal)
        {
            Sender.Tell(new KeepingRefused(message.Id, refusal.Code, refusal.Message));

            // A session that was woken only for this question sleeps again.
            if (_state.Ended)
            {
                Report();
            }
            else if (_state.Phase == SessionPhase.New)
            {
                Context.Parent.Tell(new Akka.Cluster.Sharding.Passivate(LeaveNode.Instance));
            }
            return null;
        }
    }

    /// <summary>Asks for the files that are to be removed, and answers the askers whose records are gone.</summary>
    private void SeeToErasing()
    {
        if (_holdAskers.Count > 0)
        {
            AnswerAll(_holdAskers, Changed());
        }
        var due = _state.Records.FindAll(record => record.ErasingDue);
        if (due.IsEmpty)
        {
            Timers.Cancel(nameof(EraseLimitPassed));
            _erasingAsked.Clear();
        }
        else if (!_leaving)
        {
            foreach (var record in due.Where(record => _erasingAsked.Add(record.Path)))
            {
                AskForErasing(record);
                Timers.StartSingleTimer(nameof(EraseLimitPassed), new EraseLimitPassed(), EraseLimit);
            }
        }
        foreach (var eraser in _erasers.FindAll(eraser => KeepingDecisions.IsDone(_state, eraser.Numbers)))
        {
            eraser.Asker.Tell(Changed());
            _erasers.Remove(eraser);
        }
    }

    private void AskForErasing(RecordState record)
    {
        var ask = new EraseFiles(_state.Id, record.Path, !record.ManifestGivenUp) { Folder = record.Folder };
        if (IsHere(record))
        {
            _surroundings.Eraser.Tell(ask, Self);
            return;
        }

        // A folder may have moved to another node. A node that has not the folder keeps silent.
        var nodes = record.Folder is null ? [] : _surroundings.Recorders();
        foreach (var node in nodes.Add(NodeOf(record)).Distinct())
        {
            Context.ActorSelection($"{node}/user/{RecordEraserActor.Name}").Tell(ask, Self);
        }
    }

    private void OnFilesErased(EraseFilesReply heard)
    {
        var decided = KeepingDecisions.Hear(_state, heard, Now());
        if (heard is FilesNotErased failed)
        {
            Log.Warning("Session {0}: {1}", _state.Id, failed.Message);
        }
        else if (!decided.IsEmpty)
        {
            Log.Info("Session {0}: {1} is erased", _state.Id, heard.Path);
        }

        // An asker does not wait for a file that cannot be removed now.
        if (
            heard is FilesNotErased
            && _state.Records.TrueForAll(record => !record.ErasingDue || record.Path == heard.Path)
        )
        {
            Timers.StartSingleTimer(nameof(EraseLimitPassed), new EraseLimitPassed(), TimeSpan.Zero);
        }
        Decide(decided);
    }

    private void OnEraseLimitPassed()
    {
        var decided = KeepingDecisions.Unanswered(_state, Now());
        if (decided.IsEmpty)
        {
            AnswerErasers();
            if (_state.Ended)
            {
                Report();
            }
            return;
        }
        Decide(decided);
        Timers.StartSingleTimer(nameof(EraseLimitPassed), new EraseLimitPassed(), TimeSpan.Zero);
    }

    /// <summary>Answers everybody with the session as it is: what is still to be erased is written down.</summary>
    private void AnswerErasers()
    {
        foreach (var (asker, _) in _erasers)
        {
            asker.Tell(Changed());
        }
        _erasers.Clear();
    }

    private KeepingChanged Changed() => new KeepingChanged(_state.Summarise());

    private sealed record EraseLimitPassed;
}
