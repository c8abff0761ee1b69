using System.Collections.Immutable;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Webhooks;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>The fields of the calls that make and change webhooks.</summary>
internal static class WebhookFields
{
    public const string Url = "url";
    public const string Types = "types";
    public const string Session = "session";
    public const string Description = "description";
    public const string Secret = "secret";
    public const string Enabled = "enabled";
    public const string RotateSecret = "rotate_secret";
    public const string After = "after";

    public const int LongestUrl = 2048;
    public const int LongestDescription = 200;

    private static readonly string[] Schemes = ["http", "https"];

    public static readonly WholeNumberField SessionId = new(
        Session,
        "Only events of this session; 0: all events.",
        0,
        int.MaxValue,
        0,
        ""
    );

    public static readonly WholeNumberField Place = new(
        After,
        "The events after the one with this place in the stream of events; 0: all that are kept.",
        0,
        int.MaxValue,
        null,
        ""
    );

    /// <summary>Reads the labels that a session must have; null when the field is absent.</summary>
    public static ImmutableList<SessionLabel>? ReadLabels(JsonFields body) =>
        body.Has(StartFields.Labels) ? LabelFields.Read(body) : null;

    public static string? ReadUrl(JsonFields body, bool required)
    {
        var url = body.Text(Url, LongestUrl, required);
        if (url is not null && !WebAddress.TryParse(url, Schemes, out _, out var reason))
        {
            body.Refuse(Url, $"{body.Path(Url)} {reason}");
        }
        return url;
    }

    public static ImmutableList<string>? ReadTypes(JsonFields body)
    {
        if (!body.Has(Types))
        {
            return null;
        }
        var types = body.Texts(Types, 64, EventFilter.MostTypes);
        foreach (var (type, index) in types.Select((type, index) => (type, index)))
        {
            if (type is not null && !EventFilter.IsPattern(type))
            {
                body.Refuse(
                    JsonFields.Item(Types, index),
                    $"{body.Path(JsonFields.Item(Types, index))} is no type of events; a type is such as record.finished, record.* or *."
                );
            }
        }
        return [.. types.OfType<string>()];
    }

    public static string? ReadSecret(JsonFields body, bool required = false)
    {
        var secret = body.Text(Secret, 200, required);
        if (secret is not null && WebhookSecret.Problem(secret) is { } problem)
        {
            body.Refuse(Secret, $"{body.Path(Secret)} {problem}");
        }
        return secret;
    }
}

/// <summary>A call that makes a webhook.</summary>
internal sealed record NewWebhookCall(
    string Url,
    ImmutableList<string> Types,
    int? Session,
    string? Description,
    string? Secret
) : IReadFromCall<NewWebhookCall>
{
    /// <summary>The labels that a session must have for its events to be sent.</summary>
    public ImmutableList<SessionLabel> Labels { get; init; } = [];

    public static async ValueTask<Parsed<NewWebhookCall>> ReadAsync(HttpRequest call, int longestBody)
    {
        var read = await BodyReader.ReadAsync(call, longestBody, Parse);
        return read.Error is not null ? read.Error : read.Value;
    }

    /// <summary>Reads the body. Pure.</summary>
    public static Parsed<NewWebhookCall> Parse(ReadOnlyMemory<byte> body) =>
        JsonFields.Read(
            body,
            """{"url":"https://example.org/hook","types":["record.*"]}""",
            fields =>
            {
                fields.Allow([
                    WebhookFields.Url,
                    WebhookFields.Types,
                    WebhookFields.Session,
                    StartFields.Labels,
                    WebhookFields.Description,
                    WebhookFields.Secret,
                ]);
                var url = WebhookFields.ReadUrl(fields, required: true);
                var types = WebhookFields.ReadTypes(fields);
                var session = fields.Whole(WebhookFields.SessionId);
                var labels = WebhookFields.ReadLabels(fields) ?? [];
                return new NewWebhookCall(
                    url ?? "",
                    types ?? [],
                    session == 0 ? null : session,
                    fields.Text(WebhookFields.Description, WebhookFields.LongestDescription, required: false),
                    WebhookFields.ReadSecret(fields)
                )
                {
                    Labels = labels,
                };
            }
        );
}

