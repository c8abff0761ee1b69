using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Idempotency;
using Recorder.Http.Access;
using Recorder.Http.Answers;
using Recorder.Http.OpenApi;
using Recorder.Http.Requests;

namespace Recorder.Http.Endpoints;

/// <summary>
/// Gives a call with an <c>Idempotency-Key</c> one answer, however often and through whichever node the call is made.
/// Only an answer that says that something was made is kept. A call that was refused or has failed frees its key.
/// </summary>
internal sealed class OneAnswer(IKeptAnswers answers, TimeProvider clock, ILogger<OneAnswer> log) : IEndpointFilter
{
    /// <summary>How long a call waits for the same call under way.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);

    /// <summary>How often an answer is kept at most. With the pauses between, about two seconds.</summary>
    private const int MostTries = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The caller's own key, so that two callers may use the same words.</summary>
    /// <param name="context">The call.</param>
    /// <param name="key">The key that the caller sent, or null.</param>
    public static string? OfCaller(HttpContext context, string? key) =>
        key is not null && CallerOf(context) is { Length: > 0 } caller ? $"{caller}\n{key}" : key;

    /// <inheritdoc/>
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var key = IdempotencyKeyParser.Parse(http.Request.Headers[IdempotencyKeyParser.Header]);
        if (key.Error is { } error)
        {
            return Refusal(error.Code, error.Message);
        }
        if (key.Value is not { } given)
        {
            return await next(context);
        }
        var call = new KeyedCall(CallerOf(http), given, MarkOf(http.Request));
        try
        {
            return await ClaimAsync(call, http.RequestAborted) switch
            {
                KeyStanding.Answered before => new AnswerOfBefore(before.Answer),
                KeyStanding.Claimed claimed => await FirstAsync(call, claimed.Claim, context, next),
                KeyStanding.UnderWay => Refusal(
                    ErrorCode.InProgress,
                    "The same call with this Idempotency-Key is still being carried out; repeat the call in a few seconds.",
                    TimeSpan.FromSeconds(2)
                ),
                _ => Refusal(
                    ErrorCode.IdempotencyConflict,
                    "This Idempotency-Key was used for another call within the last 24 hours; use a new key for a new call."
                ),
            };
        }
        catch (DbException cause)
        {
            log.LogError(cause, "An Idempotency-Key could not be looked up in the database");
            return Refusal(
                Cluster.Sessions.Model.FaultCode.Unavailable,
                "The database that keeps the Idempotency-Keys does not answer; try again in a few seconds.",
                TimeSpan.FromSeconds(5)
            );
        }
    }

    private static string CallerOf(HttpContext context) => context.Items[AccessMiddleware.KeyName] as string ?? "";

    private static string MarkOf(HttpRequest request)
    {
        var place = Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n");
        return Convert.ToHexStringLower(SHA256.HashData([.. place, .. BodyReader.ReadBefore(request).Span]));
    }

    private static JsonAnswer Refusal(string code, string message, TimeSpan? retryAfter = null) =>
        JsonAnswer.Of(new ErrorAnswer(message, code, IdempotencyKeyParser.Header), retryAfter);

    private async Task<KeyStanding> ClaimAsync(KeyedCall call, CancellationToken aborted)
    {
        var since = clock.GetTimestamp();
        while (true)
        {
            var standing = await answers.BeginAsync(call, clock.GetUtcNow(), aborted);
            if (standing is not KeyStanding.UnderWay || clock.GetElapsedTime(since) > LongestWait)
            {
                return standing;
            }
            await Task.Delay(Pause, clock, aborted);
        }
    }

    /// <summary>Carries the call out, keeps the answer, and only then sends it.</summary>
    private async Task<object?> FirstAsync(
        KeyedCall call,
        string claim,
        EndpointFilterInvocationContext context,
        EndpointFilterDelegate next
    )
    {
        var made = false;
        try
        {
            var result = await next(context);
            if (result is not IResult answer)
            {
                throw new InvalidOperationException("An endpoint with an Idempotency-Key must answer a result.");
            }
            var (status, location, body) = await WrittenAsync(answer, context.HttpContext);
            if (status is >= 200 and < 300)
            {
                // The thing is made: a caller who has gone asks again, and must not get the key for a second thing.
                made = true;
                await KeepAsync(call, claim, new KeptAnswer(status, location, Encoding.UTF8.GetString(body)));
            }
            await context.HttpContext.Response.Body.WriteAsync(body, context.HttpContext.RequestAborted);
            return Results.Empty;
        }
        finally
        {
            if (!made)
            {
                await FreeAsync(call, claim);
            }
        }
    }

    /// <summary>Keeps the answer, though the database may be away for a moment. Without the answer the key stays taken
    /// until its claim lapses, and the caller hears that the call has done its work.</summary>
    private async Task KeepAsync(KeyedCall call, string claim, KeptAnswer answer)
    {
        var pause = Pause;
        for (var left = MostTries - 1; ; left--)
        {
            try
            {
                await answers.KeepAsync(call, claim, answer, clock.GetUtcNow(), CancellationToken.None);
                return;
            }
            catch (DbException cause) when (left > 0)
            {
                log.LogInformation("The answer of a call with an Idempotency-Key is kept later: {Message}", cause.Message);
            }
            catch (DbException cause)
            {
                log.LogError(
                    cause,
                    "The answer of a call with an Idempotency-Key could not be kept. Until the database answers and the key's claim has lapsed, the call cannot be repeated."
                );
                return;
            }
            await Task.Delay(pause, clock);
            pause *= 2;
        }
    }

    private static async Task<(int Status, string? Location, byte[] Body)> WrittenAsync(
        IResult answer,
        HttpContext context
    )
    {
        var response = context.Response;
        var wire = response.Body;
        using var written = new MemoryStream();
        response.Body = written;
        try
        {
            await answer.ExecuteAsync(context);
        }
        finally
        {
            response.Body = wire;
        }
        var location = response.Headers.Location.ToString();
        return (response.StatusCode, location.Length > 0 ? location : null, written.ToArray());
    }

    private async Task FreeAsync(KeyedCall call, string claim)
    {
        try
        {
            await answers.FreeAsync(call, claim, CancellationToken.None);
        }
        catch (DbException cause)
        {
            log.LogWarning("An Idempotency-Key stays taken for a while, since the database is away: {Message}", cause.Message);
        }
    }

    /// <summary>The answer that the same call got before.</summary>
    private sealed class AnswerOfBefore(KeptAnswer answer) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            CallNotes.NoteDetail(httpContext, "Repeated under its Idempotency-Key; nothing was done again.");
            var response = httpContext.Response;
            var body = Encoding.UTF8.GetBytes(answer.Body);
            response.StatusCode = answer.Status;
            response.ContentType = "application/json";
            response.ContentLength = body.Length;
            response.Headers.CacheControl = "no-store";
            response.Headers.XContentTypeOptions = "nosniff";
            if (answer.Location is not null)
            {
                response.Headers.Location = answer.Location;
            }
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}

/// <summary>Marks endpoints whose calls may be repeated.</summary>
internal static class OneAnswerExtensions
{
    /// <summary>Lets callers repeat a call under an <c>Idempotency-Key</c>. The endpoint makes something, and answers
    /// in JSON.</summary>
    public static RouteHandlerBuilder AnswersOnce(this RouteHandlerBuilder endpoint) =>
        endpoint
            .AddEndpointFilter<RouteHandlerBuilder, OneAnswer>()
            .TakesIdempotencyKey(
                "Printable ASCII. The same call with the same key within 24 hours gets the same answer and makes nothing; another call with the key is a conflict. Keys are the caller's own."
            );
}
