using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Recorder.Http.Profiles;

/// <summary>
/// Puts values in the places <c>{{name}}</c> of a profile. Each place is written as its field needs: percent-encoded in
/// an address, quoted in a script, escaped in a selector. So a value stays a value, whatever its characters are. Pure.
/// </summary>
internal sealed partial class ProfileFilling
{
    /// <summary>The value that every profile has besides its parameters: the origin of the meeting's address.</summary>
    public const string Origin = "origin";

    /// <summary>The member of an object that holds JSON, which is to become a text.</summary>
    private const string Json = "json";

    /// <summary>The member that names the parameter without which its object is left out.</summary>
    private const string If = "if";

    private const string Css = "css";

    private const string Query = "query";

    private const string Fragment = "fragment";

    private static readonly ImmutableHashSet<string> Addresses = ["uri", "goto"];

    private static readonly ImmutableHashSet<string> Scripts = ["script", "eval"];

    private static readonly ImmutableHashSet<string> Selectors =
    [
        "click",
        "fill",
        "select",
        "selector",
        "wait_for",
        "wait_gone",
    ];

    /// <summary>The fields in which no secret can stand.</summary>
    private static readonly ImmutableHashSet<string> PlacesWithout = Addresses
        .Union(Selectors)
        .Union([Json, Query, Fragment]);

    private readonly ImmutableDictionary<string, JsonNode> _values;
    private readonly List<(string Parameter, string Why)> _problems = [];

    private ProfileFilling(ImmutableDictionary<string, JsonNode> values) => _values = values;

    /// <summary>Fills a profile.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="values">The values: texts, or objects that name a secret. The address of the meeting is among
    /// them.</param>
    /// <param name="problems">The parameters that cannot stand where the profile has them, each with why.</param>
    /// <returns>The fields of a start.</returns>
    public static JsonObject Of(
        Profile profile,
        ImmutableDictionary<string, JsonNode> values,
        out IReadOnlyList<(string Parameter, string Why)> problems
    )
    {
        var url = new Uri(values[Profile.Url].GetValue<string>());
        var filling = new ProfileFilling(values.SetItem(Origin, JsonValue.Create(OriginOf(url))));
        var data = (JsonObject)filling.Fill(profile.File.Data!, "")!;
        var address = data["uri"] is JsonValue uri ? uri.GetValue<string>() : url.OriginalString;
        data["uri"] = filling.WithFragment(filling.WithQuery(address, profile.File.Query), profile.File.Fragment);
        problems = filling._problems;
        return data;
    }

    /// <summary>Lays fields over others. What lies above wins, objects are merged, lists are replaced, and null takes
    /// away what is below.</summary>
    /// <param name="below">The fields below, which are changed.</param>
    /// <param name="above">The fields above.</param>
    public static void Lay(JsonObject below, JsonObject above)
    {
        foreach (var (name, value) in above)
        {
            if (value is null)
            {
                below.Remove(name);
            }
            else if (value is JsonObject inner && below[name] is JsonObject under)
            {
                Lay(under, inner);
            }
            else
            {
                below[name] = value.DeepClone();
            }
        }
    }

    /// <summary>What is wrong with the places of a profile, a sentence; null when nothing is.</summary>
    /// <param name="name">The name of the profile.</param>
    /// <param name="file">The profile.</param>
    public static string? ProblemOf(string name, ProfileFile file)
    {
        foreach (var (field, text) in TextsOf(file.Data!, "").Concat(TextsOf(file.Query, "")).Concat(TextsOf(file.Fragment, "")))
        {
            foreach (Match place in Places().Matches(text))
            {
                var parameter = place.Groups[1].Value;
                if (field == Css)
                {
                    return $"The profile {name} has {place.Value} in css, where no value can stand safely.";
                }
                if (parameter != Origin && !file.Parameters.ContainsKey(parameter))
                {
                    return $"The profile {name} has {place.Value}, and no parameter {parameter}.";
                }
            }
            if (field == If && !file.Parameters.ContainsKey(text))
            {
                return $"The profile {name} has \"if\": \"{text}\", and no parameter {text}.";
            }
        }
        return null;
    }

    private static IEnumerable<(string Field, string Text)> TextsOf(JsonNode? node, string field) =>
        node switch
        {
            JsonObject fields => fields.SelectMany(entry =>
                TextsOf(entry.Value, entry.Key).Append(("", entry.Key))
            ),
            JsonArray items => items.SelectMany(item => TextsOf(item, field)),
            JsonValue value when value.GetValueKind() == JsonValueKind.String => [(field, value.GetValue<string>())],
            _ => [],
        };

    private static string OriginOf(Uri address) =>
        address.IsDefaultPort
            ? $"{address.Scheme}://{address.IdnHost}"
            : string.Create(CultureInfo.InvariantCulture, $"{address.Scheme}://{address.IdnHost}:{address.Port}");

