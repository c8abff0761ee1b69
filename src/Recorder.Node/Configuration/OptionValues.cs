using System.Collections;
using System.Globalization;
using Recorder.Cluster.Settings;

namespace Recorder.Node.Configuration;

/// <summary>Reads and writes the values of each type of option. Pure.</summary>
internal static class OptionValues
{
    /// <summary>Whether a value of the type is one word.</summary>
    public static bool IsOneWord(Type type) =>
        type.IsPrimitive
        || type.IsEnum
        || type == typeof(string)
        || type == typeof(TimeSpan)
        || type == typeof(ByteSize);

    /// <summary>Whether values of the type are numbers, with any unit, and need a range.</summary>
    public static bool IsNumber(Type type) =>
        IsOneWord(type) && type != typeof(string) && type != typeof(bool) && !type.IsEnum;

    /// <summary>The name of a value of the type in help texts.</summary>
    public static string ArgumentOf(Type type) =>
        type == typeof(TimeSpan) ? "DURATION"
        : type == typeof(ByteSize) ? "SIZE"
        : type == typeof(string) ? "TEXT"
        : type == typeof(bool) ? "true|false"
        : type.IsEnum ? "WORD"
        : "NUMBER";

    /// <summary>A description of the values that the type accepts.</summary>
    public static string Wanted(Type type) =>
        type == typeof(TimeSpan) ? "a duration such as 500 ms, 30 s or 10 min"
        : type == typeof(ByteSize) ? "a size such as 500 MB or 2 GB"
        : type == typeof(bool) ? "true or false"
        : type.IsEnum ? "one of " + string.Join(", ", Enum.GetNames(type))
        : type == typeof(double) ? "a number"
        : "a whole number";

    /// <summary>Reads a value.</summary>
    /// <param name="type">The value's type: a one-word type other than text.</param>
    /// <param name="text">The value as written.</param>
    /// <param name="unit">The unit of a number without a written unit; null when a duration or size must have a
    /// unit.</param>
    /// <returns>The value; null when the text is not a value of the type.</returns>
    public static OptionValue? Read(Type type, string text, string? unit)
    {
        var invariant = CultureInfo.InvariantCulture;
        if (type == typeof(bool))
        {
            return bool.TryParse(text, out var flag) ? new OptionValue(0, flag.ToString(invariant)) : null;
        }
        if (type.IsEnum)
        {
            return
                Array.Find(Enum.GetNames(type), name => name.Equals(text, StringComparison.OrdinalIgnoreCase))
                    is { } name
                ? new OptionValue(0, name)
                : null;
        }
        if (type == typeof(TimeSpan))
        {
            return Duration.TryParse(WithUnit(text, unit), out var duration)
                ? new OptionValue(duration.TotalSeconds, duration.ToString("c", invariant))
                : null;
        }
        if (type == typeof(ByteSize))
        {
            return ByteSize.TryParse(WithUnit(text, unit), out var size)
                ? new OptionValue(size.Bytes, string.Create(invariant, $"{size.Bytes} B"))
                : null;
        }

        var digits =
            unit is not null && text.EndsWith(unit, StringComparison.Ordinal) ? text[..^unit.Length].TrimEnd() : text;
        if (type == typeof(double))
        {
            return double.TryParse(digits, NumberStyles.Float, invariant, out var real) && double.IsFinite(real)
                ? new OptionValue(real, digits)
                : null;
        }
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, invariant, out var whole)
            ? new OptionValue(whole, digits)
            : null;
    }

    /// <summary>Writes a value as in the configuration file.</summary>
    public static string Write(object? value) =>
        value switch
        {
            null => "",
            TimeSpan duration => Duration.Format(duration),
            bool flag => flag ? "true" : "false",
            string text => text,
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            IEnumerable list => string.Join(", ", list.Cast<object>().Select(Write)),
            _ => value.ToString() ?? "",
        };

    private static string WithUnit(string text, string? unit) =>
        unit is not null && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? $"{text.Trim()} {unit}"
            : text;
}

/// <summary>The result of reading a value.</summary>
/// <param name="Magnitude">The number that ranges are compared with: the number itself, a duration's seconds, a size's
/// bytes; 0 for other types.</param>
/// <param name="Normal">The value in the form that .NET's binder reads.</param>
internal sealed record OptionValue(double Magnitude, string Normal);
