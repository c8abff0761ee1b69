using Microsoft.AspNetCore.Http;
using Recorder.Http.Answers;
using Recorder.Http.Requests;

namespace Recorder.Http.Endpoints;

/// <summary>Answers calls that a parser refuses (<see cref="IAsked.Error"/>), before their endpoints run.</summary>
internal sealed class RefusedCalls : IEndpointFilter
{
    /// <inheritdoc/>
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var error = context
            .Arguments.OfType<IAsked>()
            .Select(asked => asked.Error)
            .FirstOrDefault(error => error is not null);
        return error is null
            ? next(context)
            : new(
                JsonAnswer.Of(
                    new ErrorAnswer(
                        error.Message,
                        error.Code,
                        error.Field,
                        Errors: error.All.Count > 1 ? error.All : null
                    )
                )
            );
    }
}
