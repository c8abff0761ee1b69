using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Recorder.Cluster.Settings;

namespace Recorder.Node.Configuration;

/// <summary>
/// One option, with what its property states: default, range, unit, earlier names and text. Options are found by
/// reflection, so that no list of options can omit one.
/// </summary>
internal sealed class RecorderOption
{
    private readonly PropertyInfo _property;
    private readonly RangeAttribute? _range;

    private RecorderOption(string key, PropertyInfo property, Type type, bool isList, object? initial)
    {
        _property = property;
        IsMap = isList && type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>);
        type = IsMap ? type.GetGenericArguments()[1] : type;
        (Key, Type, IsList, Default) = (key, Nullable.GetUnderlyingType(type) ?? type, isList, initial);
        List<FormerKey>? former = null;
        // The texts are not kept here, because they are long and only help needs them.
        foreach (var stated in property.GetCustomAttributes<OptionAttribute>())
        {
            switch (stated)
            {
                case RangeAttribute range:
                    _range = range;
                    break;
                case WordsAttribute:
                    IsWords = true;
                    break;
                case UnitAttribute unit:
                    Unit = unit.Unit;
                    break;
                case FormerlyAttribute name:
                    (former ??= []).Add(new FormerKey(this, key[..(key.LastIndexOf(':') + 1)] + name.Name, name.Unit));
                    break;
            }
        }

