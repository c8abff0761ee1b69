using System.Globalization;

namespace Recorder.Node.Hosting;

/// <summary>
/// Looks at the keys and values of one source of configuration and says what is wrong with them, in sentences that name the
/// key, the source and the way out. A setting that would silently do nothing is worse than a node that does not start.
/// </summary>
internal static class OptionChecks
{
    /// <summary>The option a key belongs to, or null with a sentence about why there is none.</summary>
    /// <param name="key">The key below the section <c>Recorder</c>.</param>
    /// <param name="source">Where it was found, such as a file's name.</param>
    /// <param name="problem">The sentence.</param>
    public static OptionKey? Find(string key, string source, out string? problem)
    {
        var option = RecorderSettings.Options.FirstOrDefault(candidate => candidate.Covers(key));
        problem = option is null ? $"{source} sets {key}, and there is no such option.{Suggestion(key)} recorder help options lists all options." : null;
        return option;
    }

    /// <summary>Turns a value into the form .NET's binder reads, or says what is wrong with it.</summary>
    /// <param name="option">The option.</param>
    /// <param name="value">The value as it was written.</param>
    /// <param name="subject">How the sentence begins: who sets which key.</param>
    /// <param name="problem">The sentence, or null.</param>
    public static string? Normalize(OptionKey option, string? value, string subject, out string? problem)
    {
        problem = null;
        // Parts of a list's elements are checked by whoever reads the list.
        if (value is null || !option.IsScalar || option.Type == typeof(string))
            return value;

        var (wanted, number, normal) = Read(option.Type, value);
        var range = OptionRange.ByKey.GetValueOrDefault(option.Key);
        if (normal is null)
            problem = $"{subject} to \"{value}\"; it must be {wanted}{(range is null ? "" : ", " + range.Describe(option.Type))}.";
        else if (range is not null && (number < range.Least || number > range.Most))
            problem = $"{subject} to {value}; it must be {range.Describe(option.Type)}.";
        return normal;
    }

    private static (string Wanted, double Number, string? Normal) Read(Type type, string value)
    {
        var invariant = CultureInfo.InvariantCulture;
        if (type == typeof(TimeSpan))
            return ("a duration such as 500 ms, 30 s or 10 min", Duration.TryParse(value, out var duration) ? duration.TotalSeconds : 0,
                duration == default && !Duration.TryParse(value, out _) ? null : duration.ToString("c", invariant));
        if (type == typeof(bool))
            return ("true or false", 0, bool.TryParse(value, out var flag) ? flag.ToString(invariant) : null);
        if (type.IsEnum)
            return ("one of " + string.Join(", ", Enum.GetNames(type)), 0, EnumName(type, value));
        if (type == typeof(double) || type == typeof(float) || type == typeof(decimal))
            return ("a number", double.TryParse(value, NumberStyles.Float, invariant, out var real) ? real : 0,
                double.TryParse(value, NumberStyles.Float, invariant, out _) ? value : null);
        return ("a whole number", long.TryParse(value, NumberStyles.AllowLeadingSign, invariant, out var whole) ? whole : 0,
            long.TryParse(value, NumberStyles.AllowLeadingSign, invariant, out _) ? value : null);
    }

    private static string? EnumName(Type type, string value) =>
        Enum.GetNames(type).FirstOrDefault(name => string.Equals(name, value, StringComparison.OrdinalIgnoreCase));

    private static string Suggestion(string key)
    {
        var name = key[(key.LastIndexOf(':') + 1)..];
        var near = RecorderSettings.Options.Select(option => option.Key)
            .FirstOrDefault(known => string.Equals(known[(known.LastIndexOf(':') + 1)..], name, StringComparison.OrdinalIgnoreCase));
        return near is null ? "" : $" Is {near} meant?";
    }
}
