using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Recorder.Cluster.Audit;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.Audit;
using Recorder.Http.Requests;

namespace Recorder.Http.Endpoints;

/// <summary>
/// Gives the audit a line of each call that may change something, and of each call that was refused for its caller.
/// A call by GET, HEAD or OPTIONS changes nothing. A caller with too many calls gets no lines for the calls above the
/// limit, since those did nothing.
/// </summary>
internal sealed class AuditedCalls(RequestDelegate next, AuditTrail trail, KeyWatch keys, TimeProvider clock)
{
    /// <summary>The item that marks a refused call that has no line, since there were many.</summary>
    public const string WithoutLine = "Recorder.WithoutAuditLine";

    private const int LongestCall = 200;
    private const int LongestName = 100;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        finally
        {
            Note(context);
        }
    }

    private void Note(HttpContext context)
    {
        var status = context.Response.StatusCode;
        if (status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden)
        {
            if (!trail.AddRefused(LineOf(context)))
            {
                context.Items[WithoutLine] = true;
            }
        }
        else if (
            status != StatusCodes.Status429TooManyRequests
            && context.GetEndpoint() is RouteEndpoint
            && Changes(context.Request.Method)
        )
        {
            trail.Add(LineOf(context));
        }
    }

    private static bool Changes(string method) =>
        !(HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method));

    private AuditLine LineOf(HttpContext context)
    {
        var outcome = CallNotes.Of(context);
        var hungUp = context.Response.StatusCode == StatusCodes.Status499ClientClosedRequest;
        return new AuditLine(
            clock.GetUtcNow(),
            trail.Node,
            WhoOf(context),
            AddressOf(context),
            context.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? AuditLine.NoCall,
            Redaction.Line(
                $"{Redaction.Line(context.Request.Method, 16)} {LinkEndpoints.Logged(context.Request.Path.Value ?? "")}",
                LongestCall
            ),
            outcome?.Session ?? SessionInPathOf(context),
            context.Response.StatusCode
        )
        {
            Code = outcome?.Code,
            Detail =
                outcome?.Detail
                ?? (hungUp ? "The caller hung up before the answer; the call may have been carried out." : null),
        };
    }

    private string WhoOf(HttpContext context) =>
        context.Items.ContainsKey(PageGuard.Refused) ? AuditLine.Page
        : context.Items[AccessMiddleware.KeyName] is string name ? Redaction.Line(name, LongestName)
        : keys.Current.Keyless && context.Connection.RemoteIpAddress is not { } ? AuditLine.Loopback
        : keys.Current.Keyless && IPAddress.IsLoopback(Plain(context.Connection.RemoteIpAddress!)) ? AuditLine.Loopback
        : AuditLine.Unknown;

    private static string AddressOf(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address ? Plain(address).ToString() : "a Unix socket";

    private static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static SessionId? SessionInPathOf(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint || context.GetRouteValue("id") is not string id)
        {
            return null;
        }
        var pattern = endpoint.RoutePattern.RawText ?? "";
        if (pattern.StartsWith("/api/sessions/", StringComparison.Ordinal))
        {
            var session = IdRequestParser.ParseText(id);
            return session.Error is null ? session.Value : null;
        }
        if (pattern.StartsWith("/api/records/", StringComparison.Ordinal))
        {
            var record = RecordInPath.Parse(id);
            return record.Error is null ? record.Value.Session : null;
        }
        return null;
    }
}
