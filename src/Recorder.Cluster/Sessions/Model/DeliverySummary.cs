using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>The life of one delivery of a record.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<DeliveryState>))]
public enum DeliveryState
{
    /// <summary>Not begun: the manifest is still to be written, other deliveries come first, or the node that holds
    /// the file is away.</summary>
    Waiting,

    /// <summary>An attempt is under way.</summary>
    Running,

    /// <summary>The destination has the record.</summary>
    Delivered,

    /// <summary>The last attempt failed; another attempt follows.</summary>
    Failed,

    /// <summary>The last attempt failed, and no further attempt follows.</summary>
    GivenUp,
}

/// <summary>One delivery of a record, as the session tells it.</summary>
/// <param name="To">The name of the destination, such as <c>command</c>.</param>
/// <param name="State">The state of the delivery.</param>
/// <param name="Since">Since when the delivery is in this state.</param>
public sealed record DeliverySummary(
    [property: JsonPropertyName("kind")] string To,
    DeliveryState State,
    DateTimeOffset Since
)
{
    /// <summary>The kind of the destination, such as <c>s3</c>; null: <c>command</c>.</summary>
    [AddedLater]
    public string? DestinationKind { get; init; }

    /// <summary>The name of the record at the destination; null where the destination chooses the name.</summary>
    [AddedLater]
    public string? Name { get; init; }

    /// <summary>The files that go to the destination; empty: record and manifest.</summary>
    [AddedLater]
    public ImmutableList<DeliveredFile> What { get; init; } = [];

    /// <summary>Whether the record is sent while it grows.</summary>
    [AddedLater]
    public bool WhileRecording { get; init; }

    /// <summary>How many bytes of the growing record the destination has confirmed; null unless the record is sent
    /// while it grows.</summary>
    [AddedLater]
    public long? SentBytes { get; init; }

    /// <summary>Whether the destination has only what was sent while the record grew.</summary>
    [AddedLater]
    public bool Partial { get; init; }

    /// <summary>How long the record stays on its node after this delivery; null: this delivery erases nothing. The
    /// sweeper erases: see <c>RetentionPolicy.OwnEnd</c>.</summary>
    [AddedLater]
    public TimeSpan? KeepLocal { get; init; }

    /// <summary>When the next attempt begins; null unless the last attempt failed and another one follows.</summary>
    [AddedLater]
    public DateTimeOffset? NextTry { get; init; }

    /// <summary>When the first attempt began, or the first one since the delivery was asked for again. The patience
    /// counts from there.</summary>
    [AddedLater]
    public DateTimeOffset? TriedSince { get; init; }

    /// <summary>How many attempts had begun when the delivery was last asked for again.</summary>
    [AddedLater]
    public int Forgiven { get; init; }

    /// <summary>How many attempts have begun. An attempt that a restart interrupted is repeated under the same
    /// number.</summary>
    public int Attempts { get; init; }

    /// <summary>The exit code of the last ended attempt; null before, and when there was no process with an exit
    /// code.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The last lines that the last attempt wrote, separated by line feeds; null when there are none, or
    /// none are kept any more.</summary>
    public string? LastOutput { get; init; }

    /// <summary>The obstacle, as one sentence a person can act on; null when there is none.</summary>
    public string? Error { get; init; }

    /// <summary>Whether anything is left to do.</summary>
    [JsonIgnore]
    public bool Open => State is not (DeliveryState.Delivered or DeliveryState.GivenUp);
}

/// <summary>Applies delivery events to a session's records. Pure.</summary>
internal static class RecordDeliveries
{
    /// <summary>How many deliveries of a session keep their output. A session with many records must not grow its
    /// state and its messages for ever.</summary>
    public const int OutputsKept = 5;

