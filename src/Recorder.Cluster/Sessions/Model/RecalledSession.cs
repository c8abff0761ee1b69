namespace Recorder.Cluster.Sessions.Model;

/// <summary>
/// Makes the state of a session that ended long ago from what the lists have of it. What no list tells is left out: the
/// pauses and the lost records. Pure.
/// </summary>
internal static class RecalledSession
{
    /// <summary>The state from which later events go on.</summary>
    /// <param name="empty">The session without any event.</param>
    /// <param name="summary">What the lists have of the session.</param>
    public static SessionState Of(SessionState empty, SessionSummary summary) =>
        empty with
        {
            Phase = summary.Phase,
            PhaseSince = summary.PhaseSince,
            Spec = summary.Spec,
            Node = summary.Node,
            Attempt = summary.Attempt,
            Started = summary.EverRecorded,
            Outcome = summary.EndReason is { } reason
                ? new SessionOutcome(summary.Phase, null, null) { Reason = reason }
                : null,
            Records = [.. RecordId.Of(summary).SelectMany(item => RecordsOf(item.Id.Number, item.Record, summary))],
            Faults = summary.Faults,
            Gaps = summary.Gaps,
            FinalOutputs = summary.Outputs,
            Endpoint = summary.Endpoint,
            Marks = summary.Marks,
        };

    private static IEnumerable<RecordState> RecordsOf(int number, RecordSummary record, SessionSummary session)
    {
        var opened = record.OpenedAt ?? session.PhaseSince;
        if (record.LostSince is { } lost)
        {
            // Stands for the lost records before this one, which are in no list. No number is ever given twice.
            yield return new RecordState("", record.Attempt, lost)
            {
                Number = -number,
                OpenedAt = lost,
                Lost = true,
            };
        }
        yield return new RecordState(record.Path, record.Attempt, opened)
        {
            Number = number,
            Node = record.Node ?? session.Node,
            Folder = record.Folder,
            Away = record.Away,
            OpenedAt = record.OpenedAt,
            Duration = record.Duration,
            Bytes = record.Bytes,
            Repaired = record.Repaired,
            Hls = record.Hls,
            Found = record.Found,
            Apart = record.Apart,
            Counted = true,
            FramesCaptured = record.FramesCaptured,
            FramesRecorded = record.FramesCaptured,
            FramesDropped = record.FramesDropped,
            ClosedAt = record.ClosedAt,
            Sha256 = record.Sha256,
            ManifestGivenUp = record.Sha256 is null,
            Deliveries = record.Deliveries,
            Hold = record.Hold,
            Erasing = record.Erasing,
        };
    }
}
