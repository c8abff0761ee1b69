using System.Data.Common;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Audit;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Edge;
using Recorder.Http.Edge.Protocol;
using Recorder.Http.OpenApi;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The call that tells who changed what.</summary>
internal static class AuditCalls
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes
            .MapRead("/api/audit", ListAsync)
            .Needs(ApiScope.Admin)
            .Describe(
                "audit",
                "Tell who changed what",
                "Each call that changed something or tried to, and calls that were refused for their caller, newest first. A page has 100 lines unless limit says otherwise; the Link header has the address of the next page. Lines are deleted after Retention:Audit."
            )
            .Answers("The lines.")
            .Refuses(400, 503)
            .TakesAuditFilter();

    private static async Task<Answer<IReadOnlyList<AuditAnswer>>> ListAsync(
        Asked<AuditFilter> filter,
        IAuditBook book,
        ILoggerFactory logs,
        HttpContext context
    )
    {
        var asked = filter.Value.Question;
        try
        {
            var page = await book.ListAsync(asked with { Limit = asked.Limit + 1 }, context.RequestAborted);
            if (page.Count > asked.Limit)
            {
                page = page.RemoveAt(asked.Limit);
                context.Response.Headers.Link =
                    $"<{filter.Value.NextPage(context.Request.Path, page[^1].Number)}>; rel=\"next\"";
            }
            return new Answer<IReadOnlyList<AuditAnswer>>([.. page.Select(AuditAnswer.Of)]);
        }
        catch (DbException error)
        {
            logs.CreateLogger(typeof(AuditCalls)).LogError(error, "The audit could not be read from the database");
            return new EdgeRefusal(
                FaultCode.Unavailable,
                "The database that keeps the audit cannot be read; try again in a few seconds. The nodes' logs have the same lines."
            )
            {
                RetryAfter = TimeSpan.FromSeconds(5),
            };
        }
    }
}
