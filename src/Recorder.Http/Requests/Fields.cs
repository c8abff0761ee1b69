using System.Text.Json;

namespace Recorder.Http.Requests;

/// <summary>A field that is a whole number. The parser checks by it and the API's description is made from it.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Description">What it is.</param>
/// <param name="Minimum">The lowest value.</param>
/// <param name="Maximum">The highest value.</param>
/// <param name="Default">The value where it is absent; null for a field that must be there.</param>
/// <param name="Unit">Its unit, for sentences.</param>
/// <param name="Even">Whether odd values are refused.</param>
internal sealed record WholeNumberField(
    string Name, string Description, int Minimum, int Maximum, int? Default, string Unit, bool Even = false);

/// <summary>A field that is one of a closed set of words: the names of an enum in snake_case.</summary>
internal sealed record ChoiceField<T>(string Name, string Description, T Default) : IChoiceField
    where T : struct, Enum
{
    private readonly Dictionary<string, T> _values =
        Enum.GetValues<T>().ToDictionary(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()), StringComparer.Ordinal);

    public IReadOnlyList<string> Words => [.. _values.Keys];

    public string DefaultWord => _values.First(pair => pair.Value.Equals(Default)).Key;

    public bool TryParse(string word, out T value) => _values.TryGetValue(word, out value);
}

/// <summary>What the API's description needs of a <see cref="ChoiceField{T}"/>, whatever its enum.</summary>
internal interface IChoiceField
{
    string Name { get; }

    string Description { get; }

    IReadOnlyList<string> Words { get; }

    string DefaultWord { get; }
}
