using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Recorder.Harness.Fuzzing;

/// <summary>A call to send.</summary>
/// <param name="Bytes">The bytes of an HTTP/1.1 request, or of none.</param>
/// <param name="MayLackBytes">Whether the call may say that it is longer than it is. A server waits for the
/// rest.</param>
internal sealed record FuzzedCall(byte[] Bytes, bool MayLackBytes);

/// <summary>Makes calls of a described API: right ones, nearly right ones, and bytes that are no call.</summary>
/// <param name="shape">The API.</param>
internal sealed class FuzzedCalls(ApiShape shape)
{
    private const int Deepest = 4;

    private static readonly string[] Words =
    [
        "", "1", "0", "-1", "2", "1-1", "1-0", "0-1", "99999999999999999999", "1e9", "nobody:1", "a", "A.b_c-d", "..",
        "%2e%2e", "..%2f..%2fetc%2fpasswd", "%00", "%ff", "%", "%zz", "a%0d%0aX-Y: z", "%F0%9F%8E%A5", "true", "null",
        "record", "recording", "2026-12-01T00:00:00Z", "2026-13-45", "P1D", "1h", "rtmp://127.0.0.1/a/b",
        "http%3A%2F%2F169.254.169.254%2F", "'%3B--", "{x}", "*", "playlist.m3u8", "segment-00000.ts",
    ];

    private static readonly string[] Texts =
    [
        "", "a", "..", "../../etc/passwd", "\0", "\ud83c\udfa5", "uri", "rtp", "record", "stream", "mp4", "keep",
        "http://127.0.0.1:1/", "https://example.invalid/?token=a", "file:///etc/passwd", "rtmp://127.0.0.1:1/a/b",
        "{session}-{n}.{ext}", "'; drop table sessions; --", "<script>", "1h", "30d", "s3", "archive", "2026-12-01T00:00:00Z",
    ];

    private static readonly (string Name, string[] Values)[] Headers =
    [
        ("Range", ["bytes=0-", "bytes=-1", "bytes=5-2", "bytes=0-0,2-3,9-", "bytes=", "pages=1-2", "bytes=0-99999999999999999999"]),
        ("If-Range", ["\"a\"", "W/\"a\"", "yesterday", "Tue, 01 Dec 2026 00:00:00 GMT"]),
        ("If-None-Match", ["*", "\"a\"", "\"", ",,,"]),
        ("Idempotency-Key", ["a", "", "\"a\"", "a b", "\u00e6"]),
        ("Last-Event-ID", ["1", "-1", "a", "99999999999999999999"]),
        ("Accept", ["*/*", "text/event-stream", "application/xml", ";;;q=9"]),
        ("Content-Type", ["application/json", "text/plain", "multipart/form-data; boundary=", "application/x-www-form-urlencoded", "a"]),
        ("Content-Length", ["0", "5", "-1", "99999999999", "a"]),
        ("Transfer-Encoding", ["chunked", "gzip", "identity, chunked"]),
        ("Origin", ["null", "http://evil.example", "http://127.0.0.1"]),
        ("Host", ["evil.example", "", "127.0.0.1:99999", "[::1"]),
        ("Authorization", ["Bearer", "Bearer x", "Basic eDp5", "Bearer \u00e6"]),
        ("Upgrade", ["websocket", "h2c"]),
        ("Expect", ["100-continue", "gold"]),
        ("Cookie", ["a=b", "=;=;"]),
    ];

