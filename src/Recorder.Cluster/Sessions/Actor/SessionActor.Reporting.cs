using Akka.Actor;
using Akka.Cluster.Sharding;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>What a session tells the farm's list, and when it answers whoever asked it.</summary>
internal sealed partial class SessionActor
{
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SignOfLifeInterval = TimeSpan.FromSeconds(10);

    private readonly List<IActorRef> _starters = [];
    private readonly List<IActorRef> _stoppers = [];

    /// <summary>The number of the newest event that is news to the list: a record that only grew is not.</summary>
    private long _newsVersion;

    /// <summary>Whether the news has been told. An incarnation begins with telling: the one before may have died of the
    /// telling.</summary>
    private bool _reported;
    private long _reportVersion;

    private void HearTheList()
    {
        Command<ReportAccepted>(OnReportAccepted);
        Command<ReportDue>(_ => Report());
        Command<ReportLimitPassed>(_ => Answer());
    }

    /// <summary>Tells the farm's list, again and again until it has answered; while the session runs it also shows that
    /// it is alive.</summary>
    private void Report()
    {
        if (_state.Spec is null)
        {
            return;
        }
        if (!_reported)
        {
            _reported = true;
            _reportVersion = _newsVersion;
            Timers.StartSingleTimer(nameof(ReportLimitPassed), new ReportLimitPassed(), Options.ReportLimit);
        }

        _surroundings.Placement.Tell(new ReportSession(Summarise(), _newsVersion));
        Timers.StartSingleTimer(nameof(ReportDue), new ReportDue(), RepeatInterval);
    }

    private void OnReportAccepted(ReportAccepted accepted)
    {
        if (!_reported || accepted.Version < _reportVersion)
        {
            return;
        }
        Timers.Cancel(nameof(ReportLimitPassed));
        Answer();
        if (!_state.Ended)
        {
            Timers.StartSingleTimer(nameof(ReportDue), new ReportDue(), SignOfLifeInterval);
            return;
        }

        Timers.Cancel(nameof(ReportDue));

        // Its manifests are a matter of seconds; for what takes longer it is woken again. While a delivery gives signs
        // of life, it stays awake.
        if (_manifestsAwaited.Count > 0 || AwaitsDeliveries)
        {
            if (!Timers.IsTimerActive(nameof(RepairPatienceEnded)))
            {
                Timers.StartSingleTimer(nameof(RepairPatienceEnded), new RepairPatienceEnded(), RepairPatience);
            }
            return;
        }

        // With a stop message of our own, what has been asked before it is still heard before it.
        Context.Parent.Tell(new Passivate(LeaveNode.Instance));
    }

    /// <summary>Answers whoever waits for a phase that has been reached and that the list knows of, or has not
    /// confirmed for too long.</summary>
    private void Answer()
    {
        if (Timers.IsTimerActive(nameof(ReportLimitPassed)))
        {
            return;
        }
        if (_state.Started)
        {
            AnswerAll(_starters, Started());
        }
        if (!_state.Ended || !_media.IsNobody() || !_endingMedia.IsNobody())
        {
            return;
        }
        AnswerAll(
            _starters,
            new StartFailed(
                _state.Id,
                _state.Outcome?.Code ?? FaultCode.Unavailable,
                _state.Outcome?.Message ?? $"Session {_state.Id} ended before it recorded."
            )
        );
        AnswerAll(_stoppers, new StopDone(_state.Id));
    }

    private SessionRecords Started() => new(_state.Id) { Endpoint = _state.Endpoint };

    private SessionSummary Summarise() => _state.Summarise() with { Outputs = _live.Outputs(_state, Now().At) };

    /// <summary>The last word of an incarnation that stops, for those who still wait.</summary>
    private void AnswerAsStopped()
    {
        RefuseChanges(
            new Refusal(
                FaultCode.Unavailable,
                $"The node of session {_state.Id} stopped or lost its database; ask again."
            )
        );
        Timers.Cancel(nameof(ReportLimitPassed));
        Answer();
        AnswerAll(
            _starters,
            new StartFailed(
                _state.Id,
                FaultCode.Unavailable,
                $"The node of session {_state.Id} stopped or lost its database before the first frame was written; start it again."
            )
        );
        _stoppers.AddRange(_forNext.Where(held => held.Message is StopSession).Select(held => held.Asker));
        AnswerAll(
            _stoppers,
            new StopFailed(
                _state.Id,
                FaultCode.Unavailable,
                $"The node of session {_state.Id} stopped or lost its database before the record was finalised; stop it again."
            )
        );
    }

    private static void AnswerAll(List<IActorRef> waiting, object reply)
    {
        foreach (var asker in waiting)
        {
            asker.Tell(reply);
        }
        waiting.Clear();
    }

    private sealed record ReportDue;

    private sealed record ReportLimitPassed;
}
