using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>
/// The decisions of a session about records that are sent while they grow. The parts that a destination has confirmed
/// are in the journal. When the node that holds the record does not come back, another node makes an object of these
/// parts, so that only the newest part of the recording is lost. Pure.
/// </summary>
internal static class GrowthDecisions
{
    /// <summary>The deliveries of growing records whose parts are to be sent.</summary>
    /// <param name="state">The session.</param>
    public static IEnumerable<(RecordState Record, DeliverySummary Delivery)> Growing(SessionState state) =>
        from record in state.Records
        where record is { Open: true, OpenedAt: not null } && record.Path == state.Current
        from delivery in record.Deliveries
        where delivery is { WhileRecording: true, State: DeliveryState.Waiting }
        select (record, delivery);

    /// <summary>The deliveries that another node is to complete, each with its parts and with the time from which on
    /// that is due. A record that is lost does not come back, so its delivery is due at once.</summary>
    /// <param name="state">The session.</param>
    /// <param name="isHere">Whether this node holds a record.</param>
    /// <param name="after">How long a record's node may be away.</param>
    public static IEnumerable<(
        RecordState Record,
        DeliverySummary Delivery,
        GrownParts Parts,
        DateTimeOffset Due
    )> Abandoned(SessionState state, Func<RecordState, bool> isHere, TimeSpan after) =>
        from record in state.Records
        where
            record.Lost || (record.Open && record.Path != state.Current && (record.Away is not null || !isHere(record)))
        from delivery in record.Deliveries
        where delivery is { WhileRecording: true, Open: true }
        from upload in record.Uploads
        where upload.To == delivery.To && !upload.Parts.Tags.IsEmpty
        let due = record.Lost ? upload.At : LeftSince(state, upload) + after
        select (record, delivery, upload.Parts, due > DeliveryDecisions.DueAt(delivery) ? due : DueAt(delivery, due));

    /// <summary>Decides what follows from a part that was confirmed.</summary>
    /// <param name="state">The session.</param>
    /// <param name="part">The part.</param>
    /// <param name="now">Where and when.</param>
    public static ImmutableList<ISessionEvent> Hear(SessionState state, PartDelivered part, Moment now)
    {
        if (
            state.Records.Find(record => record.Path == part.Path) is not { } record
            || record.Deliveries.Find(delivery => delivery.To == part.To) is not { WhileRecording: true, Open: true }
        )
        {
            return [];
        }
        var known = record.Uploads.Find(upload => upload.To == part.To)?.Parts;

        // A process that begins anew tells all its parts.
        return known?.UploadId == part.UploadId && known.Tags.ElementAtOrDefault(part.Number - 1) == part.Tag
            ? []
            :
            [
                new RecordPartDelivered(
                    part.Path,
                    part.To,
                    part.Key,
                    part.UploadId,
                    part.PartSize,
                    part.Number,
                    part.Tag,
                    now.At,
                    record.Node
                ),
            ];
    }

    /// <summary>What follows for the deliveries of a record that is lost: without a part there is nothing to
    /// complete.</summary>
    /// <param name="record">The record.</param>
    /// <param name="lost">The loss.</param>
    public static IEnumerable<ISessionEvent> AfterLoss(RecordState record, RecordLost lost) =>
        from delivery in record.Deliveries
        where delivery.Open && !record.Uploads.Exists(upload => upload.To == delivery.To)
        select new DeliveryGivenUp(record.Path, delivery.To, lost.Message, lost.At, lost.Node);

    /// <summary>Since when the session goes on without the record, as far as that is known.</summary>
    private static DateTimeOffset LeftSince(SessionState state, GrownUpload upload)
    {
        var since = state.Records.Select(record => record.NamedAt).Append(upload.At).Max();
        return state.Ended && state.PhaseSince > since ? state.PhaseSince : since;
    }

    private static DateTimeOffset DueAt(DeliverySummary delivery, DateTimeOffset due) =>
        delivery.State == DeliveryState.Failed ? DeliveryDecisions.DueAt(delivery) : due;
}