    private JsonNode? Fill(JsonNode? node, string field)
    {
        switch (node)
        {
            case JsonObject { Count: 1 } one when one[Json] is { } inner:
                return JsonValue.Create(
                    (Fill(inner, Json) ?? new JsonObject()).ToJsonString(JsonSerializerOptions.Web)
                );
            case JsonObject fields:
                return FillObject(fields);
            case JsonArray lines when Scripts.Contains(field) || field == Css:
                return FillText(string.Join('\n', lines.Select(line => $"{line}")), field);
            case JsonArray items:
                return new JsonArray([.. items.Select(item => Fill(item, field)).OfType<JsonNode>()]);
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                return FillText(value.GetValue<string>(), field);
            default:
                return node?.DeepClone();
        }
    }

    private JsonObject? FillObject(JsonObject fields)
    {
        if (fields[If] is JsonValue when && when.TryGetValue<string>(out var parameter) && !IsSet(parameter))
        {
            return null;
        }
        var filled = new JsonObject();
        foreach (var (name, value) in fields)
        {
            if (name != If && Fill(value, name) is { } inner)
            {
                filled[Places().Replace(name, place => TextOf(place.Groups[1].Value) ?? "")] = inner;
            }
        }
        return filled;
    }

    private JsonNode? FillText(string text, string field)
    {
        if (Places().Match(text) is { Success: true } whole && whole.Length == text.Length && !Scripts.Contains(field))
        {
            var name = whole.Groups[1].Value;
            if (!_values.TryGetValue(name, out var value))
            {
                return null;
            }
            if (value is JsonObject && !PlacesWithout.Contains(field))
            {
                return value.DeepClone();
            }
        }
        return JsonValue.Create(
            Places()
                .Replace(
                    text,
                    place =>
                    {
                        var value = TextOf(place.Groups[1].Value);
                        return
                            Scripts.Contains(field) ? value is null ? "null" : JsonSerializer.Serialize(value)
                            : Selectors.Contains(field) ? Escaped(value ?? "")
                            : Addresses.Contains(field) && !(place.Index == 0 && IsAddress(place.Groups[1].Value))
                                ? Uri.EscapeDataString(value ?? "")
                            : value ?? "";
                    }
                )
        );
    }

    private string WithQuery(string address, JsonObject? query)
    {
        if (query is null)
        {
            return address;
        }
        var (before, fragment) = Cut(address);
        var present = before.Contains('?', StringComparison.Ordinal) ? before.Split('?', 2)[1] : "";
        var names = present.Split('&').Select(part => Uri.UnescapeDataString(part.Split('=')[0])).ToHashSet();
        foreach (var (name, value) in query)
        {
            if (!names.Contains(name) && Fill(value, Query) is { } filled)
            {
                var text =
                    filled is JsonValue one && one.TryGetValue<string>(out var said) ? said : filled.ToJsonString();
                var mark = before.Contains('?', StringComparison.Ordinal) ? before.EndsWith('?') ? "" : "&" : "?";
                before += $"{mark}{Uri.EscapeDataString(name)}={Uri.EscapeDataString(text)}";
            }
        }
        return before + fragment;
    }

    private string WithFragment(string address, JsonObject? fragment)
    {
        if (fragment is null)
        {
            return address;
        }
        var (before, present) = Cut(address);
        var parts = present.Length > 1 ? [present[1..]] : ImmutableList<string>.Empty;
        foreach (var (name, value) in fragment)
        {
            if (Fill(value, Fragment) is { } filled)
            {
                parts = parts.Add($"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(filled.ToJsonString())}");
            }
        }
        return parts.IsEmpty ? before : $"{before}#{string.Join('&', parts)}";
    }

    private static (string Before, string Fragment) Cut(string address)
    {
        var at = address.IndexOf('#', StringComparison.Ordinal);
        return at < 0 ? (address, "") : (address[..at], address[at..]);
    }

    private bool IsSet(string parameter) => _values.TryGetValue(parameter, out var value) && $"{value}" is not ("" or "false");

    private static bool IsAddress(string parameter) => parameter is Profile.Url or Origin;

    private string? TextOf(string parameter)
    {
        if (!_values.TryGetValue(parameter, out var value))
        {
            return null;
        }
        if (value is JsonValue text)
        {
            return text.GetValue<string>();
        }
        _problems.Add((parameter, "stands inside a text, an address or a script, and a secret cannot stand there"));
        return "";
    }

    /// <summary>A value inside a selector: each character by its number, where the character could have a
    /// meaning.</summary>
    private static string Escaped(string value)
    {
        var escaped = new StringBuilder();
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune.IsAscii && !Rune.IsLetterOrDigit(rune))
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\{rune.Value:x} ");
            }
            else
            {
                escaped.Append(rune);
            }
        }
        return escaped.ToString();
    }

    [GeneratedRegex(@"\{\{([a-z][a-z0-9_]*)\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Places();
}
