using Akka.Actor;
using Akka.Cluster.Sharding;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>What a session reports to the farm's list, and when it answers its askers.</summary>
internal sealed partial class SessionActor
{
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SignOfLifeInterval = TimeSpan.FromSeconds(10);

    private readonly List<IActorRef> _starters = [];
    private readonly List<IActorRef> _stoppers = [];

    /// <summary>The number of the newest event that is news to the list. Mere growth of a record is no
    /// news.</summary>
    private long _newsVersion;

    /// <summary>Whether the news has been reported. Starts false: the previous incarnation may have crashed before its
    /// report was sent.</summary>
    private bool _reported;
    private long _reportVersion;

    private void HearTheList()
    {
        Command<ReportAccepted>(OnReportAccepted);
        Command<ReportDue>(_ => Report());
        Command<ReportLimitPassed>(_ => Answer());
    }

    /// <summary>Reports to the farm's list, repeatedly until the list has answered. While the session runs, reports
    /// also show that the session is alive.</summary>
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

        // Manifests take seconds; the session is woken again for anything that takes longer. While a delivery gives
        // signs of life, the session stays awake.
        if (AwaitsErasing)
        {
            return;
        }
        if (_manifestsAwaited.Count > 0 || AwaitsDeliveries)
        {
            if (!Timers.IsTimerActive(nameof(RepairPatienceEnded)))
            {
                Timers.StartSingleTimer(nameof(RepairPatienceEnded), new RepairPatienceEnded(), RepairPatience);
            }
            return;
        }

        // With a stop message of our own, every question that was sent before is still answered.
        Context.Parent.Tell(new Passivate(LeaveNode.Instance));
    }

    /// <summary>Answers the askers who wait for a phase that has been reached. The list must know of the phase, or
    /// have failed to confirm within the limit.</summary>
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

    private SessionSummary Summarise() => _state.Summarise() with
    {
        Outputs = _live.Outputs(_state, Now().At),
        EndsAt = EndingDecisions.Next(_state, Now())?.At,
    };

    /// <summary>The last answers of an incarnation that stops, for the askers who still wait.</summary>
    private void AnswerAsStopped()
    {
        RefuseChanges(
            new Refusal(
                FaultCode.Unavailable,
                $"The node of session {_state.Id} stopped or lost its database; ask again."
            )
        );
        foreach (var asker in _erasers.Select(eraser => eraser.Asker).Concat(_holdAskers))
        {
            asker.Tell(
                new KeepingRefused(
                    _state.Id,
                    FaultCode.Unavailable,
                    $"The node of session {_state.Id} stopped or lost its database; ask again."
                )
            );
        }
        AnswerAll(
            _retriers,
            new ChangeRefused(
                _state.Id,
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
