using Microsoft.OpenApi;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Requests;

namespace Recorder.Http.OpenApi;

/// <summary>The schema of the rule for the beginning of a record.</summary>
internal static class BeginSchema
{
    /// <summary>The rule.</summary>
    public static OpenApiSchema Of()
    {
        var schema = RequestSchemas.Object(
            (BeginFields.When.Name, false, RequestSchemas.Choice(BeginFields.When)),
            (BeginFields.Selector, false, Selector("With when selector: the record begins once a matching element is shown.")),
            (
                BeginFields.Script,
                false,
                RequestSchemas.Text(
                    "With when script: a JavaScript expression or function, which the page is asked until the answer is true. Promises are awaited for a second.",
                    null,
                    SpecLimits.MaximumScriptLength
                )
            ),
            (
                BeginFields.Unless,
                false,
                RequestSchemas.Object(
                    (BeginFields.Selector, false, Selector("An element that only a lobby shows.")),
                    (BeginFields.Text, false, Texts("Texts of which a lobby shows one."))
                )
            ),
            (BeginFields.Timeout.Name, false, EndSchema.Length(BeginFields.Timeout)),
            (BeginFields.LobbyTimeout.Name, false, EndSchema.Length(BeginFields.LobbyTimeout)),
            (BeginFields.Otherwise.Name, false, RequestSchemas.Choice(BeginFields.Otherwise))
        );
        schema.Description =
            "When the record begins. Until then the page is shown and not recorded. While unless holds, the session is waiting_to_enter.";
        return schema;
    }

    /// <summary>A CSS selector.</summary>
    /// <param name="description">What the selector is for.</param>
    public static OpenApiSchema Selector(string description) =>
        RequestSchemas.Text(description + " A CSS selector.", null, SpecLimits.MaximumSelectorLength);

    /// <summary>A list of texts, or one text.</summary>
    /// <param name="description">What the texts are for.</param>
    public static OpenApiSchema Texts(string description) =>
        new()
        {
            Type = JsonSchemaType.Array | JsonSchemaType.String,
            Description = description + " Capitals do not count; one text may stand alone.",
            MaxItems = SpecLimits.MaximumTexts,
            MaxLength = SpecLimits.MaximumTextLength,
            Items = RequestSchemas.Text("A text.", null, SpecLimits.MaximumTextLength),
        };
}
