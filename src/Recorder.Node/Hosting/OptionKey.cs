using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Recorder.Node.Hosting;

/// <summary>One thing that can be set, found by reflection, so that no list of options can forget one.</summary>
/// <param name="Key">Its key below the section <c>Recorder</c>, such as <c>Sessions:StartLimit</c>.</param>
/// <param name="Type">The type of its value; of a list, the type of an element.</param>
/// <param name="IsList">Whether it holds several values.</param>
/// <param name="Default">The value the options class has by itself.</param>
internal sealed record OptionKey(string Key, Type Type, bool IsList, object? Default)
{
    /// <summary>Whether one value can be written as one word: on a command line, in an environment variable.</summary>
    public bool IsScalar => !IsList && IsSimple(Type);

    /// <summary>The command line's name of it, such as <c>--sessions-start-limit</c>.</summary>
    public string CommandLineName => "--" + Words('-');

    /// <summary>The environment's friendly name of it, such as <c>RECORDER_SESSIONS_START_LIMIT</c>.</summary>
    public string EnvironmentName => "RECORDER_" + Words('_').ToUpperInvariant();

    /// <summary>Whether a configuration key sets this option or a part of it.</summary>
    public bool Covers(string key)
    {
        if (string.Equals(key, Key, StringComparison.OrdinalIgnoreCase))
            return true;
        if (!IsList || !key.StartsWith(Key + ':', StringComparison.OrdinalIgnoreCase))
            return false;

        var parts = key[(Key.Length + 1)..].Split(':', 2);
        if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out _))
            return false;
        return IsSimple(Type)
            ? parts.Length == 1
            : parts.Length == 2 && Under("", Activator.CreateInstance(Type)!).Any(option => option.Covers(parts[1]));
    }

    /// <summary>All options of an options object, in the order of their declaration.</summary>
    /// <param name="prefix">The key of the object itself, or empty.</param>
    /// <param name="defaults">A fresh one.</param>
    public static IEnumerable<OptionKey> Under(string prefix, object defaults)
    {
        foreach (var property in defaults.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var key = prefix.Length == 0 ? property.Name : $"{prefix}:{property.Name}";
            var value = property.GetValue(defaults);
            if (IsSimple(property.PropertyType))
            {
                if (property.SetMethod is { IsPublic: true })
                    yield return new OptionKey(key, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, IsList: false, value);
            }
            else if (ElementOf(property.PropertyType) is { } element)
                yield return new OptionKey(key, element, IsList: true, value);
            else if (value is not null)
                foreach (var inner in Under(key, value))
                    yield return inner;
        }
    }

    /// <summary>A value in the form it has in the configuration file.</summary>
    public static string Write(object? value) => value switch
    {
        null => "",
        TimeSpan duration => Duration.Format(duration),
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        string text => text,
        IEnumerable list => string.Join(", ", list.Cast<object>().Select(Write)),
        _ => value.ToString() ?? "",
    };

    private static bool IsSimple(Type type)
    {
        var inner = Nullable.GetUnderlyingType(type) ?? type;
        return inner.IsPrimitive || inner.IsEnum || inner == typeof(string) || inner == typeof(TimeSpan) || inner == typeof(LogLevel);
    }

    private static Type? ElementOf(Type type) => type.IsArray
        ? type.GetElementType()
        : type.GetInterfaces().Append(type)
            .FirstOrDefault(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == typeof(IEnumerable<>))
            ?.GetGenericArguments()[0];

    private string Words(char separator)
    {
        var words = new StringBuilder();
        for (var i = 0; i < Key.Length; i++)
        {
            var startsWord = i > 0 && char.IsUpper(Key[i]) && Key[i - 1] != ':' && char.IsLower(Key[i - 1]);
            if (startsWord)
                words.Append(separator);
            words.Append(Key[i] == ':' ? separator : char.ToLowerInvariant(Key[i]));
        }

        return words.ToString();
    }
}
