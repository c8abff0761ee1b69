using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Net.Http.Headers;

namespace Recorder.Http.Access;

/// <summary>
/// Calls that come through a proxy. Of a listed proxy's calls, ASP.NET's own middleware puts the caller in the place of
/// the proxy, so that limits, audit and log know the caller. Headers of anybody else change nothing.
/// </summary>
internal static class ForwardedCall
{
    private const string Peer = "Recorder.Peer";

    /// <summary>The headers by which proxies say that they pass on a call.</summary>
    private static readonly string[] Marks =
    [
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Real-IP",
        HeaderNames.Via,
    ];

    /// <summary>Adds what reads the headers of listed proxies. Call this before all other middleware.</summary>
    /// <param name="app">The application.</param>
    /// <param name="proxies">The listed proxies.</param>
    public static void Use(IApplicationBuilder app, IReadOnlyList<System.Net.IPNetwork> proxies)
    {
        if (proxies.Count == 0)
        {
            return;
        }
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders =
                ForwardedHeaders.XForwardedFor
                | ForwardedHeaders.XForwardedProto
                | ForwardedHeaders.XForwardedHost,
            // One proxy may stand behind another. The first address that is no listed proxy's is the caller's.
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var range in proxies)
        {
            options.KnownIPNetworks.Add(range);
        }
        app.Use(
            (context, next) =>
            {
                context.Items[Peer] = ConnectionOf(context);
                return next(context);
            }
        );
        app.UseForwardedHeaders(options);
    }

    /// <summary>The other end of the connection, which is the proxy where there is one; null for a Unix
    /// socket.</summary>
    public static IPEndPoint? PeerOf(HttpContext context) =>
        context.Items.TryGetValue(Peer, out var peer) ? peer as IPEndPoint : ConnectionOf(context);

    /// <summary>Whether a call that reached loopback may have begun on another machine: a proxy on this machine passes
    /// on what others ask.</summary>
    public static bool ComesFromElsewhere(HttpContext context)
    {
        var caller = context.Connection.RemoteIpAddress;
        if (caller is not null && !IPAddress.IsLoopback(caller.IsIPv4MappedToIPv6 ? caller.MapToIPv4() : caller))
        {
            return true;
        }

        // A listed proxy says who called, and its words are no longer among the headers. Words of others may be wrong.
        return Marks.Any(context.Request.Headers.ContainsKey);
    }

    private static IPEndPoint? ConnectionOf(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address
            ? new IPEndPoint(address, context.Connection.RemotePort)
            : null;
}
