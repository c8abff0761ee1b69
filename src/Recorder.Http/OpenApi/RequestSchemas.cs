using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Profiles;
using Recorder.Http.Requests;
using Recorder.Worker.Streams.Targets;

namespace Recorder.Http.OpenApi;

/// <summary>The schemas of request bodies, made from the same fields that the parsers check against.</summary>
internal static class RequestSchemas
{
    /// <summary>The body of a start, one form for each type.</summary>
    public static OpenApiSchema Start() =>
        new()
        {
            OneOf =
            [
                Session(
                    "uri",
                    "A browser joins a web page, and its picture and sound are recorded.",
                    [
                        Name(),
                        Deliver(),
                        Labels(),
                        Webhooks(),
                        Retention(),
                        End(),
                        (
                            StartFields.Uri,
                            true,
                            Text("The page: an absolute http or https address.", "uri", SpecLimits.MaximumUriLength)
                        ),
                        (
                            StartFields.StreamUri,
                            false,
                            Text(
                                $"A target: {StreamKinds.Expected}; or empty; of no use in mode record.",
                                null,
                                SpecLimits.MaximumStreamUriLength
                            )
                        ),
                        (
                            StartFields.StreamUris,
                            false,
                            StreamTargets("More of them; the modes stream and both need at least one target.")
                        ),
                        (StartFields.Hls, false, Flag("Keep a live HLS playlist beside the record.")),
                        (
                            StartFields.LocalPeers,
                            false,
                            Flag("Let WebRTC tell the page the addresses of the node's host, for peers of one network.")
                        ),
                        (SoundFields.Video, false, Flag("false: record the sound alone, in m4a, ogg, mp3 or flac.")),
                        (
                            SoundFields.AlsoAudio.Name,
                            false,
                            Words(SoundFields.AlsoAudio.Words, SoundFields.AlsoAudio.Description)
                        ),
                        (BeginFields.Begin, false, BeginSchema.Of()),
                        (PageFields.Page, false, PageSchema.Of()),
                        .. StartFields.Choices.Select(field => (field.Name, false, Choice(field))),
                        .. StartFields.Numbers.Select(field => (field.Name, field.Default is null, Whole(field))),
                    ]
                ),
                Session(
                    ProfileRequest.Meeting,
                    "A browser joins a meeting by a profile, and its picture and sound are recorded.",
                    [
                        (
                            ProfileRequest.ProfileName,
                            true,
                            Text("The profile; GET /api/profiles lists them.", null, Profile.LongestName)
                        ),
                        (
                            Profile.Url,
                            true,
                            Text("The meeting: an absolute http or https address.", "uri", SpecLimits.MaximumUriLength)
                        ),
                    ],
                    // The parameters of the profile, and all fields of a start of type uri but uri and profile.
                    open: true
                ),
                Session(
                    "rtp",
                    "What a sender sends to ports of the node is recorded as it is.",
                    [
                        Name(),
                        Deliver(),
                        Labels(),
                        Webhooks(),
                        Retention(),
                        End(),
                        .. RtpFields.Choices.Select(field => (field.Name, false, Choice(field))),
                        .. RtpFields.Numbers.Select(field => (field.Name, field.Default is null, Whole(field))),
                    ]
                ),
            ],
        };

    private static (string Name, bool Required, OpenApiSchema Schema) End() => (EndFields.End, false, EndSchema.Of());

    /// <summary>The body that changes the stream targets and the end of a session.</summary>
    public static OpenApiSchema Targets() =>
        Object(
            (ChangeRequestParser.Add, false, StreamTargets("Targets that the session does not have yet.")),
            (ChangeRequestParser.Remove, false, StreamTargets("Targets that it has, as they were given.")),
            (PageFields.Page, false, PageSchema.OfChange()),
            End()
        );

    /// <summary>The body that names a session.</summary>
    public static OpenApiSchema SessionId() => Object((IdRequestParser.Id.Name, true, Whole(IdRequestParser.Id)));

    /// <summary>The body that makes a webhook.</summary>
    public static OpenApiSchema NewWebhook() =>
        Object(
            (
                WebhookFields.Url,
                true,
                Text("Where events are sent to: an https address that Network:Allow permits.", "uri", WebhookFields.LongestUrl)
            ),
            (WebhookFields.Types, false, EventTypes()),
            (WebhookFields.Session, false, Whole(WebhookFields.SessionId)),
            (StartFields.Labels, false, LabelFilter()),
            (
                WebhookFields.Description,
                false,
                Text("For people.", null, WebhookFields.LongestDescription)
            ),
            (WebhookFields.Secret, false, Text("whsec_ and 24 to 64 bytes in base64; made when absent.", null, 200))
        );

