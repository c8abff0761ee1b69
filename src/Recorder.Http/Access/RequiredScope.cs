using Microsoft.AspNetCore.Builder;
using Recorder.Http.Settings;

namespace Recorder.Http.Access;

/// <summary>The access that a call needs.</summary>
/// <param name="Scope">The scope that the key must cover; null for a call that is open to everyone.</param>
/// <param name="AlsoWithoutKey">Whether a call without any key may pass too; the endpoint then tells the caller less
/// (<see cref="AccessMiddleware.IsKnown"/>).</param>
internal sealed record RequiredScope(ApiScope? Scope, bool AlsoWithoutKey = false);

/// <summary>Marks an endpoint that a person opens by a link in a page of another origin, such as a mail program.
/// </summary>
internal sealed record OpenedByLink;

/// <summary>Marks endpoints with the scope that they need.</summary>
internal static class RequiredScopeExtensions
{
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, ApiScope scope)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequiredScope(scope));

    public static TBuilder TellsMoreWith<TBuilder>(this TBuilder endpoint, ApiScope scope)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new RequiredScope(scope, AlsoWithoutKey: true));

    public static TBuilder OpenToEveryone<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequiredScope(Scope: null));

    public static TBuilder OpenedByLinks<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new OpenedByLink());
}
