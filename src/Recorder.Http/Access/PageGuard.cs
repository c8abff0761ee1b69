using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using Recorder.Http.Answers;

namespace Recorder.Http.Access;

/// <summary>
/// Keeps web pages away from every route, because a recorded page runs on this machine, where calls may need no key.
/// Calls of pages are refused (<see cref="PageCall"/>), and so are all calls of a browser that records a session here
/// (<see cref="IRecordingBrowsers"/>). No answer can be shown inside a page.
/// </summary>
internal sealed class PageGuard(RequestDelegate next, AllowedOrigins origins, IServiceProvider services)
{
    /// <summary>The item that marks a call as refused because a page made the call.</summary>
    public const string Refused = "Recorder.PageRefused";

    private readonly IRecordingBrowsers? _browsers = services.GetService<IRecordingBrowsers>();

    public async Task InvokeAsync(HttpContext context)
    {
        // The headers are set when the response starts, because an unexpected error clears headers that were set
        // earlier.
        context.Response.OnStarting(Lock, context);
        var refusal =
            context.GetEndpoint()?.Metadata.GetMetadata<OpenedByLink>() is not null
            && PageCall.OpensWindow(context.Request.Headers)
                ? null
                : PageCall.Refusal(
                    context.Request.Headers,
                    context.Request.Host,
                    origin => origins.Allow(origin, context.GetEndpoint())
                );
        if (
            refusal is null
            && !origins.IsListed(context.Request.Headers.Origin.ToString())
            && await IsRecordingAsync(context)
        )
        {
            refusal = new ErrorAnswer(
                "This call came from a browser that records a session, and must not show what others record; make the call from a program.",
                ErrorCode.Forbidden
            );
        }
        if (refusal is null)
        {
            await next(context);
            return;
        }

        context.Items[Refused] = true;
        await JsonAnswer.Of(refusal).ExecuteAsync(context);
    }

    /// <summary>Whether a call may come from a browser. A browser sends one of these headers unless its session has a
    /// <c>user_agent</c>, and such a browser's calls come by its gateway. Calls of programs need no look-up of the
    /// caller.</summary>
    private static bool MayBeBrowser(IHeaderDictionary headers) =>
        headers.ContainsKey("Sec-Fetch-Mode")
        || headers[HeaderNames.UserAgent].ToString().StartsWith("Mozilla/", StringComparison.Ordinal);

    private async Task<bool> IsRecordingAsync(HttpContext context)
    {
        if (
            _browsers is null
            || context.Connection is not { LocalIpAddress: { } node } connection
            || ForwardedCall.PeerOf(context) is not { } peer
        )
        {
            return false;
        }
        if (_browsers.IsGatewayAt(peer))
        {
            return true;
        }
        if (!MayBeBrowser(context.Request.Headers))
        {
            return false;
        }

        // A connection has the same caller as long as it lasts.
        var known = context.Features.Get<IConnectionItemsFeature>()?.Items;
        if (known?.TryGetValue(this, out var before) == true)
        {
            return before is true;
        }
        var isOne = await _browsers.IsOneAtAsync(
            peer,
            new IPEndPoint(node, connection.LocalPort)
        );
        if (known is not null)
        {
            known[this] = isOne;
        }
        return isOne;
    }

    /// <summary>Sets headers that make the browser itself refuse an answer that a page embeds as picture, film, script
    /// or frame.</summary>
    private static Task Lock(object state)
    {
        var headers = ((HttpContext)state).Response.Headers;
        headers.TryAdd("Cross-Origin-Resource-Policy", "same-origin");
        headers.XFrameOptions = "DENY";
        headers.TryAdd("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        return Task.CompletedTask;
    }
}
