using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>A call that starts a session.</summary>
/// <param name="Spec">What to record.</param>
/// <param name="IdempotencyKey">The key under which the call may be repeated; null without a key.</param>
/// <param name="Wait">Whether the answer waits until the session has started.</param>
internal sealed record StartCall(SessionSpec Spec, string? IdempotencyKey, bool Wait) : IReadFromCall<StartCall>
{
    /// <summary>The receivers of the session's events.</summary>
    public ImmutableList<SessionWebhookCall> Webhooks { get; init; } = [];

    /// <summary>When the recording is to begin; null: now.</summary>
    public DateTimeOffset? StartAt { get; init; }

    /// <summary>The name of the query parameter that asks for an answer at once.</summary>
    public const string WaitParameter = "wait";

    public static async ValueTask<Parsed<StartCall>> ReadAsync(HttpRequest call, int longestBody)
    {
        var key = IdempotencyKeyParser.Parse(call.Headers[IdempotencyKeyParser.Header]);
        var spec = await BodyReader.ReadAsync(
            call,
            longestBody,
            body => StartRequestParser.ParseWhole(body, StartTerms.Of(call.HttpContext.RequestServices))
        );
        var wait = ParseWait(call.Query[WaitParameter]);
        return RequestError.Of(RequestError.Of(wait.Error, key.Error), spec.Error) is { } error
            ? error
            : new StartCall(spec.Value.Spec, key.Value, wait.Value)
            {
                Webhooks = spec.Value.Webhooks,
                StartAt = spec.Value.StartAt,
            };
    }

    /// <summary>Reads whether to wait; true when the query does not say.</summary>
    /// <param name="values">The values of the query parameter.</param>
    public static Parsed<bool> ParseWait(IReadOnlyList<string?> values) =>
        values switch
        {
            [] or ["true"] => true,
            ["false"] => false,
            _ => new RequestError(
                ErrorCode.InvalidRequest,
                $"{WaitParameter} must be true or false, given once.",
                WaitParameter
            ),
        };
}

/// <summary>A session that the path names.</summary>
internal sealed record SessionInPath(SessionId Id) : IReadFromCall<SessionInPath>
{
    public static ValueTask<Parsed<SessionInPath>> ReadAsync(HttpRequest call, int longestBody)
    {
        var id = Read(call);
        return new(id.Error is not null ? id.Error : new SessionInPath(id.Value));
    }

    /// <summary>Reads only the id.</summary>
    public static Parsed<SessionId> Read(HttpRequest call) =>
        IdRequestParser.ParseText(call.RouteValues["id"] as string);
}

/// <summary>A session that the body names.</summary>
internal sealed record SessionInBody(SessionId Id) : IReadFromCall<SessionInBody>
{
    public static async ValueTask<Parsed<SessionInBody>> ReadAsync(HttpRequest call, int longestBody)
    {
        var id = await BodyReader.ReadAsync(call, longestBody, IdRequestParser.ParseBody);
        return id.Error is not null ? id.Error : new SessionInBody(id.Value);
    }
}

/// <summary>A session that the query or the body of a GET names.</summary>
internal sealed record SessionInQueryOrBody(SessionId Id) : IReadFromCall<SessionInQueryOrBody>
{
    public static async ValueTask<Parsed<SessionInQueryOrBody>> ReadAsync(HttpRequest call, int longestBody)
    {
        var body = await BodyReader.ReadAsync(call, longestBody, required: false);
        if (body.Error is not null)
        {
            return body.Error;
        }
        var id = IdRequestParser.ParseQueryOrBody(call.Query["id"], body.Value);
        return id.Error is not null ? id.Error : new SessionInQueryOrBody(id.Value);
    }
}

/// <summary>A change of a session's stream targets and of the rules of its end.</summary>
/// <param name="Id">The session.</param>
/// <param name="Add">Targets to add.</param>
/// <param name="Remove">Targets to remove.</param>
internal sealed record ChangeCall(SessionId Id, ImmutableList<StreamTarget> Add, ImmutableList<StreamTarget> Remove)
    : IReadFromCall<ChangeCall>
{
    /// <summary>The rules of the end to change; null: none.</summary>
    public EndChange? End { get; init; }

    /// <summary>What the page shows from now on; null: no change.</summary>
    public PageChange? Page { get; init; }

    public static async ValueTask<Parsed<ChangeCall>> ReadAsync(HttpRequest call, int longestBody)
    {
        var id = SessionInPath.Read(call);
        var targets = await BodyReader.ReadAsync(
            call,
            longestBody,
            body => ChangeRequestParser.Parse(body, call.HttpContext.RequestServices.GetService<LongestSession>())
        );
        return RequestError.Of(id.Error, targets.Error) is { } error
            ? error
            : new ChangeCall(id.Value, targets.Value.Add, targets.Value.Remove)
            {
                End = targets.Value.End,
                Page = targets.Value.Page,
            };
    }
}
