using System.Text.Json;

namespace Recorder.Harness.Fuzzing;

/// <summary>One operation of a described API.</summary>
/// <param name="Method">The method, in capitals.</param>
/// <param name="Path">The path, with the names of parameters in braces.</param>
/// <param name="Queries">The names of parameters in the query.</param>
/// <param name="Body">What the body may be; null: there is none.</param>
internal sealed record ApiOperation(string Method, string Path, IReadOnlyList<string> Queries, JsonElement? Body);

/// <summary>The operations that an OpenAPI document describes.</summary>
internal sealed class ApiShape
{
    private readonly JsonElement _document;

    private ApiShape(JsonElement document)
    {
        _document = document;
        Operations =
        [
            .. document
                .GetProperty("paths")
                .EnumerateObject()
                .SelectMany(path => path.Value.EnumerateObject().Select(operation => Read(path.Name, operation))),
        ];
    }

    /// <summary>The operations.</summary>
    public IReadOnlyList<ApiOperation> Operations { get; }

    /// <summary>Reads the document that a node tells.</summary>
    /// <param name="document">The text of <c>/openapi/v1.json</c>.</param>
    public static ApiShape Of(string document) => new(JsonDocument.Parse(document).RootElement);

    /// <summary>The schema that a schema refers to, or the schema itself.</summary>
    /// <param name="schema">A schema.</param>
    public JsonElement Resolve(JsonElement schema)
    {
        while (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("$ref", out var reference))
        {
            schema = reference
                .GetString()!
                .Split('/')
                .Skip(1)
                .Aggregate(_document, (place, name) => place.GetProperty(name));
        }
        return schema;
    }

    private static ApiOperation Read(string path, JsonProperty operation)
    {
        var queries = operation.Value.TryGetProperty("parameters", out var parameters)
            ? parameters
                .EnumerateArray()
                .Where(parameter => parameter.TryGetProperty("in", out var place) && place.GetString() == "query")
                .Select(parameter => parameter.GetProperty("name").GetString()!)
                .ToList()
            : [];
        JsonElement? body = null;
        if (
            operation.Value.TryGetProperty("requestBody", out var request)
            && request.TryGetProperty("content", out var content)
        )
        {
            body = content.EnumerateObject().First().Value.GetProperty("schema");
        }
        return new ApiOperation(operation.Name.ToUpperInvariant(), path, queries, body);
    }
}
