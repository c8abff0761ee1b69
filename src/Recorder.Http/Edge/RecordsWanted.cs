using System.Collections.Immutable;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;

namespace Recorder.Http.Edge;

/// <summary>Which records a list has. Pure.</summary>
/// <param name="After">Only records after this one, by session and number.</param>
internal sealed record RecordsWanted(RecordId After)
{
    /// <summary>Only records in this state; null: every record that is not erased.</summary>
    public RecordStage? Stage { get; init; }

    /// <summary>Only records whose first frame was written at this time or later; null: any time.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only records whose first frame was written before this time; null: any time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only records of sessions that have all these labels.</summary>
    public ImmutableList<SessionLabel> Labels { get; init; } = [];

    /// <summary>Only records of sessions of this owner; null: of every owner.</summary>
    public string? Owner { get; init; }

    /// <summary>Only records with a delivery in this state; null: any records. <see cref="DeliveriesWanted"/> passes
    /// over the record's other deliveries.</summary>
    public DeliveriesWanted? Deliveries { get; init; }

    /// <summary>The wanted records of a session, by their numbers.</summary>
    public IEnumerable<SessionRecord> Of(SessionSummary session) =>
        session.Spec.HasAll(Labels) && session.Spec.IsSeenBy(Owner)
            ? from item in RecordId.Of(session)
              orderby item.Id.Number
              where session.Id.Value != After.Session.Value || item.Id.Number > After.Number
              let stage = RecordViews.StageOf(session, item.Record)
              where Stage is null ? stage != RecordStage.Erased : stage == Stage
              where From is null || item.Record.OpenedAt >= From
              where To is null || item.Record.OpenedAt < To
              where Deliveries is null || Deliveries.Of(item.Record).Any()
              select new SessionRecord(item.Id, session, item.Record)
            : [];

    /// <summary>The question to the archive for a part of the list; null when no ended session has such
    /// records.</summary>
    /// <param name="after">Only records after this one.</param>
    /// <param name="upTo">Only records of the session with this id or a smaller one.</param>
    public ArchivedRecords? InArchive(RecordId after, int upTo) =>
        Stage == RecordStage.Growing || Deliveries is { InArchive: null }
            ? null
            : new ArchivedRecords(after, upTo)
            {
                Finished = Stage switch
                {
                    RecordStage.Finished => true,
                    RecordStage.Unrepaired => false,
                    _ => null,
                },
                Erasing = Stage switch
                {
                    null => null,
                    RecordStage.Erasing => EraseStage.Erasing,
                    RecordStage.Erased => EraseStage.Erased,
                    _ => EraseStage.Kept,
                },
                From = From,
                To = To,
                Labels = Labels,
                Owner = Owner,
                Deliveries = Deliveries?.InArchive,
            };
}
