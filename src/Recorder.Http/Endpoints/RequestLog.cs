using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Recorder.Http.Access;
using Recorder.Http.Answers;

namespace Recorder.Http.Endpoints;

/// <summary>
/// Logs one line per call: method, path, status, milliseconds and the name of the key, or that a page made the call.
/// The line never contains a query, a body or a header, because they contain addresses of meetings and keys. Of the
/// address of a link to a record the line has only the beginning.
/// </summary>
internal sealed class RequestLog(RequestDelegate next, ILogger<RequestLog> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var path = context.Request.Path.Value ?? "";
            // Probes and scrapes come every few seconds, and are of interest only when they fail. Whoever calls too
            // often, or often without access, would fill the log.
            var quiet =
                context.Response.StatusCode == StatusCodes.Status429TooManyRequests
                || context.Items.ContainsKey(AuditedCalls.WithoutLine)
                || (
                    (path.StartsWith("/health/", StringComparison.Ordinal) || path == MetricsCalls.Path)
                    && context.Response.StatusCode < 400
                );
            log.Log(
                quiet ? LogLevel.Debug : LogLevel.Information,
                "{Method} {Path} {Status} {Milliseconds:0.0} ms {Key}",
                Redaction.Line(context.Request.Method, 16),
                Redaction.Line(LinkEndpoints.Logged(path), 200),
                context.Response.StatusCode,
                Stopwatch.GetElapsedTime(began).TotalMilliseconds,
                context.Items.ContainsKey(PageGuard.Refused)
                    ? "(a page)"
                    : context.Items[AccessMiddleware.KeyName] ?? "-"
            );
        }
    }
}
