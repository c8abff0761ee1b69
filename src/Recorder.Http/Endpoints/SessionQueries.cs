using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.OpenApi;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls that read sessions: the original's status and get_records, and everything that is known about
/// each session.</summary>
internal static class SessionQueries
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapRead("/api/status", StatusAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "status",
                "List the sessions in short",
                "Every session that has recorded or may yet, by id, with the paths of its finished records."
            )
            .Answers("The sessions; an empty list where there are none.")
            .Refuses(503);

        routes
            .MapRead("/api/get_records", RecordsAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "get_records",
                "List the finished records of a session",
                "The id is given either in the address or, as the original has it, in a JSON body of the GET."
            )
            .Answers("The paths of the session's finished records, oldest first; empty while the first one grows.")
            .Refuses(400, 404, 413, 415, 503)
            .Takes(RequestSchemas.SessionId(), required: false)
            .TakesId(inPath: false);

        routes
            .MapRead("/api/sessions", SessionsAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "sessions",
                "List the sessions in full",
                "The sessions that the farm has ever admitted, failed starts included, by id. A page has 100 sessions unless limit says otherwise; the Link header has the address of the next page."
            )
            .Answers("The sessions.")
            .Refuses(400, 503)
            .TakesFilter();

        routes
            .MapRead("/api/sessions/{id}", SessionAsync)
            .Needs(ApiScope.Read)
            .Describe(
                "session",
                "Tell all that is known about a session",
                "State and since when, node, spec, outputs, records, gaps and faults; of a running session its live figures too."
            )
            .Answers("The session.")
            .Refuses(400, 404, 503)
            .TakesId(inPath: true);
    }

    private static ListAnswer<StatusEntry> StatusAsync(SessionLists lists) => new(lists.StatusAsync);

    private static Task<Answer<IReadOnlyList<string>>> RecordsAsync(
        Asked<SessionInQueryOrBody> session,
        EdgeClient edge,
        CancellationToken aborted
    ) => edge.AnswerAsync(new FindSummary(session.Value.Id), found => found.Session.FinishedRecords(), aborted);

    private static ListAnswer<SessionAnswer> SessionsAsync(
        Asked<SessionFilter> filter,
        SessionLists lists,
        HttpContext context
    ) => new(aborted => PageAsync(filter.Value, lists, context, aborted));

    private static async IAsyncEnumerable<SessionAnswer> PageAsync(
        SessionFilter asked,
        SessionLists lists,
        HttpContext context,
        [EnumeratorCancellation] CancellationToken aborted
    )
    {
        var (last, more) = await lists.PageEndAsync(asked.After, asked.State, asked.Labels, asked.Limit, aborted);
        if (more)
        {
            context.Response.Headers.Link = $"<{asked.NextPage(context.Request.Path, last)}>; rel=\"next\"";
        }
        if (last == 0)
        {
            yield break;
        }
        var caller = Caller.Of(context);
        await foreach (
            var session in lists.AllAsync(asked.After, last, asked.State, asked.Labels, asked.Limit, aborted)
        )
        {
            yield return session.Detailed(caller.SeesWholeAddresses(session.Spec));
        }
    }

    private static Task<Answer<SessionAnswer>> SessionAsync(
        Asked<SessionInPath> session,
        EdgeClient edge,
        HttpContext context
    ) =>
        edge.AnswerAsync(
            new GetDetails(session.Value.Id),
            found => found.Details.Detailed(Caller.Of(context).SeesWholeAddresses(found.Details.Summary.Spec)),
            context.RequestAborted
        );
}
