using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.OpenApi;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls that erase records, and that keep records from being erased.</summary>
internal static class KeepingCalls
{
    /// <summary>The reason of an erasing that a caller asked for.</summary>
    private const string Asked = "Somebody asked for it by the API.";

    /// <summary>How long an answer waits until the lists tell what the session told.</summary>
    private static readonly TimeSpan ListsLimit = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan ListsPause = TimeSpan.FromMilliseconds(50);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapDelete("/api/records/{id}", EraseAsync)
            .Needs(ApiScope.Record)
            .Describe(
                "erase_record",
                "Erase a record",
                "The record, its manifest, its picture and its live playlist are removed; what was known of the record stays, in the state erased. Erasing an erased record answers the same again."
            )
            .Answers("The record is erased.")
            .AnswersAccepted<LibraryRecordAnswer>(
                "The erasing is written down, and is carried out as soon as the node that holds the record can; erasing.obstacle says why not now."
            )
            .Refuses(400, 404, 409, 503)
            .TakesRecord();

        routes
            .MapDelete("/api/sessions/{id}/media", EraseAllAsync)
            .Needs(ApiScope.Record)
            .Describe(
                "erase_media",
                "Erase all records of a session",
                "All of them, or none: while one of them is still written or is on hold, nothing is erased."
            )
            .Answers("The records are erased.")
            .AnswersAccepted<IReadOnlyList<LibraryRecordAnswer>>(
                "The erasing is written down, and is carried out as soon as the nodes that hold the records can."
            )
            .Refuses(400, 404, 409, 503)
            .TakesId(inPath: true);

        routes
            .MapPut("/api/records/{id}/hold", HoldAsync)
            .Needs(ApiScope.Record)
            .Describe(
                "hold_record",
                "Put a record on hold",
                "Nothing erases a record on hold, neither its retention nor a call. A record on hold gets the new reason."
            )
            .Answers("The record is on hold.")
            .Refuses(400, 404, 410, 413, 415, 503)
            .Takes(RequestSchemas.Hold(), required: false)
            .TakesRecord();

        routes
            .MapDelete("/api/records/{id}/hold", ReleaseAsync)
            .Needs(ApiScope.Admin)
            .Describe(
                "release_record",
                "Release a record",
                "The record may be erased again. Releasing a record without a hold answers the same again."
            )
            .Answers("The record is not on hold.")
            .Refuses(400, 404, 503)
            .TakesRecord();
    }

    private static Task<Answer<LibraryRecordAnswer>> EraseAsync(
        Asked<RecordInPath> record,
        EdgeClient edge,
        RetentionPolicy retention,
        HttpContext context
    ) =>
        ChangeAsync(
            record.Value,
            id => new EraseRecords(id.Session, [id.Number], EraseCause.Asked, Asked),
            edge,
            context,
            item => Erased(item.Detailed(retention))
        );

    private static Answer<LibraryRecordAnswer> Erased(LibraryRecordAnswer record) =>
        record.State == RecordStage.Erased
            ? record
            : Answer<LibraryRecordAnswer>.Accepted(record, $"/api/records/{record.Id}");

    private static async Task<Answer<IReadOnlyList<LibraryRecordAnswer>>> EraseAllAsync(
        Asked<SessionInPath> session,
        EdgeClient edge,
        RetentionPolicy retention,
        HttpContext context
    )
    {
        var id = session.Value.Id;
        try
        {
            var after = await ChangeAsync(new EraseRecords(id, [], EraseCause.Asked, Asked), edge, context);
            List<LibraryRecordAnswer> records =
            [
                .. RecordId
                    .Of(after)
                    .Select(item => new SessionRecord(item.Id, after, item.Record).Detailed(retention)),
            ];
            return records.TrueForAll(record => record.State == RecordStage.Erased)
                ? new Answer<IReadOnlyList<LibraryRecordAnswer>>(records)
                : Answer<IReadOnlyList<LibraryRecordAnswer>>.Accepted(
                    records,
                    $"/api/records?session={id}&state=erasing"
                );
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
    }

    private static Task<Answer<LibraryRecordAnswer>> HoldAsync(
        Asked<HoldCall> call,
        EdgeClient edge,
        RetentionPolicy retention,
        HttpContext context
    ) =>
        ChangeAsync(
            call.Value.Record,
            id => new HoldRecord(id.Session, id.Number, call.Value.Reason),
            edge,
            context,
            item => item.Detailed(retention)
        );

    private static Task<Answer<LibraryRecordAnswer>> ReleaseAsync(
        Asked<RecordInPath> record,
        EdgeClient edge,
        RetentionPolicy retention,
        HttpContext context
    ) =>
        ChangeAsync(
            record.Value,
            id => new ReleaseRecord(id.Session, id.Number),
            edge,
            context,
            item => item.Detailed(retention)
        );

    private static async Task<Answer<LibraryRecordAnswer>> ChangeAsync(
        RecordInPath wanted,
        Func<RecordId, KeepingMessage> message,
        EdgeClient edge,
        HttpContext context,
        Func<SessionRecord, Answer<LibraryRecordAnswer>> answer
    )
    {
        try
        {
            var item = await edge.FindRecordAsync(wanted.Session, wanted.Is, $"{wanted}", context.RequestAborted);
            var after = await ChangeAsync(message(item.Id), edge, context);
            return RecordId.Of(after).FirstOrDefault(one => one.Id == item.Id) is { Record: { } record }
                ? answer(new SessionRecord(item.Id, after, record))
                : new EdgeRefusal(ErrorCode.NoSuchRecord, $"There is no record {item.Id} any more.");
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
    }

    /// <summary>Has the session changed, and waits until the lists tell of it: a caller who asks right afterwards must
    /// not be told the earlier state.</summary>
    /// <exception cref="RefusedException">The session refuses, or does not answer.</exception>
    private static async Task<SessionSummary> ChangeAsync(
        KeepingMessage message,
        EdgeClient edge,
        HttpContext context
    )
    {
        var after = await edge.AskAsync(new ChangeKeeping(message), context.RequestAborted) switch
        {
            KeepingFound found => found.Session,
            EdgeRefusal refusal => throw new RefusedException(refusal),
            var other => throw new InvalidOperationException(
                $"The edge actor answered {nameof(ChangeKeeping)} with {other.GetType().Name}."
            ),
        };
        var began = edge.Clock.GetTimestamp();
        while (
            edge.Clock.GetElapsedTime(began) < ListsLimit
            && await edge.AskAsync(new FindSummary(message.Id), context.RequestAborted) is SessionFound listed
            && !Told(listed.Session).SequenceEqual(Told(after))
        )
        {
            await Task.Delay(ListsPause, edge.Clock, context.RequestAborted);
        }
        return after;

        static IEnumerable<(RecordHold?, RecordErasing?)> Told(SessionSummary session) =>
            session.Records.Select(record => (record.Hold, record.Erasing));
    }
}
