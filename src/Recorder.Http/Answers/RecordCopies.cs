using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Answers;

/// <summary>Where a record is. Pure.</summary>
internal static class RecordCopies
{
    /// <summary>The copy on the record's node, and those at its destinations.</summary>
    /// <param name="session">The session.</param>
    /// <param name="record">The record.</param>
    public static IReadOnlyList<CopyAnswer> Of(SessionSummary session, RecordSummary record) =>
        [
            new(record.Node ?? session.Node, null, Path.GetFileName(record.Path), OnNode(session, record), null),
            .. record
                .Deliveries.Where(delivery =>
                    delivery.What.IsEmpty || delivery.What.Contains(DeliveredFile.Record)
                )
                .Select(delivery => new CopyAnswer(
                    null,
                    delivery.To,
                    delivery.Name,
                    At(delivery),
                    IsVerified(delivery) ? delivery.Since : null
                )),
        ];

    private static CopyState OnNode(SessionSummary session, RecordSummary record) =>
        RecordViews.StageOf(session, record) switch
        {
            RecordStage.Erasing or RecordStage.Erased => CopyState.Erased,
            _ when record.Away is not null => CopyState.Away,
            RecordStage.Finished => CopyState.Present,
            _ => CopyState.Growing,
        };

    private static CopyState At(DeliverySummary delivery) =>
        delivery switch
        {
            { State: DeliveryState.Delivered, Partial: true } => CopyState.Partial,
            { State: DeliveryState.Delivered } => CopyState.Present,
            { State: DeliveryState.GivenUp } => CopyState.Missing,
            { SentBytes: > 0 } => CopyState.Growing,
            _ => CopyState.Expected,
        };

    private static bool IsVerified(DeliverySummary delivery) =>
        delivery is { State: DeliveryState.Delivered, Partial: false, DestinationKind: not null and not "command" }
        && RetentionPolicy.IsConfirmed(delivery);
}