    /// <summary>The records after an event of one of their deliveries.</summary>
    public static ImmutableList<RecordState> Apply(ImmutableList<RecordState> records, IDeliveryEvent happened)
    {
        var index = records.FindIndex(record => record.Path == happened.Path);
        if (index < 0)
        {
            return records;
        }
        var deliveries = records[index].Deliveries;
        var known = deliveries.FindIndex(delivery => delivery.To == happened.To);
        if (known < 0)
        {
            return happened is DeliveryPlanned planned
                ? records.SetItem(
                    index,
                    records[index] with
                    {
                        Deliveries = deliveries.Add(
                            new DeliverySummary(planned.To, DeliveryState.Waiting, planned.At)
                            {
                                DestinationKind = planned.DestinationKind,
                                Name = planned.Name,
                                What = planned.What,
                                WhileRecording = planned.WhileRecording,
                                KeepLocal = planned.KeepLocal,
                            }
                        ),
                    }
                )
                : records;
        }

        var record = records[index] with { Deliveries = deliveries.SetItem(known, After(deliveries[known], happened)) };
        record = happened switch
        {
            RecordPartDelivered part => WithPart(record, known, part),

            // A record with thousands of parts must not carry them on.
            RecordDelivered => record with { Uploads = record.Uploads.RemoveAll(upload => upload.To == happened.To) },
            _ => record,
        };
        var changed = records.SetItem(index, record);
        return happened is RecordDelivered or DeliveryFailed ? KeepNewestOutputs(changed) : changed;
    }

    private static RecordState WithPart(RecordState record, int delivery, RecordPartDelivered part)
    {
        var index = record.Uploads.FindIndex(upload => upload.To == part.To);
        var known = index < 0 ? null : record.Uploads[index].Parts;

        // Another id is another upload: the earlier one has been taken away.
        var parts =
            known?.UploadId == part.UploadId ? known : new GrownParts(part.Key, part.UploadId, part.PartSize, []);
        if (part.Number > parts.Tags.Count + 1)
        {
            return record;
        }
        parts = parts with
        {
            Tags =
                part.Number == parts.Tags.Count + 1
                    ? parts.Tags.Add(part.Tag)
                    : parts.Tags.SetItem(part.Number - 1, part.Tag),
        };
        var upload = new GrownUpload(part.To, parts, part.At);
        return record with
        {
            Uploads = index < 0 ? record.Uploads.Add(upload) : record.Uploads.SetItem(index, upload),
            Deliveries = record.Deliveries.SetItem(
                delivery,
                record.Deliveries[delivery] with
                {
                    SentBytes = (long)parts.Tags.Count * parts.PartSize,
                    Error = null,
                }
            ),
        };
    }

    private static DeliverySummary After(DeliverySummary delivery, IDeliveryEvent happened) =>
        happened switch
        {
            DeliveryBegun e => delivery with
            {
                State = DeliveryState.Running,
                Since = e.At,
                Attempts = e.Attempt,
                Error = null,
                NextTry = null,
                TriedSince = delivery.TriedSince ?? e.At,
            },
            RecordDelivered e => delivery with
            {
                State = DeliveryState.Delivered,
                Since = e.At,
                Attempts = e.Attempt,
                ExitCode = e.ExitCode,
                LastOutput = e.LastOutput,
                Error = null,
                NextTry = null,
                TriedSince = null,
                Forgiven = 0,
                Partial = e.Partial,
            },
            DeliveryFailed e => delivery with
            {
                State = DeliveryState.Failed,
                Since = e.At,
                Attempts = e.Attempt,
                ExitCode = e.ExitCode,
                LastOutput = e.LastOutput,
                Error = e.Message,
                NextTry = e.NextTry,

                // An attempt can be refused before it begins.
                TriedSince = delivery.TriedSince ?? e.At,
            },
            DeliveryAskedAgain e => delivery with
            {
                State = DeliveryState.Waiting,
                Since = e.At,
                NextTry = null,
                TriedSince = null,
                Forgiven = delivery.Attempts,
                Partial = false,
            },
            DeliveryGivenUp e => delivery with
            {
                State = DeliveryState.GivenUp,
                Since = e.At,
                Error = e.Message,
                NextTry = null,
            },

            // An attempt may be under way although its node does not answer.
            DeliveryDelayed e when delivery.State == DeliveryState.Running => delivery with { Error = e.Message },
            DeliveryDelayed e => delivery with { State = DeliveryState.Waiting, Since = e.At, Error = e.Message },
            _ => delivery,
        };

    private static ImmutableList<RecordState> KeepNewestOutputs(ImmutableList<RecordState> records)
    {
        var dated = records
            .SelectMany(record => record.Deliveries)
            .Where(delivery => delivery.LastOutput is not null)
            .Select(delivery => delivery.Since)
            .ToList();
        if (dated.Count <= OutputsKept)
        {
            return records;
        }
        var oldest = dated.Order().ElementAt(dated.Count - OutputsKept);
        return records.ConvertAll(record =>
            record with
            {
                Deliveries = record.Deliveries.ConvertAll(delivery =>
                    delivery.Since < oldest ? delivery with { LastOutput = null } : delivery
                ),
            }
        );
    }
}
