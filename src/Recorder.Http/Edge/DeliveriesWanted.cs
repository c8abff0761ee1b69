using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;

namespace Recorder.Http.Edge;

/// <summary>Which deliveries a list has. Pure.</summary>
/// <param name="State">Only deliveries in this state; null: every state.</param>
/// <param name="To">Only deliveries to this destination; null: all destinations.</param>
internal sealed record DeliveriesWanted(DeliveryProgress? State, string? To)
{
    /// <summary>What the archive is asked for; null when the archive has no such delivery. The archive's own sessions
    /// have nothing left to do, so their deliveries have ended.</summary>
    public ArchivedDeliveries? InArchive =>
        State switch
        {
            null or DeliveryProgress.Delivered => ArchivedDeliveries.Any,
            DeliveryProgress.Failed => ArchivedDeliveries.GivenUp,
            _ => null,
        };

    /// <summary>The wanted deliveries of a record, by their destinations.</summary>
    /// <param name="record">The record.</param>
    public IEnumerable<DeliverySummary> Of(RecordSummary record) =>
        record
            .Deliveries.Where(delivery =>
                (State is null || SessionViews.ProgressOf(delivery.State) == State) && (To is null || delivery.To == To)
            )
            .OrderBy(delivery => delivery.To, StringComparer.Ordinal);
}
