using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Edge;

/// <summary>
/// The answer of an endpoint: a value, or a refusal. The type tells the API's description what the value is, so that an
/// endpoint cannot describe another value.
/// </summary>
/// <typeparam name="T">The value that is answered as JSON; or an <see cref="IResult"/>, which writes the answer
/// itself.</typeparam>
internal sealed class Answer<T> : IResult, IEndpointMetadataProvider
{
    private readonly IResult _result;

    /// <summary>Makes the answer of a value.</summary>
    public Answer(T value) => _result = value as IResult ?? new JsonAnswer(value!);

    /// <summary>Makes the answer of a refusal.</summary>
    public Answer(EdgeRefusal refusal) => _result = Of(refusal);

    private Answer(IResult result) => _result = result;

    /// <summary>Makes the answer that a call is under way.</summary>
    /// <param name="value">The value.</param>
    /// <param name="location">The path where the caller can see what becomes of the call.</param>
    public static Answer<T> Accepted(T value, string location) =>
        new((IResult)new JsonAnswer(value!, StatusCodes.Status202Accepted) { Location = location });

    /// <summary>Makes the answer that a call is to be carried out later.</summary>
    /// <param name="value">What tells so.</param>
    /// <param name="location">The path where the caller can see what becomes of the call.</param>
    public static Answer<T> Later(object value, string location) =>
        new((IResult)new JsonAnswer(value, StatusCodes.Status202Accepted) { Location = location });

    public static implicit operator Answer<T>(T value) => new(value);

    public static implicit operator Answer<T>(EdgeRefusal refusal) => new(refusal);

    /// <inheritdoc/>
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        if (!typeof(T).IsAssignableTo(typeof(IResult)))
        {
            builder.Metadata.Add(
                new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["application/json"])
            );
        }
    }

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext) => _result.ExecuteAsync(httpContext);

    private static JsonAnswer Of(EdgeRefusal refusal) =>
        JsonAnswer.Of(
            new ErrorAnswer(
                AddressRedaction.WithQuery(refusal.Message),
                refusal.Code,
                refusal.Field,
                refusal.Nodes.IsEmpty ? null : refusal.Nodes
            ),
            refusal.RetryAfter > TimeSpan.Zero ? refusal.RetryAfter : null
        );
}
