using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using Recorder.Cluster.Events;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Sessions.Records;
using Recorder.Http.Answers;
using Recorder.Http.Requests;

namespace Recorder.Http.OpenApi;

/// <summary>The endpoints' own parts of the API's description.</summary>
internal static class DescriptionExtensions
{
    private const string Json = "application/json";

    private static readonly string[] FormTypes = ["application/x-www-form-urlencoded", "multipart/form-data"];

    public static RouteHandlerBuilder Describe(
        this RouteHandlerBuilder endpoint,
        string name,
        string summary,
        string description
    ) => endpoint.WithName(name).WithSummary(summary).WithDescription(description).WithTags("recorder");

    /// <summary>Describes the answer of an endpoint. The endpoint's return type tells the type of the answer.</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder endpoint, string description) =>
        endpoint.AddOpenApiOperationTransformer(
            (operation, _, _) => Told(operation, StatusCodes.Status200OK, description)
        );

    /// <summary>Describes the answer of an endpoint whose return type does not tell the type of the answer.</summary>
    public static RouteHandlerBuilder Answers<T>(this RouteHandlerBuilder endpoint, string description) =>
        endpoint.Produces<T>(StatusCodes.Status200OK, Json).Answers(description);

    /// <summary>Describes the answer that a call is under way.</summary>
    public static RouteHandlerBuilder AnswersAccepted<T>(this RouteHandlerBuilder endpoint, string description) =>
        endpoint
            .Produces<T>(StatusCodes.Status202Accepted, Json)
            .AddOpenApiOperationTransformer(
                (operation, _, _) => Told(operation, StatusCodes.Status202Accepted, description)
            );

    /// <summary>Describes an answer that is not JSON.</summary>
    public static RouteHandlerBuilder AnswersFile(
        this RouteHandlerBuilder endpoint,
        string contentType,
        string description
    ) =>
        endpoint
            .Produces<Stream>(StatusCodes.Status200OK, contentType)
            .AddOpenApiOperationTransformer((operation, _, _) => Told(operation, StatusCodes.Status200OK, description));

    /// <summary>Describes the statuses of an endpoint's errors. The statuses that every call may have (401, 403, 429,
    /// 500) are added automatically.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (var status in statuses.Concat([401, 403, 429, 500]).Order())
        {
            endpoint.Produces<ErrorAnswer>(status, Json);
            endpoint.AddOpenApiOperationTransformer(
                (operation, _, _) => Told(operation, status, "code: " + string.Join(", ", ErrorCode.CodesOf(status)))
            );
        }

