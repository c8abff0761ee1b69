using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Recorder.Http.Answers;

namespace Recorder.Http.Endpoints;

/// <summary>Gives the bare errors of routing (an unknown path, a wrong method) the form of all other errors.</summary>
internal static class RouteErrors
{
    /// <summary>The answer to calls about sessions on a node without the role edge.</summary>
    public static IResult NotAnEdge() =>
        JsonAnswer.Of(
            new ErrorAnswer(
                "This node has not the role edge and answers no calls about sessions; call one that has it, GET /cluster/members lists the nodes with their roles.",
                ErrorCode.NoSuchRoute
            )
        );

    public static Task AnswerAsync(StatusCodeContext bare)
    {
        var context = bare.HttpContext;
        var status = context.Response.StatusCode;
        if (status == StatusCodes.Status405MethodNotAllowed && HttpMethods.IsOptions(context.Request.Method))
        {
            // The answer to OPTIONS is only the list of the path's methods (RFC 9110, section 9.3.7).
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            context.Response.Headers.Append(HeaderNames.Allow, HttpMethods.Options);
            return Task.CompletedTask;
        }

        var call =
            $"{Redaction.Line(context.Request.Method, 16)} {Redaction.Line(context.Request.Path.Value ?? "", 200)}";
        var error = status switch
        {
            StatusCodes.Status404NotFound => new ErrorAnswer(
                $"There is no call {call}; GET /openapi/v1.json lists the calls.",
                ErrorCode.NoSuchRoute
            ),
            StatusCodes.Status405MethodNotAllowed => new ErrorAnswer(
                $"There is no call {call}; this path answers {context.Response.Headers.Allow}.",
                ErrorCode.MethodNotAllowed
            ),
            StatusCodes.Status415UnsupportedMediaType => new ErrorAnswer(
                "The Content-Type is not served; send application/json.",
                ErrorCode.UnsupportedMediaType
            ),
            _ => new ErrorAnswer($"The request was refused with HTTP status {status}.", ErrorCode.InvalidRequest),
        };
        return new JsonAnswer(error, status).ExecuteAsync(context);
    }
}
