using System.Globalization;
using Microsoft.OpenApi;
using Recorder.Cluster.Settings;
using Recorder.Http.Requests;

namespace Recorder.Http.OpenApi;

/// <summary>The schema of the rules by which a session ends by itself.</summary>
internal static class EndSchema
{
    /// <summary>The rules.</summary>
    public static OpenApiSchema Of()
    {
        var schema = RequestSchemas.Object(
            (EndFields.MaxDuration.Name, false, Length(EndFields.MaxDuration)),
            (EndFields.MaxBytes.Name, false, Size(EndFields.MaxBytes)),
            (
                EndFields.Silence,
                false,
                RequestSchemas.Object(
                    (EndFields.For.Name, true, Length(EndFields.For)),
                    (EndFields.BelowDb.Name, false, RequestSchemas.Whole(EndFields.BelowDb)),
                    (EndFields.NotBefore.Name, false, Length(EndFields.NotBefore))
                )
            ),
            (EndFields.Still, false, RequestSchemas.Object((EndFields.For.Name, true, Length(EndFields.For)))),
            (
                EndFields.Page,
                false,
                new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Description = "What of the page ends the session.",
                    UniqueItems = true,
                    Items = RequestSchemas.Words(EndFields.PageWord.Words, EndFields.PageWord.Description),
                }
            ),
            (EndFields.Selector, false, BeginSchema.Selector("The element of selector_gone.")),
            (EndFields.Text, false, BeginSchema.Texts("The session ends as soon as the page shows one of these texts.")),
            (
                EndFields.Alone,
                false,
                RequestSchemas.Object(
                    (EndFields.Selector, true, BeginSchema.Selector("The element that shows a participant.")),
                    (EndFields.AtMost.Name, false, RequestSchemas.Whole(EndFields.AtMost)),
                    (EndFields.For.Name, false, Length(EndFields.For))
                )
            ),
            (EndFields.Grace.Name, false, Length(EndFields.Grace)),
            (EndFields.SenderSilent.Name, false, Length(EndFields.SenderSilent))
        );
        schema.Description =
            "When the session ends by itself: as soon as one of these rules says so. Sessions:MaxDuration of the farm applies besides.";
        return schema;
    }

    /// <summary>A duration.</summary>
    /// <param name="field">The field.</param>
    public static OpenApiSchema Length(DurationField field) =>
        Either(
            $"{field.Description} Text with a unit, such as 90 min, or a number of seconds, from {Duration.Format(field.Least)} to {Duration.Format(field.Most)}.",
            field.Least.TotalSeconds
        );

    private static OpenApiSchema Size(SizeField field) =>
        Either(
            $"{field.Description} Text with a unit, such as 20 GiB, or a number of bytes, from {new ByteSize(field.Least)} to {new ByteSize(field.Most)}.",
            field.Least
        );

    private static OpenApiSchema Either(string description, double least) =>
        new()
        {
            Type = JsonSchemaType.String | JsonSchemaType.Number | JsonSchemaType.Null,
            Description = description,
            Minimum = least.ToString(CultureInfo.InvariantCulture),
            MaxLength = 64,
        };
}