    /// <summary>The body that changes a webhook.</summary>
    public static OpenApiSchema ChangedWebhook() =>
        Object(
            (WebhookFields.Url, false, Text("Where events are sent to.", "uri", WebhookFields.LongestUrl)),
            (WebhookFields.Types, false, EventTypes()),
            (StartFields.Labels, false, LabelFilter()),
            (WebhookFields.Description, false, Text("For people.", null, WebhookFields.LongestDescription)),
            (WebhookFields.Enabled, false, Flag("Whether events are sent. Events of the time without wait.")),
            (WebhookFields.Secret, false, Text("A new secret.", null, 200)),
            (WebhookFields.RotateSecret, false, Flag("Make a new secret."))
        );

    /// <summary>The body that sends the events of the past.</summary>
    public static OpenApiSchema Replay() => Object((WebhookFields.After, true, Whole(WebhookFields.Place)));

    private static OpenApiSchema LabelFilter() =>
        new()
        {
            Type = JsonSchemaType.Object,
            Description = "Only events of sessions with all these labels; none: of any session, and of the farm.",
            MaxProperties = SpecLimits.MaximumLabels,
            AdditionalProperties = Text("The value of the label.", null, SpecLimits.MaximumLabelValueLength),
        };

    /// <summary>The body that makes a link to a record.</summary>
    public static OpenApiSchema NewLink() =>
        Object(
            (LinkFields.ExpiresIn.Name, false, Whole(LinkFields.ExpiresIn)),
            (LinkFields.Downloads.Name, false, Whole(LinkFields.Downloads, told: false)),
            (LinkFields.Inline, false, Flag("Whether a browser shows the record instead of saving it."))
        );

    private static OpenApiSchema EventTypes() =>
        new()
        {
            Type = JsonSchemaType.Array,
            Description = "Types of events, such as record.finished or record.*; none: every type.",
            MaxItems = EventFilter.MostTypes,
            Items = new OpenApiSchema { Type = JsonSchemaType.String },
        };

    /// <summary>A whole number.</summary>
    /// <param name="field">The field.</param>
    /// <param name="told">Whether the field's default is told. A field whose absence has a meaning of its own has no
    /// default.</param>
    public static OpenApiSchema Whole(WholeNumberField field, bool told = true) =>
        new()
        {
            Type = JsonSchemaType.Integer,
            Description = field.Description,
            Minimum = field.Minimum.ToString(CultureInfo.InvariantCulture),
            Maximum = field.Maximum.ToString(CultureInfo.InvariantCulture),
            MultipleOf = field.Even ? 2 : null,
            Default = told && field.Default is { } value ? JsonValue.Create(value) : null,
        };

    /// <summary>A time.</summary>
    public static OpenApiSchema Time(string description) =>
        new()
        {
            Type = JsonSchemaType.String,
            Format = "date-time",
            Description = description + " A date alone is the day's beginning in UTC.",
        };

    /// <summary>One of a closed set of words.</summary>
    public static OpenApiSchema Words(IEnumerable<string> words, string description) =>
        new()
        {
            Type = JsonSchemaType.String,
            Description = description,
            Enum = [.. words.Select(word => JsonValue.Create(word))],
        };

    internal static OpenApiSchema Choice(IChoiceField field)
    {
        var schema = Words(field.Words, field.Description);
        schema.Default = JsonValue.Create(field.DefaultWord);
        return schema;
    }

    private static OpenApiSchema Session(
        string type,
        string description,
        IEnumerable<(string Name, bool Required, OpenApiSchema Schema)> data,
        bool open = false
    ) =>
        Object(
            ("type", true, Words([type], description)),
            (
                StartRequestParser.StartAt,
                false,
                ScheduleSchema.Time(
                    "When the recording is to begin, with the offset of the time; now when absent. The page is joined before."
                )
            ),
            ("data", true, open ? Open(Object(data)) : Object(data))
        );

    private static OpenApiSchema Open(OpenApiSchema schema)
    {
        schema.AdditionalPropertiesAllowed = true;
        schema.Description =
            "Besides these: the parameters of the profile, and the fields of a start of type uri, which win over the profile's.";
        return schema;
    }

    private static (string Name, bool Required, OpenApiSchema Schema) Name()
    {
        var schema = Text(
            "A name for the session, told in its spec and in the manifests of its records; one line.",
            null,
            SpecLimits.MaximumNameLength
        );
        schema.MinLength = 1;
        return (StartFields.Name, false, schema);
    }

