using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Recorder.Http.Access;
using Recorder.Http.OpenApi;
using Recorder.Http.Requests;
using Recorder.Http.Settings;

namespace Recorder.Http.Endpoints;

/// <summary>The calls about links to records, and the links themselves.</summary>
internal static class LinkEndpoints
{
    /// <summary>What stands before the secret in the address of a link.</summary>
    public const string Prefix = "/api/links/";

    private const string LinksOfRecord = "/api/records/{id}/links";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapPost(
                LinksOfRecord,
                (Asked<NewLinkCall> call, LinkDesk desk, HttpContext context) => desk.MakeAsync(call.Value, context)
            )
            .Needs(ApiScope.Record)
            .Describe(
                "make_link",
                "Make a link to a record",
                "An address that opens this one record without a key. Only this answer has the address."
            )
            .Answers("The link, with its address.")
            .Refuses(400, 404, 409, 413, 415, 503)
            .AnswersOnce()
            .Takes(RequestSchemas.NewLink(), required: false)
            .TakesRecord();

        routes
            .MapRead(
                LinksOfRecord,
                (Asked<RecordInPath> record, LinkDesk desk, HttpContext context) =>
                    desk.ListAsync(record.Value, context)
            )
            .Needs(ApiScope.Record)
            .Describe(
                "links",
                "List the links to a record",
                "Without their addresses, oldest first. Links that have ended are listed for 30 days after their time."
            )
            .Answers("The links.")
            .Refuses(400, 404, 503)
            .TakesRecord();

        routes
            .MapDelete(
                LinksOfRecord + "/{link}",
                (Asked<LinkInPath> path, LinkDesk desk, HttpContext context) => desk.RevokeAsync(path.Value, context)
            )
            .Needs(ApiScope.Record)
            .Describe("revoke_link", "Revoke a link to a record", "From then on the link is answered 410.")
            .Answers("The link is revoked.")
            .Refuses(400, 404, 503)
            .TakesRecord()
            .TakesLink();

        routes
            .MapRead(
                Prefix + "{secret}",
                (string secret, LinkDesk desk, HttpContext context) => desk.OpenAsync(secret, context)
            )
            .OpenToEveryone()
            .OpenedByLinks()
            .Describe("open_link", "The file of a record, by a link", "Needs no key. Whole or by Range, as media.")
            .AnswersFile("application/octet-stream", "The file, in the type of its container.")
            .Refuses(404, 409, 410, 412, 416, 503)
            .TakesSecret();
    }

    /// <summary>A path in a form fit for a log line. The address of a link is a secret, also where somebody writes it
    /// wrongly.</summary>
    public static string Logged(string path) =>
        path.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase) is >= 0 and var at
            ? path[..(at + Prefix.Length)] + "(secret)"
            : path;
}
