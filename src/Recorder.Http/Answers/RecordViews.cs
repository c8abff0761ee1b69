using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Answers;

/// <summary>Turns records into the form of the API's answers. Pure.</summary>
internal static class RecordViews
{
    /// <summary>The state of a record of a session.</summary>
    /// <param name="session">The session; an ended session may come without its records.</param>
    /// <param name="record">The record.</param>
    public static RecordStage StageOf(SessionSummary session, RecordSummary record)
    {
        if (record.Erasing is { } erasing)
        {
            return erasing.Done is null ? RecordStage.Erasing : RecordStage.Erased;
        }
        if (record.Finished)
        {
            return RecordStage.Finished;
        }
        return
            session.Phase
                is SessionPhase.Starting
                    or SessionPhase.WaitingToBegin
                    or SessionPhase.WaitingToEnter
                    or SessionPhase.Recording
                    or SessionPhase.Stopping
            && session.Records is [.., var last]
            && last.Path == record.Path
            && record.Away is null
            ? RecordStage.Growing
            : RecordStage.Unrepaired;
    }

    /// <summary>Everything that is known about a record.</summary>
    /// <param name="item">The record.</param>
    /// <param name="retention">How long the farm keeps records.</param>
    public static LibraryRecordAnswer Detailed(this SessionRecord item, RetentionPolicy retention)
    {
        var (id, session, record) = item;
        return new LibraryRecordAnswer(
            id.ToString(),
            session.Id.Value,
            record.Attempt,
            StageOf(session, record),
            Path.GetFileName(record.Path),
            session.Spec.Container,
            record.OpenedAt,
            record.Duration?.TotalSeconds,
            record.Bytes,
            record.Sha256,
            record.Repaired,
            record.Node ?? session.Node,
            record.Folder?.ToString(),
            record.Away,
            session.Spec.Name,
            SpecAnswer.LabelsOf(session.Spec),
            [.. record.Deliveries.Select(SessionViews.DeliveryOf)],
            RecordCopies.Of(session, record),
            record.Erasing is null ? retention.ExpiresAt(session.Spec, record) : null,
            record.Hold is { } hold ? new HoldAnswer(hold.Since, hold.Reason) : null,
            record.Erasing is { } erasing
                ? new ErasingAnswer(erasing.Since, erasing.Cause, erasing.Reason, erasing.Done, erasing.Obstacle)
                : null
        );
    }
}