    private static (string Name, bool Required, OpenApiSchema Schema) Deliver() =>
        (
            StartFields.Deliver,
            false,
            new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Description =
                    "Where the records go, each destination once; an empty list keeps them on their node. Without the field, the node's options decide.",
                MaxItems = SpecLimits.MaximumDestinations,
                Items = Object([
                    (DeliverParser.To, true, Text("The name of the destination in the node's options.", null, 64)),
                    (
                        DeliverParser.Name,
                        false,
                        Text(
                            "The template of the names there, such as {date}/{record}.{ext}.",
                            null,
                            NameTemplate.Longest
                        )
                    ),
                    (
                        DeliverParser.What,
                        false,
                        new OpenApiSchema
                        {
                            Type = JsonSchemaType.Array,
                            Description = "What goes there.",
                            Items = Words(DeliverParser.FileWords, "A file of the record."),
                        }
                    ),
                    (
                        DeliverParser.Addresses,
                        false,
                        new OpenApiSchema
                        {
                            Type = JsonSchemaType.Array,
                            Description =
                                "The caller's own addresses for a destination of the kind put, such as presigned ones: one for each record of the session, in their order.",
                            MaxItems = DeliverParser.MostAddresses,
                            Items = Text("An address that takes one PUT.", null, DeliverParser.LongestAddress),
                        }
                    ),
                    (
                        DeliverParser.KeepLocal,
                        false,
                        Text(
                            "What becomes of the file on the node after the delivery: keep, or how long it stays, such as 7 d.",
                            null,
                            32
                        )
                    ),
                    (
                        DeliverParser.WhileRecording,
                        false,
                        Flag("Send the record while it grows; only to destinations of the kind s3.")
                    ),
                ]),
            }
        );

    private static (string Name, bool Required, OpenApiSchema Schema) Labels() =>
        (
            StartFields.Labels,
            false,
            new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = $"Labels for the session, told in its spec and in the manifests of its records. A key has {LabelFields.KeyForm}.",
                MaxProperties = SpecLimits.MaximumLabels,
                AdditionalProperties = Text("One line of text.", null, SpecLimits.MaximumLabelValueLength),
            }
        );

    private static (string Name, bool Required, OpenApiSchema Schema) Webhooks() =>
        (
            StartFields.Webhooks,
            false,
            new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Description = "Receivers of this session's events, until the last event is delivered.",
                MaxItems = SpecLimits.MaximumWebhooks,
                Items = Object([
                    (
                        WebhookFields.Url,
                        true,
                        Text(
                            "Where events are sent to: an https address that Network:Allow permits.",
                            "uri",
                            WebhookFields.LongestUrl
                        )
                    ),
                    (WebhookFields.Secret, true, Text("whsec_ and 24 to 64 bytes in base64; never told back.", null, 200)),
                    (WebhookFields.Types, false, EventTypes()),
                ]),
            }
        );

    private static (string Name, bool Required, OpenApiSchema Schema) Retention() =>
        (
            StartFields.Retention,
            false,
            new OpenApiSchema
            {
                Description =
                    "How long each record is kept after its end. Without it, the options of the nodes say how long.",
                OneOf =
                [
                    Words([KeepingFields.Keep], "The record is kept until somebody erases it."),
                    Object((KeepingFields.Days.Name, true, Whole(KeepingFields.Days))),
                ],
            }
        );

    /// <summary>The body that puts a record on hold.</summary>
    public static OpenApiSchema Hold() =>
        Object(
            (
                KeepingFields.Reason,
                false,
                Text("Why the record is on hold, on one line; told with the record.", null, RecordHold.LongestReason)
            )
        );

    public static OpenApiSchema Mark() =>
        Object(
            (MarkCall.TitleField, true, Text("What players show, on one line.", null, SessionMark.LongestTitle))
        );

    private static OpenApiSchema StreamTargets(string description) =>
        new()
        {
            Type = JsonSchemaType.Array,
            Description = description,
            MaxItems = SpecLimits.MaximumStreamTargets,
            UniqueItems = true,
            Items = Text($"A target: {StreamKinds.Expected}.", null, SpecLimits.MaximumStreamUriLength),
        };

    private static OpenApiSchema Flag(string description) =>
        new()
        {
            Type = JsonSchemaType.Boolean,
            Description = description,
            Default = JsonValue.Create(false),
        };

    internal static OpenApiSchema Text(string description, string? format, int limit) =>
        new()
        {
            Type = JsonSchemaType.String,
            Description = description,
            Format = format,
            MaxLength = limit,
        };

    internal static OpenApiSchema Object(params IEnumerable<(string Name, bool Required, OpenApiSchema Schema)> fields)
    {
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            AdditionalPropertiesAllowed = false,
            Properties = new Dictionary<string, IOpenApiSchema>(),
            Required = new HashSet<string>(),
        };
        foreach (var (name, required, field) in fields)
        {
            schema.Properties.Add(name, field);
            if (required)
            {
                schema.Required.Add(name);
            }
        }

        return schema;
    }
}
