using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Recorder.Http.Settings;

namespace Recorder.Http.Access;

/// <summary>
/// The pages of other origins that may call, from <see cref="HttpOptions.AllowedOrigins"/>. A listed origin may make
/// every call that its key allows. With <see cref="Any"/>, every other origin may play what <see cref="PlayedByPages"/>
/// marks, and nothing else. Pure.
/// </summary>
internal sealed class AllowedOrigins
{
    /// <summary>The name of the CORS policy for calls that pages play; the default policy applies to every other
    /// call.</summary>
    public const string PlayPolicy = "play";

    private const string AnyText = "*";

    private static readonly SearchValues<char> NoPartOfOrigin = SearchValues.Create("/\\@?#* \t");
    private static readonly TimeSpan PreflightAge = TimeSpan.FromMinutes(10);

    private readonly HashSet<string> _listed;

    private AllowedOrigins(HashSet<string> listed, bool any) => (_listed, Any) = (listed, any);

    /// <summary>Whether pages of every origin may play.</summary>
    public bool Any { get; }

    /// <summary>Whether pages of other origins may do nothing at all.</summary>
    public bool IsEmpty => _listed.Count == 0 && !Any;

    /// <summary>Reads the origins of the options. Mistakes come back as sentences.</summary>
    /// <param name="texts"><c>*</c>, or origins as browsers write them (RFC 6454, section 6.2): scheme, host and port.
    /// The scheme's default port is left out.</param>
    /// <param name="problems">Receives the sentences.</param>
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
    /// <param name="endpoint">The endpoint of the call; null when the path has no endpoint.</param>
    public bool Allow(string origin, Endpoint? endpoint) =>
        IsListed(origin) || (Any && endpoint?.Metadata.GetMetadata<PlayedByPages>() is not null);

    /// <summary>Whether an origin is listed by name. Pages of such an origin may do everything, even when they are
    /// being recorded.</summary>
    public bool IsListed(string origin) => _listed.Contains(origin);

    /// <summary>Gives the server's CORS rules for browsers the same content (Fetch standard, CORS protocol).</summary>
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
        // A path, even a single slash, or a user is not part of an origin.
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

/// <summary>Marks calls that pages play. Such calls only read, and <see cref="AllowedOrigins.Any"/> opens them to every
/// page.</summary>
internal sealed record PlayedByPages;

/// <summary>Marks endpoints.</summary>
internal static class PlayedByPagesExtensions
{
    public static TBuilder MayBePlayed<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new PlayedByPages()).RequireCors(AllowedOrigins.PlayPolicy);
}
