using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recorder.Http.Answers;

/// <summary>
/// How answers are written, and read by the command line. What the command line cannot do without is
/// <see cref="JsonRequiredAttribute"/>, so that the answer of something else is no answer; other fields may be absent,
/// as an older node leaves them out.
/// </summary>
public static class AnswerJson
{
    /// <summary>The options of every answer.</summary>
    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions());

    /// <summary>Sets these options on another set: the API's description is made from that.</summary>
    internal static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.NumberHandling = JsonNumberHandling.Strict;
        // Answers are JSON and nothing else: a path or a name stays readable, and nothing is embedded into HTML.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        return options;
    }
}
