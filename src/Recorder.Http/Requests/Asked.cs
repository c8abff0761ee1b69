using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Recorder.Http.Settings;

namespace Recorder.Http.Requests;

/// <summary>A value that is read from a call: from its path, query, headers and body.</summary>
/// <typeparam name="TSelf">The type of the value.</typeparam>
internal interface IReadFromCall<TSelf>
{
    /// <summary>Reads the value.</summary>
    /// <param name="call">The call.</param>
    /// <param name="longestBody">The longest body, in bytes.</param>
    static abstract ValueTask<Parsed<TSelf>> ReadAsync(HttpRequest call, int longestBody);
}

/// <summary>A parameter of an endpoint that may be refused.</summary>
internal interface IAsked
{
    /// <summary>Why the parameter is refused; null when it is accepted.</summary>
    RequestError? Error { get; }
}

/// <summary>
/// A parameter of an endpoint, as read from the call. A call with a refused parameter is answered before the endpoint
/// runs, so an endpoint only sees accepted values.
/// </summary>
internal sealed class Asked<T> : IAsked, IBindableFromHttpContext<Asked<T>>
    where T : IReadFromCall<T>
{
    private readonly Parsed<T> _parsed;

    private Asked(Parsed<T> parsed) => _parsed = parsed;

    /// <inheritdoc/>
    public RequestError? Error => _parsed.Error;

    /// <summary>The value that was read.</summary>
    /// <exception cref="InvalidOperationException">The parameter was refused.</exception>
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
