using System.Globalization;
using System.Text.Json;
using Recorder.Cluster.Settings;
using Recorder.Http.Answers;

namespace Recorder.Http.Requests;

/// <summary>A field that is a duration: text with a unit, such as <c>90 min</c>, or a number of seconds.</summary>
/// <param name="Name">The field's name in JSON.</param>
/// <param name="Description">The field's meaning.</param>
/// <param name="Least">The shortest duration.</param>
/// <param name="Most">The longest duration.</param>
internal sealed record DurationField(string Name, string Description, TimeSpan Least, TimeSpan Most);

/// <summary>A field that is a size: text with a unit, such as <c>20 GiB</c>, or a number of bytes.</summary>
/// <param name="Name">The field's name in JSON.</param>
/// <param name="Description">The field's meaning.</param>
/// <param name="Least">The smallest size in bytes.</param>
/// <param name="Most">The greatest size in bytes.</param>
internal sealed record SizeField(string Name, string Description, long Least, long Most);

/// <summary>Reads fields that are quantities with a unit.</summary>
internal static class QuantityFields
{
    private const int LongestText = 64;

    /// <summary>Reads a duration; null when the field is absent, null or refused.</summary>
    /// <param name="fields">The object that holds the field.</param>
    /// <param name="field">The field.</param>
    public static TimeSpan? Duration(this JsonFields fields, DurationField field)
    {
        TimeSpan? read = fields.Kind(field.Name) switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            JsonValueKind.Number => Seconds(fields.Number(field.Name)),
            JsonValueKind.String => Parse(fields.Text(field.Name, LongestText, required: false)),
            _ => TimeSpan.MinValue,
        };
        if (read is { } found && (found < field.Least || found > field.Most))
        {
            var shown = Redaction.Line(fields.Raw(field.Name), LongestText);
            fields.Refuse(
                field.Name,
                $"{fields.Path(field.Name)} must be a duration from {Cluster.Settings.Duration.Format(field.Least)} to {Cluster.Settings.Duration.Format(field.Most)}, such as \"90 min\" or a number of seconds; {shown} is not."
            );
            return null;
        }
        return read;

        static TimeSpan Parse(string? text) =>
            text is not null && Cluster.Settings.Duration.TryParse(text, out var duration)
                ? duration
                : TimeSpan.MinValue;

        static TimeSpan Seconds(double seconds) =>
            Math.Abs(seconds) < 1e9 ? TimeSpan.FromSeconds(seconds) : TimeSpan.MinValue;
    }

    /// <summary>Reads a size in bytes; null when the field is absent, null or refused.</summary>
    /// <param name="fields">The object that holds the field.</param>
    /// <param name="field">The field.</param>
    public static long? Size(this JsonFields fields, SizeField field)
    {
        long? read = fields.Kind(field.Name) switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => null,
            JsonValueKind.Number => Whole(fields.Number(field.Name)),
            JsonValueKind.String => Parse(fields.Text(field.Name, LongestText, required: false)),
            _ => -1,
        };
        if (read is { } found && (found < field.Least || found > field.Most))
        {
            var shown = Redaction.Line(fields.Raw(field.Name), LongestText);
            fields.Refuse(
                field.Name,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{fields.Path(field.Name)} must be a size from {new ByteSize(field.Least)} to {new ByteSize(field.Most)}, such as \"20 GiB\" or a number of bytes; {shown} is not."
                )
            );
            return null;
        }
        return read;

        static long Parse(string? text) => text is not null && ByteSize.TryParse(text, out var size) ? size.Bytes : -1;

        static long Whole(double bytes) => bytes is >= 0 and < 1e18 && bytes % 1 == 0 ? (long)bytes : -1;
    }
}
