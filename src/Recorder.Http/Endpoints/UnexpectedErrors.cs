using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Recorder.Http.Answers;

namespace Recorder.Http.Endpoints;

/// <summary>
/// Answers unexpected errors. The log gets the exception under an incident id, and the caller gets only the id.
/// </summary>
internal sealed class UnexpectedErrors(RequestDelegate next, ILogger<UnexpectedErrors> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone, so nobody reads an answer. nginx logs 499 in this case.
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            }
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            var code =
                e.StatusCode == StatusCodes.Status413PayloadTooLarge
                    ? ErrorCode.BodyTooLarge
                    : ErrorCode.InvalidRequest;
            await new JsonAnswer(
                new ErrorAnswer($"The request could not be read: {e.Message}", code),
                e.StatusCode
            ).ExecuteAsync(context);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var incident = Guid.NewGuid().ToString("N")[..12];
            log.LogError(
                e,
                "Incident {Incident}: {Method} {Path} failed",
                incident,
                Redaction.Line(context.Request.Method, 16),
                Redaction.Line(LinkEndpoints.Logged(context.Request.Path.Value ?? ""), 200)
            );
            context.Response.Clear();
            var error = new ErrorAnswer(
                $"The recorder met an error of its own; its log has it as incident {incident}.",
                ErrorCode.InternalError
            );
            await JsonAnswer.Of(error).ExecuteAsync(context);
        }
    }
}
