using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Recorder.Http.Settings;

namespace Recorder.Http.Requests;

/// <summary>What is read from a call: its path, query, headers and body.</summary>
/// <typeparam name="TSelf">What is read.</typeparam>
internal interface IReadFromCall<TSelf>
{
    /// <summary>Reads it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="longestBody">The longest body, in bytes.</param>
    static abstract ValueTask<Parsed<TSelf>> ReadAsync(HttpRequest call, int longestBody);
}

/// <summary>A parameter of an endpoint that may have been refused.</summary>
internal interface IAsked
{
    /// <summary>Why it is refused, or null.</summary>
    RequestError? Error { get; }
}

/// <summary>
/// A parameter of an endpoint, as it was read from the call. A call with a parameter that is refused is answered before
/// the endpoint runs, so an endpoint has values only.
/// </summary>
internal sealed class Asked<T> : IAsked, IBindableFromHttpContext<Asked<T>>
    where T : IReadFromCall<T>
{
    private readonly Parsed<T> _parsed;

    private Asked(Parsed<T> parsed) => _parsed = parsed;

    /// <inheritdoc/>
    public RequestError? Error => _parsed.Error;

    /// <summary>What was read.</summary>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public T Value =>
        Error is null ? _parsed.Value : throw new InvalidOperationException($"The call was refused: {Error.Message}");

    /// <inheritdoc/>
    public static async ValueTask<Asked<T>?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        new(
            await T.ReadAsync(
                context.Request,
                (int)context.RequestServices.GetRequiredService<IOptions<HttpOptions>>().Value.MaximumBody.Bytes
            )
        );
}
