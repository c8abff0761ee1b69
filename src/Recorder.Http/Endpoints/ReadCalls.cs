using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Recorder.Http.Endpoints;

/// <summary>Maps calls that only read.</summary>
internal static class ReadCalls
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps a GET, and also the HEAD that players and caches send before a GET (RFC 9110, section 9.3.2). For
    /// HEAD, the server leaves out the answer's content.</summary>
    public static RouteHandlerBuilder MapRead(this IEndpointRouteBuilder routes, string pattern, Delegate handler) =>
        routes.MapMethods(pattern, Methods, handler);
}