        Former = former ?? [];
    }

    /// <summary>The option's key below the section <c>Recorder</c>, such as <c>Sessions:StartLimit</c>.</summary>
    public string Key { get; }

    /// <summary>The type of the option's value; for a list, the type of an element.</summary>
    public Type Type { get; }

    /// <summary>Whether the option holds several values.</summary>
    public bool IsList { get; }

    /// <summary>Whether the values have names of their own, such as destinations. Otherwise the values of a list are
    /// numbered.</summary>
    public bool IsMap { get; }

    /// <summary>The options of each value of a map; none for another option.</summary>
    public IEnumerable<RecorderOption> Inner => IsMap ? Under("", Activator.CreateInstance(Type)!) : [];

    /// <summary>The value in a fresh options object.</summary>
    public object? Default { get; }

    /// <summary>The unit of a number; null without a unit.</summary>
    public string? Unit { get; }

    /// <summary>The option's keys in earlier versions.</summary>
    public IReadOnlyList<FormerKey> Former { get; }

    /// <summary>Whether a value can be written as one word, on a command line or in an environment variable.</summary>
    public bool IsScalar => !IsList && OptionValues.IsOneWord(Type);

    /// <summary>Whether the option is a list that can be written as one text.</summary>
    public bool IsWords { get; }

    /// <summary>The option's name on the command line.</summary>
    public string CommandLineName => OptionNames.OnCommandLine(Key);

    /// <summary>The option's name in the environment, in its friendly form.</summary>
    public string EnvironmentName => OptionNames.InEnvironment(Key);

    /// <summary>What the option is for, in sentences.</summary>
    public string Text => _property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "";

    /// <summary>What the options of the section are for, as a sentence; empty when the option is in no
    /// section.</summary>
    public string SectionText => _property.DeclaringType!.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "";

    /// <summary>The values that the option may have: a range with its unit, or the known words; null for a free text or
    /// list.</summary>
    public string? Values =>
        _range is not null ? $"{_range.Least} to {_range.Most}{(IsPlainNumber && Unit is not null ? " " + Unit : "")}"
        : IsScalar && Type.IsEnum ? string.Join(", ", Enum.GetNames(Type))
        : IsScalar && Type == typeof(bool) ? "true, false"
        : null;

    /// <summary>The default, written as in the configuration file.</summary>
    public string DefaultText => OptionValues.Write(Default);

    /// <summary>The ways in which earlier versions wrote the option, in sentences; null when there are none.</summary>
    public string? EarlierText
    {
        get
        {
            string?[] sentences =
            [
                !IsPlainNumber && Unit is not null ? $"A number without a unit is in {Unit}." : null,
                .. Former.Select(former =>
                    $"Earlier versions called it {former.Name}{(former.Unit is null ? "" : $", a number in {former.Unit}")}."
                ),
            ];
            var said = string.Join(' ', sentences.OfType<string>());
            return said.Length == 0 ? null : said;
        }
    }

    private bool IsPlainNumber => Type.IsPrimitive;

    /// <summary>All options of an options object, in the order of their declaration.</summary>
    /// <param name="prefix">The key of the object itself, or empty.</param>
    /// <param name="defaults">A fresh options object.</param>
    public static IEnumerable<RecorderOption> Under(string prefix, object defaults)
    {
        foreach (var property in defaults.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var key = prefix.Length == 0 ? property.Name : $"{prefix}:{property.Name}";
            var value = property.GetValue(defaults);
            if (OptionValues.IsOneWord(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType))
            {
                if (property.SetMethod is { IsPublic: true })
                {
                    yield return new RecorderOption(key, property, property.PropertyType, isList: false, value);
                }
            }
            else if (ElementOf(property.PropertyType) is { } element)
            {
                yield return new RecorderOption(key, property, element, isList: true, value);
            }
            else if (value is not null)
            {
                foreach (var inner in Under(key, value))
                {
                    yield return inner;
                }
            }
        }
    }

    /// <summary>What a key sets: this option, or a part of an element of the option's list; null for another
    /// key.</summary>
    /// <param name="key">The key.</param>
    public RecorderOption? PartAt(string key)
    {
        if (string.Equals(key, Key, StringComparison.OrdinalIgnoreCase))
        {
            return this;
        }
        if (!IsList || !key.StartsWith(Key + ':', StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var parts = key[(Key.Length + 1)..].Split(':', 2);
        if (!IsMap && !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            return null;
        }
        if (OptionValues.IsOneWord(Type))
        {
            return parts.Length == 1 ? this : null;
        }
        return parts.Length == 2
            ? Under("", Activator.CreateInstance(Type)!)
                .Select(option => option.PartAt(parts[1]))
                .FirstOrDefault(part => part is not null)
            : null;
    }

    /// <summary>Turns a value into the form that .NET's binder reads, or says what is wrong with the value.</summary>
    /// <param name="value">The value as written.</param>
    /// <param name="former">The earlier key that sets the value; null for today's key.</param>
    /// <param name="subject">The beginning of the sentence: who sets which key.</param>
    /// <param name="problem">The sentence; null when nothing is wrong.</param>
    public string? Normalize(string value, FormerKey? former, string subject, out string? problem)
    {
        problem = null;
        if (!IsScalar || Type == typeof(string))
        {
            return value;
        }

        var read = OptionValues.Read(Type, value, former?.Unit ?? Unit);
        if (read is null)
        {
            problem =
                $"{subject} to \"{value}\"; it must be {OptionValues.Wanted(Type)}{(_range is null ? "" : ", " + Values)}.";
        }
        else if (
            _range is not null
            && (read.Magnitude < Magnitude(_range.Least) || read.Magnitude > Magnitude(_range.Most))
        )
        {
            problem = $"{subject} to {value}; it must be {Values}.";
        }
        return problem is null ? read!.Normal : null;
    }

    /// <summary>Whether an environment variable names a key: in the form of <see cref="OptionNames.InEnvironment"/>, or
    /// by the key itself.</summary>
    /// <param name="key">The key.</param>
    /// <param name="variable">The variable's name without its prefix.</param>
    public static bool IsVariable(string key, string variable) =>
        OptionNames
            .InEnvironment(key)
            .AsSpan(OptionNames.EnvironmentPrefix.Length)
            .Equals(variable, StringComparison.OrdinalIgnoreCase)
        || key.Equals(variable, StringComparison.OrdinalIgnoreCase);

    private double Magnitude(string value) =>
        OptionValues.Read(Type, value, null)?.Magnitude
        ?? throw new InvalidOperationException($"{Key} states the range end {value}, which is no {Type.Name}.");

    private static Type? ElementOf(Type type) =>
        type.IsArray
            ? type.GetElementType()
            : type.GetInterfaces()
                .Append(type)
                .FirstOrDefault(candidate =>
                    candidate.IsGenericType && candidate.GetGenericTypeDefinition() == typeof(IEnumerable<>)
                )
                ?.GetGenericArguments()[0];
}

/// <summary>A key that an option had in an earlier version.</summary>
/// <param name="Option">The option.</param>
/// <param name="Key">The earlier key below the section <c>Recorder</c>.</param>
/// <param name="Unit">The unit of a number without a written unit; null when there is no such unit.</param>
internal sealed record FormerKey(RecorderOption Option, string Key, string? Unit)
{
    /// <summary>The last part of the key.</summary>
    public string Name => Key[(Key.LastIndexOf(':') + 1)..];

    /// <summary>The key's name on the command line.</summary>
    public string CommandLineName => OptionNames.OnCommandLine(Key);
}