/// <summary>A call that changes a webhook. What is null stays.</summary>
internal sealed record ChangeWebhookCall(
    string Id,
    string? Url,
    ImmutableList<string>? Types,
    string? Description,
    bool? Enabled,
    string? Secret,
    bool Rotate
) : IReadFromCall<ChangeWebhookCall>
{
    /// <summary>The labels that a session must have; null: as before.</summary>
    public ImmutableList<SessionLabel>? Labels { get; init; }

    public static async ValueTask<Parsed<ChangeWebhookCall>> ReadAsync(HttpRequest call, int longestBody)
    {
        var read = await BodyReader.ReadAsync(call, longestBody, Parse);
        return read.Error is not null ? read.Error : read.Value with { Id = WebhookInPath.IdOf(call) };
    }

    /// <summary>Reads the body. Pure.</summary>
    public static Parsed<ChangeWebhookCall> Parse(ReadOnlyMemory<byte> body) =>
        JsonFields.Read(
            body,
            """{"enabled":true}""",
            fields =>
            {
                fields.Allow([
                    WebhookFields.Url,
                    WebhookFields.Types,
                    StartFields.Labels,
                    WebhookFields.Description,
                    WebhookFields.Enabled,
                    WebhookFields.Secret,
                    WebhookFields.RotateSecret,
                ]);
                return new ChangeWebhookCall(
                    "",
                    WebhookFields.ReadUrl(fields, required: false),
                    WebhookFields.ReadTypes(fields),
                    fields.Text(WebhookFields.Description, WebhookFields.LongestDescription, required: false),
                    fields.Has(WebhookFields.Enabled) ? fields.Flag(WebhookFields.Enabled) : null,
                    WebhookFields.ReadSecret(fields),
                    fields.Flag(WebhookFields.RotateSecret)
                )
                {
                    Labels = WebhookFields.ReadLabels(fields),
                };
            }
        );
}

/// <summary>A webhook that the path names, and an event of it where the path names one.</summary>
internal sealed record WebhookInPath(string Id, string? Event) : IReadFromCall<WebhookInPath>
{
    public static ValueTask<Parsed<WebhookInPath>> ReadAsync(HttpRequest call, int longestBody) =>
        new(new WebhookInPath(IdOf(call), call.RouteValues["event"] as string));

    public static string IdOf(HttpRequest call) => call.RouteValues["id"] as string ?? "";
}

/// <summary>A call that sends the events of the past.</summary>
internal sealed record ReplayCall(string Id, long After) : IReadFromCall<ReplayCall>
{
    public static async ValueTask<Parsed<ReplayCall>> ReadAsync(HttpRequest call, int longestBody)
    {
        var read = await BodyReader.ReadAsync(
            call,
            longestBody,
            body =>
                JsonFields.Read(
                    body,
                    """{"after":0}""",
                    fields =>
                    {
                        fields.Allow([WebhookFields.After]);
                        return (long)fields.Whole(WebhookFields.Place);
                    }
                )
        );
        return read.Error is not null ? read.Error : new ReplayCall(WebhookInPath.IdOf(call), read.Value);
    }
}

/// <summary>Which part of a webhook's ledger is asked for.</summary>
internal sealed record LedgerCall(string Id, WebhookDeliveryState? State, long Before, int Limit)
    : IReadFromCall<LedgerCall>
{
    public const int MaximumLimit = 1_000;
    public const int DefaultLimit = 100;

    public static readonly ChoiceField<WebhookDeliveryState> States = new(
        "state",
        "Only events in this state.",
        WebhookDeliveryState.Pending
    );

    public static ValueTask<Parsed<LedgerCall>> ReadAsync(HttpRequest call, int longestBody)
    {
        RequestError? error = null;
        var given = call.Query["state"];
        WebhookDeliveryState? state = null;
        if (given.Count > 0)
        {
            if (given.Count == 1 && States.TryParse(given[0] ?? "", out var value))
            {
                state = value;
            }
            else
            {
                Refuse("state", $"state must be one of {string.Join(", ", States.Words)}.");
            }
        }
        var before = EventQuery.Place(call.Query["before"], "before", "the position of an event", ref error);
        var limit = EventQuery.Place(
            call.Query["limit"],
            "limit",
            $"a whole number from 1 to {MaximumLimit}",
            ref error
        );
        if (limit is < 1 or > MaximumLimit)
        {
            Refuse("limit", $"limit must be a whole number from 1 to {MaximumLimit}.");
        }
        return new(
            error is not null
                ? error
                : new LedgerCall(
                    WebhookInPath.IdOf(call),
                    state,
                    before ?? long.MaxValue,
                    (int)(limit ?? DefaultLimit)
                )
        );

        void Refuse(string name, string message) =>
            error = RequestError.Of(error, new RequestError(ErrorCode.InvalidRequest, message, name));
    }

    /// <summary>The address of the page after this one.</summary>
    public string NextPage(string path, long last) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{path}?{(State is { } state ? $"state={States.Word(state)}&" : "")}limit={Limit}&before={last}"
        );
}
