using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.Library;
using Recorder.Http.OpenApi;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls of the library: the records of the farm.</summary>
internal static class LibraryCalls
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapRead("/api/records", ListAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "records",
                "List the records",
                "The records of all sessions, by session and number. A page has 100 records unless limit says otherwise; the Link header has the address of the next page."
            )
            .Answers("The records.")
            .Refuses(400, 503)
            .TakesRecordFilter();

        routes
            .MapRead("/api/records/{id}", RecordAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "record",
                "Tell all that is known about a record",
                "By the record's id. By the name of its file, the file itself is answered, as by media."
            )
            .Answers<LibraryRecordAnswer>("The record.")
            .Refuses(400, 404, 409, 410, 412, 416, 503)
            .TakesRecord();

        routes
            .MapRead("/api/records/{id}/media", MediaAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "media",
                "The file of a record",
                "Every edge serves it, whichever node holds the file, whole or by Range."
            )
            .AnswersFile("application/octet-stream", "The file, in the type of its container.")
            .Refuses(400, 404, 409, 410, 412, 416, 503)
            .TakesRecord()
            .TakesSwitch("inline", "1: a browser shows the file instead of saving it.")
            .TakesSwitch("live", "1: a growing record is answered up to its last whole fragment.");

        routes
            .MapRead("/api/sessions/{id}/media", SessionMediaAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "session_media",
                "All records of a session as one file",
                "Joined without encoding, by any edge, whole or by Range. Each record is a chapter. Records that cannot be one file are told in a sentence (409)."
            )
            .AnswersFile("application/octet-stream", "The file, in the type of its container.")
            .Refuses(400, 404, 409, 410, 412, 416, 503)
            .TakesId(inPath: true)
            .TakesSwitch("inline", "1: a browser shows the file instead of saving it.");

        routes
            .MapRead("/api/records/{id}/manifest.json", ManifestAsync)
            .Needs(ApiScope.Read)
            .Describe("manifest", "The manifest of a record", "The file beside the record, as it was written.")
            .AnswersFile("application/json", "The manifest.")
            .Refuses(400, 404, 410, 412, 416, 503)
            .TakesRecord();

        routes
            .MapRead("/api/records/{id}/audio", AudioAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "audio",
                "The sound beside a record",
                "Of a session that was started with also_audio. Whole or by Range."
            )
            .AnswersFile("application/octet-stream", "The file, in the type of its container.")
            .Refuses(400, 404, 409, 410, 412, 416, 503)
            .TakesRecord()
            .TakesSwitch("inline", "1: a browser plays the file instead of saving it.");

        routes
            .MapRead("/api/records/{id}/poster.jpg", PosterAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "poster",
                "A picture of a record",
                "The picture three seconds after the record's beginning. It is made when it is asked for the first time."
            )
            .AnswersFile("image/jpeg", "The picture.")
            .Refuses(400, 404, 409, 410, 412, 416, 503)
            .TakesRecord();
    }

    private static async Task<Answer<IReadOnlyList<LibraryRecordAnswer>>> ListAsync(
        Asked<RecordFilter> filter,
        SessionLists lists,
        EdgeClient edge,
        RetentionPolicy retention,
        HttpContext context
    )
    {
        var asked = filter.Value;
        var page = new List<SessionRecord>();
        try
        {
            await foreach (var record in asked.FindAsync(lists, edge, context.RequestAborted))
            {
                if (page.Count == asked.Limit)
                {
                    var next = asked.NextPage(context.Request.Path, page[^1].Id);
                    context.Response.Headers.Link = $"<{next}>; rel=\"next\"";
                    break;
                }
                page.Add(record);
            }
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
        return new Answer<IReadOnlyList<LibraryRecordAnswer>>([.. page.Select(record => record.Detailed(retention))]);
    }

    private static Task<Answer<IResult>> RecordAsync(
        Asked<RecordInPath> record,
        EdgeClient edge,
        RetentionPolicy retention,
        HttpContext context
    ) =>
        AnswerAsync(
            record.Value,
            edge,
            context,
            async item =>
                record.Value.File is null
                    ? new JsonAnswer(item.Detailed(retention))
                    : await edge.MediaAsync(item, IsOn(context, "inline"), IsOn(context, "live"), context.RequestAborted)
        );

    private static Task<Answer<IResult>> MediaAsync(Asked<RecordInPath> record, EdgeClient edge, HttpContext context) =>
        AnswerAsync(
            record.Value,
            edge,
            context,
            item => edge.MediaAsync(item, IsOn(context, "inline"), IsOn(context, "live"), context.RequestAborted)
        );

    private static async Task<Answer<IResult>> SessionMediaAsync(
        Asked<SessionInPath> session,
        EdgeClient edge,
        SessionMedia media,
        HttpContext context
    )
    {
        try
        {
            return await edge.AskAsync(new FindSummary(session.Value.Id), context.RequestAborted) switch
            {
                SessionFound found => new Answer<IResult>(
                    await media.OfAsync(found.Session, IsOn(context, "inline"), context.RequestAborted)
                ),
                EdgeRefusal refusal => refusal,
                var other => throw new InvalidOperationException(
                    $"The edge actor answered {nameof(FindSummary)} with {other.GetType().Name}."
                ),
            };
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
    }

    private static Task<Answer<IResult>> ManifestAsync(
        Asked<RecordInPath> record,
        EdgeClient edge,
        HttpContext context
    ) => AnswerAsync(record.Value, edge, context, item => edge.ManifestAsync(item, context.RequestAborted));

    private static Task<Answer<IResult>> AudioAsync(Asked<RecordInPath> record, EdgeClient edge, HttpContext context) =>
        AnswerAsync(
            record.Value,
            edge,
            context,
            item => edge.AudioAsync(item, IsOn(context, "inline"), context.RequestAborted)
        );

    private static Task<Answer<IResult>> PosterAsync(
        Asked<RecordInPath> record,
        EdgeClient edge,
        HttpContext context
    ) =>
        AnswerAsync(record.Value, edge, context, item => edge.PosterAsync(item, context.RequestAborted));

    private static async Task<Answer<IResult>> AnswerAsync(
        RecordInPath wanted,
        EdgeClient edge,
        HttpContext context,
        Func<SessionRecord, Task<IResult>> answer
    )
    {
        try
        {
            var item = await edge.FindRecordAsync(wanted.Session, wanted.Is, $"{wanted}", context.RequestAborted);
            return new Answer<IResult>(await answer(item));
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
    }

    private static bool IsOn(HttpContext context, string name) => context.Request.Query[name] == "1";

    private static IAsyncEnumerable<SessionRecord> FindAsync(
        this RecordFilter asked,
        SessionLists lists,
        EdgeClient edge,
        CancellationToken aborted
    )
    {
        var wanted = new RecordsWanted(asked.After ?? default)
        {
            Stage = asked.State,
            From = asked.From,
            To = asked.To,
            Labels = asked.Labels,
        };
        return asked.Of is { } session
            ? wanted.OfSessionAsync(session, edge, aborted)
            : lists.RecordsAsync(wanted, asked.Limit + 1, aborted);
    }
}