    /// <summary>Makes one call.</summary>
    /// <param name="random">The source of chance.</param>
    public FuzzedCall Next(Random random)
    {
        var operation = shape.Operations[random.Next(shape.Operations.Count)];
        var method = random.Next(12) == 0 ? Any(random, "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "X") : operation.Method;
        var body = Body(random, operation);
        var head = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{method} {Target(random, operation)} HTTP/1.1\r\n");
        var told = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in Headers)
        {
            if (random.Next(14) == 0)
            {
                told.Add(name);
                head.Append(CultureInfo.InvariantCulture, $"{name}: {Any(random, values)}\r\n");
            }
        }
        if (!told.Contains("Host"))
        {
            head.Append("Host: 127.0.0.1\r\n");
        }
        if (body.Length > 0 && !told.Contains("Content-Type"))
        {
            head.Append("Content-Type: application/json\r\n");
        }
        if (!told.Contains("Content-Length") && !told.Contains("Transfer-Encoding"))
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        }
        head.Append("Connection: close\r\n\r\n");
        byte[] call = [.. Encoding.UTF8.GetBytes(head.ToString()), .. body];
        return random.Next(8) == 0
            ? new FuzzedCall(MutatedBytes.Of(random, call), MayLackBytes: true)
            : new FuzzedCall(call, told.Overlaps(["Content-Length", "Transfer-Encoding", "Expect"]));
    }

    private static string Target(Random random, ApiOperation operation)
    {
        var target = string.Join(
            '/',
            operation.Path.Split('/').Select(part =>
                part.StartsWith('{') || random.Next(40) == 0
                    ? random.Next(3) == 0 ? Any(random, Words) : Any(random, "1", "2", "1-1", "7")
                    : part
            )
        );
        var queries = operation
            .Queries.Append("unknown")
            .Where(_ => random.Next(4) == 0)
            .Select(name => $"{name}={Any(random, Words)}")
            .ToList();
        return queries.Count == 0 ? target : $"{target}?{string.Join('&', queries)}";
    }

    private byte[] Body(Random random, ApiOperation operation)
    {
        if (operation.Body is not { } schema)
        {
            return random.Next(20) == 0 ? "{}"u8.ToArray() : [];
        }
        using var written = new MemoryStream();
        using (var json = new Utf8JsonWriter(written, new JsonWriterOptions { SkipValidation = true }))
        {
            Write(random, json, schema, 0);
        }
        return random.Next(6) == 0 ? MutatedBytes.Of(random, written.ToArray()) : written.ToArray();
    }

    private void Write(Random random, Utf8JsonWriter json, JsonElement given, int depth)
    {
        var schema = shape.Resolve(given);
        if (random.Next(25) == 0 || depth > Deepest)
        {
            WriteAnything(random, json);
            return;
        }
        if (Choices(schema) is { Count: > 0 } choices)
        {
            Write(random, json, choices[random.Next(choices.Count)], depth + 1);
            return;
        }
        if (schema.TryGetProperty("enum", out var words))
        {
            words[random.Next(words.GetArrayLength())].WriteTo(json);
            return;
        }
        switch (TypeOf(random, schema))
        {
            case "object":
                WriteObject(random, json, schema, depth);
                break;
            case "array":
                json.WriteStartArray();
                for (var count = random.Next(4); count > 0 && schema.TryGetProperty("items", out var items); count--)
                {
                    Write(random, json, items, depth + 1);
                }
                json.WriteEndArray();
                break;
            case "integer" or "number":
                json.WriteNumberValue(Number(random, schema));
                break;
            case "boolean":
                json.WriteBooleanValue(random.Next(2) == 0);
                break;
            case "string":
                json.WriteStringValue(random.Next(30) == 0 ? new string('x', 5_000) : Any(random, Texts));
                break;
            default:
                WriteAnything(random, json);
                break;
        }
    }

    private void WriteObject(Random random, Utf8JsonWriter json, JsonElement schema, int depth)
    {
        json.WriteStartObject();
        if (schema.TryGetProperty("properties", out var properties))
        {
            var required = schema.TryGetProperty("required", out var names)
                ? names.EnumerateArray().Select(name => name.GetString()).ToHashSet()
                : [];
            foreach (var property in properties.EnumerateObject())
            {
                if (random.Next(10) < (required.Contains(property.Name) ? 9 : 3))
                {
                    json.WritePropertyName(property.Name);
                    Write(random, json, property.Value, depth + 1);
                }
            }
        }
        if (random.Next(15) == 0)
        {
            json.WritePropertyName(Any(random, Texts));
            WriteAnything(random, json);
        }
        json.WriteEndObject();
    }

    private static void WriteAnything(Random random, Utf8JsonWriter json)
    {
        switch (random.Next(6))
        {
            case 0:
                json.WriteNullValue();
                break;
            case 1:
                json.WriteStringValue(Any(random, Texts));
                break;
            case 2:
                json.WriteRawValue(Any(random, "1e400", "-0", "99999999999999999999", "0.5"), skipInputValidation: true);
                break;
            case 3:
                json.WriteRawValue("[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]", skipInputValidation: true);
                break;
            case 4:
                json.WriteRawValue("{\"a\":1,\"a\":2}", skipInputValidation: true);
                break;
            default:
                json.WriteBooleanValue(true);
                break;
        }
    }

    private static List<JsonElement> Choices(JsonElement schema) =>
        new[] { "oneOf", "anyOf", "allOf" }
            .Where(name => schema.TryGetProperty(name, out _))
            .SelectMany(name => schema.GetProperty(name).EnumerateArray())
            .ToList();

    private static string? TypeOf(Random random, JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return null;
        }
        return type.ValueKind == JsonValueKind.Array
            ? type[random.Next(type.GetArrayLength())].GetString()
            : type.GetString();
    }

    private static long Number(Random random, JsonElement schema)
    {
        var least = schema.TryGetProperty("minimum", out var minimum) ? (long)minimum.GetDouble() : -1;
        var most = schema.TryGetProperty("maximum", out var maximum) ? (long)Math.Min(maximum.GetDouble(), 1L << 40) : 100_000;
        return random.Next(5) == 0 ? (random.Next(2) == 0 ? least - 1 : most + 1) : random.NextInt64(least, most + 1);
    }

    private static string Any(Random random, params string[] choices) => choices[random.Next(choices.Length)];
}