        return endpoint;
    }

    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder endpoint, OpenApiSchema body, bool required) =>
        endpoint.AddOpenApiOperationTransformer(
            (operation, _, _) =>
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = required,
                    Content = new Dictionary<string, OpenApiMediaType> { [Json] = new() { Schema = body } },
                };
                return Task.CompletedTask;
            }
        );

    public static RouteHandlerBuilder TakesId(this RouteHandlerBuilder endpoint, bool inPath) =>
        endpoint.TakesParameter(
            "id",
            inPath ? ParameterLocation.Path : ParameterLocation.Query,
            inPath,
            RequestSchemas.Whole(IdRequestParser.Id)
        );

    public static RouteHandlerBuilder TakesFileName(this RouteHandlerBuilder endpoint) =>
        endpoint.TakesParameter(
            "file",
            ParameterLocation.Path,
            required: true,
            new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Description = $"{HlsFiles.Playlist}, or a segment that it names.",
            }
        );

    public static RouteHandlerBuilder TakesNode(this RouteHandlerBuilder endpoint) =>
        endpoint.TakesParameter(
            "address",
            ParameterLocation.Path,
            required: true,
            new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Description = "The member's address as /cluster/members tells it, or its host:port.",
            }
        );

    public static RouteHandlerBuilder TakesShardType(this RouteHandlerBuilder endpoint) =>
        endpoint.TakesParameter(
            "type",
            ParameterLocation.Path,
            required: true,
            RequestSchemas.Words([FarmNames.SessionType], "The type of the sharded actors.")
        );

    /// <summary>Describes a form with one field, whose value is one of some words.</summary>
    public static RouteHandlerBuilder TakesForm(
        this RouteHandlerBuilder endpoint,
        string field,
        IReadOnlyList<string> words
    ) =>
        endpoint.AddOpenApiOperationTransformer(
            (operation, _, _) =>
            {
                var schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Properties = new Dictionary<string, IOpenApiSchema> { [field] = RequestSchemas.Words(words, "") },
                    Required = new HashSet<string> { field },
                };
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Content = FormTypes.ToDictionary(type => type, _ => new OpenApiMediaType { Schema = schema }),
                };
                return Task.CompletedTask;
            }
        );

    public static RouteHandlerBuilder TakesIdempotencyKey(this RouteHandlerBuilder endpoint, string description) =>
        endpoint.TakesParameter(
            IdempotencyKeyParser.Header,
            ParameterLocation.Header,
            required: false,
            new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                MinLength = 1,
                MaxLength = IdempotencyKeyParser.MaximumLength,
                Description = description,
            }
        );

    public static RouteHandlerBuilder TakesWait(this RouteHandlerBuilder endpoint) =>
        endpoint.TakesParameter(
            StartCall.WaitParameter,
            ParameterLocation.Query,
            required: false,
            new OpenApiSchema
            {
                Type = JsonSchemaType.Boolean,
                Default = true,
                Description =
                    "false: answer 202 as soon as the session has its place. The session tells what becomes of the start.",
            }
        );

    public static RouteHandlerBuilder TakesFilter(this RouteHandlerBuilder endpoint) =>
        endpoint
            .TakesParameter(
                SessionFilter.States.Name,
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Words(SessionFilter.States.Words, SessionFilter.States.Description)
            )
            .TakesParameter(
                "limit",
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Whole(
                    new WholeNumberField(
                        "limit",
                        "At most this many. The Link header of the answer has the address of the next page.",
                        1,
                        SessionFilter.MaximumLimit,
                        SessionFilter.DefaultLimit,
                        ""
                    )
                )
            )
            .TakesParameter(
                "after",
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Whole(
                    new WholeNumberField("after", "Only sessions with a greater id.", 0, int.MaxValue, null, "")
                )
            )
            .TakesLabels();

    public static RouteHandlerBuilder TakesLabels(this RouteHandlerBuilder endpoint) =>
        endpoint.TakesParameter(
            LabelFields.FilterPrefix + "key",
            ParameterLocation.Query,
            required: false,
            new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Description =
                    "Only with this label: write the label's own key in place of key, such as label.room=Sal. Several labels must all be there.",
            }
        );

    public static RouteHandlerBuilder TakesRecord(this RouteHandlerBuilder endpoint) =>
        endpoint.TakesParameter(
            "id",
            ParameterLocation.Path,
            required: true,
            new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Description = "The record's id, such as 7-2, or the name of its file.",
            }
        );

    public static RouteHandlerBuilder TakesLink(this RouteHandlerBuilder endpoint) =>
        endpoint.TakesParameter("link", ParameterLocation.Path, required: true, Text("The id of the link."));

    public static RouteHandlerBuilder TakesSecret(this RouteHandlerBuilder endpoint) =>
        endpoint.TakesParameter("secret", ParameterLocation.Path, required: true, Text("The secret of the link."));

    public static RouteHandlerBuilder TakesSwitch(
        this RouteHandlerBuilder endpoint,
        string name,
        string description
    ) =>
        endpoint.TakesParameter(name, ParameterLocation.Query, required: false, RequestSchemas.Words(["1"], description));

    public static RouteHandlerBuilder TakesRecordFilter(this RouteHandlerBuilder endpoint) =>
        endpoint
            .TakesParameter(
                RecordFilter.Session,
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Whole(
                    new WholeNumberField(
                        RecordFilter.Session,
                        "Only records of this session.",
                        1,
                        int.MaxValue,
                        null,
                        ""
                    )
                )
            )
            .TakesParameter(
                RecordFilter.States.Name,
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Words(RecordFilter.States.Words, RecordFilter.States.Description)
            )
            .TakesParameter(
                RecordFilter.FromName,
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Time("Only records whose first frame was written at this time or later.")
            )
            .TakesParameter(
                RecordFilter.ToName,
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Time("Only records whose first frame was written before this time.")
            )
            .TakesLabels()
            .TakesParameter(
                "limit",
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Whole(
                    new WholeNumberField(
                        "limit",
                        "At most this many. The Link header of the answer has the address of the next page.",
                        1,
                        RecordFilter.MaximumLimit,
                        RecordFilter.DefaultLimit,
                        ""
                    )
                )
            )
            .TakesParameter(
                "after",
                ParameterLocation.Query,
                required: false,
                new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Description = "Only records after the record of this id, by session and number.",
                }
            );

    public static RouteHandlerBuilder TakesDestination(this RouteHandlerBuilder endpoint) =>
        endpoint.TakesParameter(
            "to",
            ParameterLocation.Path,
            required: true,
            new OpenApiSchema { Type = JsonSchemaType.String, Description = "The name of the destination." }
        );

    public static RouteHandlerBuilder TakesDeliveryFilter(this RouteHandlerBuilder endpoint) =>
        endpoint
            .TakesParameter(
                "session",
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Whole(
                    new WholeNumberField("session", "Only records of this session.", 1, int.MaxValue, null, "")
                )
            )
            .TakesParameter(
                DeliveryFilter.States.Name,
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Words(DeliveryFilter.States.Words, DeliveryFilter.States.Description)
            )
            .TakesParameter(
                "to",
                ParameterLocation.Query,
                required: false,
                new OpenApiSchema { Type = JsonSchemaType.String, Description = "Only to this destination." }
            )
            .TakesParameter(
                "limit",
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Whole(
                    new WholeNumberField(
                        "limit",
                        "At most this many. The Link header of the answer has the address of the next page.",
                        1,
                        DeliveryFilter.MaximumLimit,
                        DeliveryFilter.DefaultLimit,
                        ""
                    )
                )
            )
            .TakesParameter(
                "after",
                ParameterLocation.Query,
                required: false,
                new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Description = "Only deliveries after this one, such as 7-2/archive.",
                }
            );

    /// <summary>Describes the parameters of a page of a session's events.</summary>
    public static RouteHandlerBuilder TakesPageOfEvents(this RouteHandlerBuilder endpoint) =>
        endpoint
            .TakesParameter(
                "limit",
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Whole(
                    new WholeNumberField(
                        "limit",
                        "At most this many. The Link header of the answer has the address of the next page.",
                        1,
                        SessionEventsCall.MaximumLimit,
                        SessionEventsCall.DefaultLimit,
                        ""
                    )
                )
            )
            .TakesParameter(
                "after",
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Whole(
                    new WholeNumberField("after", "Only events with a greater seq.", 0, int.MaxValue, null, "")
                )
            );

    /// <summary>Describes which events a reader of the feed may ask for.</summary>
    public static RouteHandlerBuilder TakesFeedFilter(this RouteHandlerBuilder endpoint) =>
        endpoint
            .TakesParameter(
                "types",
                ParameterLocation.Query,
                required: false,
                Text(
                    $"Only events of these types, separated by commas; record.* means all types that begin so. The types are {string.Join(", ", EventType.All)}."
                )
            )
            .TakesParameter(
                "session",
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Whole(
                    new WholeNumberField("session", "Only events of this session.", 1, int.MaxValue, null, "")
                )
            )
            .TakesParameter(
                "after",
                ParameterLocation.Query,
                required: false,
                Text("Only events after the one with this id in the stream; 0: all that are kept.")
            )
            .TakesParameter(
                FeedCall.LastEventId,
                ParameterLocation.Header,
                required: false,
                Text("The id of the last event that the reader has. It goes before the parameter after.")
            );

    public static RouteHandlerBuilder TakesWebhook(this RouteHandlerBuilder endpoint) =>
        endpoint.TakesParameter("id", ParameterLocation.Path, required: true, Text("The id of the webhook."));

    public static RouteHandlerBuilder TakesEvent(this RouteHandlerBuilder endpoint) =>
        endpoint.TakesParameter("event", ParameterLocation.Path, required: true, Text("The id of the event."));

    /// <summary>Describes which part of a webhook's ledger a caller may ask for.</summary>
    public static RouteHandlerBuilder TakesLedgerFilter(this RouteHandlerBuilder endpoint) =>
        endpoint
            .TakesParameter(
                "state",
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Words(LedgerCall.States.Words, LedgerCall.States.Description)
            )
            .TakesParameter(
                "limit",
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Whole(
                    new WholeNumberField(
                        "limit",
                        "At most this many. The Link header of the answer has the address of the next page.",
                        1,
                        LedgerCall.MaximumLimit,
                        LedgerCall.DefaultLimit,
                        ""
                    )
                )
            )
            .TakesParameter(
                "before",
                ParameterLocation.Query,
                required: false,
                RequestSchemas.Whole(
                    new WholeNumberField("before", "Only events before this position.", 0, int.MaxValue, null, "")
                )
            );

    /// <summary>Describes which lines of the audit a call may ask for.</summary>
    public static RouteHandlerBuilder TakesAuditFilter(this RouteHandlerBuilder endpoint) =>
        endpoint
            .TakesQuery(AuditFilter.Who, Text("Only calls of this key, or of loopback, page or unknown."))
            .TakesQuery(
                AuditFilter.Session,
                Number(AuditFilter.Session, "Only calls about this session.", 1, int.MaxValue, null)
            )
            .TakesQuery(AuditFilter.Action, Text("Only calls of this name, such as start."))
            .TakesQuery(
                AuditFilter.From,
                RequestSchemas.Time("Only calls that were answered at this time or later.")
            )
            .TakesQuery(AuditFilter.To, RequestSchemas.Time("Only calls that were answered before this time."))
            .TakesQuery(
                "limit",
                Number(
                    "limit",
                    "At most this many. The Link header of the answer has the address of the next page.",
                    1,
                    AuditFilter.MaximumLimit,
                    AuditFilter.DefaultLimit
                )
            )
            .TakesQuery(
                AuditFilter.Before,
                Number(AuditFilter.Before, "Only lines with a lower number.", 0, int.MaxValue, null)
            );

    private static RouteHandlerBuilder TakesQuery(
        this RouteHandlerBuilder endpoint,
        string name,
        OpenApiSchema schema
    ) => endpoint.TakesParameter(name, ParameterLocation.Query, required: false, schema);

    private static OpenApiSchema Number(string name, string description, int least, int most, int? usual) =>
        RequestSchemas.Whole(new WholeNumberField(name, description, least, most, usual, ""));

    private static OpenApiSchema Text(string description) =>
        new() { Type = JsonSchemaType.String, Description = description };

    internal static RouteHandlerBuilder TakesParameter(
        this RouteHandlerBuilder endpoint,
        string name,
        ParameterLocation location,
        bool required,
        OpenApiSchema schema
    ) =>
        endpoint.AddOpenApiOperationTransformer(
            (operation, _, _) =>
            {
                operation.Parameters ??= [];
                operation.Parameters.Add(
                    new OpenApiParameter
                    {
                        Name = name,
                        In = location,
                        Required = required,
                        Schema = schema,
                    }
                );
                return Task.CompletedTask;
            }
        );

    private static Task Told(OpenApiOperation operation, int status, string description)
    {
        if (operation.Responses?[status.ToString(CultureInfo.InvariantCulture)] is OpenApiResponse response)
        {
            response.Description = description;
        }
        return Task.CompletedTask;
    }
}
