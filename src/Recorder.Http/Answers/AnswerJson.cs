using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recorder.Http.Answers;

/// <summary>
/// How answers are written, and how the command line reads them. Fields that the command line needs are marked by
/// <see cref="JsonRequiredAttribute"/>, so that the answer of another program is not accepted. Other fields may be
/// absent, because an older node omits them.
/// </summary>
public static class AnswerJson
{
    /// <summary>The options of every answer.</summary>
    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions());

    /// <summary>Copies these options to another set of options, from which the API's description is made.</summary>
    internal static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.NumberHandling = JsonNumberHandling.Strict;
        // Answers are only JSON and never embedded into HTML, so paths and names may stay readable.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        return options;
    }
}
