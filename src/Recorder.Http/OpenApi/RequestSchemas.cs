using System.Globalization;
using System.Text.Json.Nodes;

using Microsoft.OpenApi;

using Recorder.Cluster.Sessions;
using Recorder.Http.Requests;

namespace Recorder.Http.OpenApi;

/// <summary>The schemas of request bodies, made from the very fields the parsers check by.</summary>
internal static class RequestSchemas
{
    /// <summary>The body of a start.</summary>
    public static OpenApiSchema Start() => Object(
        ("type", true, Words(StartRequestParser.TypeNames, "The type of session.")),
        ("data", true, Object(
        [
            (StartFields.Uri, true, Text("The page: an absolute http or https address.", "uri")),
            (StartFields.StreamUri, false, Text("An rtmp or rtmps address, or empty; of no use in mode record.", null)),
            .. StartFields.Choices.Select(field => (field.Name, false, Choice(field))),
            .. StartFields.Numbers.Select(field => (field.Name, field.Default is null, Whole(field))),
        ])));

    /// <summary>The body that names a session.</summary>
    public static OpenApiSchema SessionId() => Object((IdRequestParser.Id.Name, true, Whole(IdRequestParser.Id)));

    /// <summary>A whole number.</summary>
    public static OpenApiSchema Whole(WholeNumberField field) => new()
    {
        Type = JsonSchemaType.Integer,
        Description = field.Description,
        Minimum = field.Minimum.ToString(CultureInfo.InvariantCulture),
        Maximum = field.Maximum.ToString(CultureInfo.InvariantCulture),
        MultipleOf = field.Even ? 2 : null,
        Default = field.Default is { } value ? JsonValue.Create(value) : null,
    };

    /// <summary>One of a closed set of words.</summary>
    public static OpenApiSchema Words(IEnumerable<string> words, string description) => new()
    {
        Type = JsonSchemaType.String,
        Description = description,
        Enum = [.. words.Select(word => JsonValue.Create(word))],
    };

    private static OpenApiSchema Choice(IChoiceField field)
    {
        var schema = Words(field.Words, field.Description);
        schema.Default = JsonValue.Create(field.DefaultWord);
        return schema;
    }

    private static OpenApiSchema Text(string description, string? format) => new()
    {
        Type = JsonSchemaType.String,
        Description = description,
        Format = format,
        MaxLength = SpecLimits.MaximumUriLength,
    };

    private static OpenApiSchema Object(params IEnumerable<(string Name, bool Required, OpenApiSchema Schema)> fields)
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
                schema.Required.Add(name);
        }

        return schema;
    }
}
