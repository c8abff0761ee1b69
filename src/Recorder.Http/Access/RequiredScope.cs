using Microsoft.AspNetCore.Builder;

namespace Recorder.Http.Access;

/// <summary>What a call needs of its key; null for a call that is open to everyone.</summary>
internal sealed record RequiredScope(ApiScope? Scope);

/// <summary>Marks endpoints with the scope they need.</summary>
internal static class RequiredScopeExtensions
{
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, ApiScope scope)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequiredScope(scope));

    public static TBuilder OpenToEveryone<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequiredScope(Scope: null));
}
