using System.Text.Json;

namespace Recorder.Http.Requests;

/// <summary>A field that is a whole number. The parser checks values against the field, and the API's description is
/// made from the field.</summary>
/// <param name="Name">The field's name in JSON.</param>
/// <param name="Description">The field's meaning.</param>
/// <param name="Minimum">The lowest value.</param>
/// <param name="Maximum">The highest value.</param>
/// <param name="Default">The value when the field is absent; null for a required field.</param>
/// <param name="Unit">The field's unit, for sentences.</param>
/// <param name="Even">Whether odd values are refused.</param>
internal sealed record WholeNumberField(
    string Name,
    string Description,
    int Minimum,
    int Maximum,
    int? Default,
    string Unit,
    bool Even = false
)
{
    /// <summary>The reason for the range, for the sentence that refuses another value; may be empty.</summary>
    public string Because { get; init; } = "";
}

/// <summary>A field that is one of a closed set of words: the names of an enum in snake_case.</summary>
internal sealed record ChoiceField<T>(string Name, string Description, T Default) : IChoiceField
    where T : struct, Enum
{
    /// <summary>The accepted values; all values by default.</summary>
    public IReadOnlyList<T> Served { get; init; } = Enum.GetValues<T>();

    /// <summary>Whether the words are written in capitals, as names of codecs are, and accepted in any case.</summary>
    public bool UpperCase { get; init; }

    public IReadOnlyList<string> Words => [.. Served.Select(Word)];

    public string DefaultWord => Word(Default);

    public string Word(T value)
    {
        var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
        return UpperCase ? name.ToUpperInvariant() : name;
    }

    public bool TryParse(string word, out T value)
    {
        var comparison = UpperCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        foreach (var served in Served)
        {
            value = served;
            if (string.Equals(Word(served), word, comparison))
            {
                return true;
            }
        }

        value = Default;
        return false;
    }
}

/// <summary>The part of a <see cref="ChoiceField{T}"/> that the API's description needs, whatever the field's
/// enum.</summary>
internal interface IChoiceField
{
    string Name { get; }

    string Description { get; }

    IReadOnlyList<string> Words { get; }

    string DefaultWord { get; }
}
