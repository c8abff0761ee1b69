using System.Text.Json;

namespace Recorder.Http.Requests;

/// <summary>A field that is a whole number. The parser checks by it and the API's description is made from
/// it.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Description">What it is.</param>
/// <param name="Minimum">The lowest value.</param>
/// <param name="Maximum">The highest value.</param>
/// <param name="Default">The value where it is absent; null for a field that must be there.</param>
/// <param name="Unit">Its unit, for sentences.</param>
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
    /// <summary>Why it has this range, for the sentence that refuses another value; may be empty.</summary>
    public string Because { get; init; } = "";
}

/// <summary>A field that is one of a closed set of words: the names of an enum in snake_case.</summary>
internal sealed record ChoiceField<T>(string Name, string Description, T Default) : IChoiceField
    where T : struct, Enum
{
    /// <summary>The values that are served; all of them by default.</summary>
    public IReadOnlyList<T> Served { get; init; } = Enum.GetValues<T>();

    /// <summary>Whether the words are told in capitals, as names of codecs are written, and taken in any
    /// case.</summary>
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

/// <summary>What the API's description needs of a <see cref="ChoiceField{T}"/>, whatever its enum.</summary>
internal interface IChoiceField
{
    string Name { get; }

    string Description { get; }

    IReadOnlyList<string> Words { get; }

    string DefaultWord { get; }
}
