using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Recorder.Http.Settings;

namespace Recorder.Http.Access;

/// <summary>
/// The pages of other origins that may call, from <see cref="HttpOptions.AllowedOrigins"/>. A listed origin may make
/// every call that its key allows; with <see cref="Any"/> every other one may play what is marked by
/// <see cref="PlayedByPages"/>, and nothing else. Pure.
/// </summary>
internal sealed class AllowedOrigins
{
    /// <summary>The name of the CORS policy of what pages play; the default policy is that of every other
    /// call.</summary>
    public const string PlayPolicy = "play";

    private const string AnyText = "*";

    private static readonly SearchValues<char> NoPartOfOrigin = SearchValues.Create("/\\@?#* \t");
    private static readonly TimeSpan PreflightAge = TimeSpan.FromMinutes(10);

    private readonly HashSet<string> _listed;

    private AllowedOrigins(HashSet<string> listed, bool any) => (_listed, Any) = (listed, any);

    /// <summary>Whether pages of every origin may play.</summary>
    public bool Any { get; }

    /// <summary>Whether no page of another origin may do anything.</summary>
    public bool IsEmpty => _listed.Count == 0 && !Any;

    /// <summary>Reads the origins of the options. What is wrong with them comes back as sentences.</summary>
    /// <param name="texts"><c>*</c>, or origins as browsers write them (RFC 6454, section 6.2): scheme, host and, where
    /// it is not the scheme's own, port.</param>
    /// <param name="problems">Takes the sentences.</param>
    public static AllowedOrigins Read(IEnumerable<string> texts, ICollection<string> problems)
    {
        var listed = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var any = false;
        foreach (var (text, index) in texts.Select((text, index) => (text, index)))
        {
            if (text == AnyText)
            {
                any = true;
            }
            else if (OriginOf(text) is { } origin)
            {
                listed.Add(origin);
            }
            else
            {
                problems.Add(
                    $"{HttpOptions.Section}:AllowedOrigins:{index} is \"{text}\", which is no origin; write it like https://example.org or http://10.0.0.7:8080, without a path, or *."
                );
            }
        }

        return new AllowedOrigins(listed, any);
    }

    /// <summary>Whether a page may make a call.</summary>
    /// <param name="origin">The call's <c>Origin</c> header.</param>
    /// <param name="endpoint">The endpoint it is for, or null for a path that is none.</param>
    public bool Allow(string origin, Endpoint? endpoint) =>
        IsListed(origin) || (Any && endpoint?.Metadata.GetMetadata<PlayedByPages>() is not null);

    /// <summary>Whether an origin is named, so that its pages may do everything, recorded ones too.</summary>
    public bool IsListed(string origin) => _listed.Contains(origin);

    /// <summary>Gives browsers the same rules (Fetch standard, CORS protocol).</summary>
    public void Configure(CorsOptions cors)
    {
        cors.AddDefaultPolicy(policy => Rules(policy.SetIsOriginAllowed(_listed.Contains).AllowAnyMethod()));
        cors.AddPolicy(
            PlayPolicy,
            policy =>
                Rules(
                    (Any ? policy.AllowAnyOrigin() : policy.SetIsOriginAllowed(_listed.Contains)).WithMethods(
                        HttpMethods.Get,
                        HttpMethods.Head
                    )
                )
        );

        static void Rules(CorsPolicyBuilder policy) =>
            policy
                .AllowAnyHeader()
                .WithExposedHeaders(
                    "Accept-Ranges",
                    "Content-Length",
                    "Content-Range",
                    "Date",
                    "Last-Modified",
                    "Retry-After"
                )
                .SetPreflightMaxAge(PreflightAge);
    }

    private static string? OriginOf(string text)
    {
        // A path, even of one slash, or a user is no part of an origin.
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (
            scheme < 0
            || text[..scheme].ToLowerInvariant() is not ("http" or "https")
            || text.AsSpan(scheme + "://".Length).ContainsAny(NoPartOfOrigin)
            || !Uri.TryCreate(text, UriKind.Absolute, out var address)
        )
        {
            return null;
        }
        var name = address.HostNameType == UriHostNameType.IPv6 ? address.Host : address.IdnHost;
        return $"{address.Scheme}://{name}{(address.IsDefaultPort ? "" : $":{address.Port}")}";
    }
}

/// <summary>Marks what pages play: it is read only, and <see cref="AllowedOrigins.Any"/> opens it to every
/// page.</summary>
internal sealed record PlayedByPages;

/// <summary>Marks endpoints.</summary>
internal static class PlayedByPagesExtensions
{
    public static TBuilder MayBePlayed<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new PlayedByPages()).RequireCors(AllowedOrigins.PlayPolicy);
}
