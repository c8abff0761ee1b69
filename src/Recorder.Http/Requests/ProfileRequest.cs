using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Recorder.Http.Answers;
using Recorder.Http.Profiles;

namespace Recorder.Http.Requests;

/// <summary>
/// Makes an ordinary start of type <c>uri</c> of a start that names a profile. There are two ways to name a profile:
/// type <c>meeting</c>, and <c>page.profile</c> of a start of type <c>uri</c>. What the caller gives wins over what the
/// profile has. Pure.
/// </summary>
internal static class ProfileRequest
{
    /// <summary>The type whose <c>data</c> names a profile.</summary>
    public const string Meeting = "meeting";

    /// <summary>The field that names the profile, in <c>data</c> of a meeting and in <c>page</c>.</summary>
    public const string ProfileName = "profile";

    /// <summary>The field of <c>page</c> that has the parameters.</summary>
    public const string Parameters = "parameters";

    private const string Data = "data";

    private const string Type = "type";

    private const int LongestValue = 1024;

    /// <summary>The start without a profile.</summary>
    /// <param name="body">The body of the start. A body that is no JSON, or names no profile, is returned as it
    /// is.</param>
    /// <param name="profiles">The profiles.</param>
    public static Parsed<ReadOnlyMemory<byte>> Expand(ReadOnlyMemory<byte> body, ProfileBook profiles)
    {
        if (!NamesProfile(body))
        {
            return body;
        }
        try
        {
            var options = new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false };
            return Expand((JsonObject)JsonNode.Parse(body.Span, nodeOptions: null, options)!, profiles);
        }
        catch (JsonException error)
        {
            return Refused($"The body cannot be read: {error.Message.Split(" LineNumber:")[0].TrimEnd('.')}.", null);
        }
        catch (InvalidOperationException)
        {
            return Refused("The body has half of a character, such as \\ud800 without its other half.", null);
        }
    }

    private static Parsed<ReadOnlyMemory<byte>> Expand(JsonObject start, ProfileBook profiles)
    {
        var data = (JsonObject)start[Data]!;
        var meeting = IsMeeting(start);
        var page = data[PageFields.Page] as JsonObject;
        var (holder, path) = meeting ? (data, Data) : (page!, $"{Data}.{PageFields.Page}");
        if (ProfileIn(holder, path, profiles, out var refusal) is not { } profile)
        {
            return refusal!;
        }
        holder.Remove(ProfileName);
        var given = meeting ? TakenFrom(data, profile) : page!;
        if (!meeting)
        {
            if (page![Parameters] is not (null or JsonObject))
            {
                return Refused($"{path}.{Parameters} must be an object.", $"{path}.{Parameters}");
            }
            given = page[Parameters]?.DeepClone().AsObject() ?? [];
            page.Remove(Parameters);
            if (given.ContainsKey(Profile.Url))
            {
                return Refused($"{path}.{Parameters}.{Profile.Url} is {Data}.{StartFields.Uri} here; leave it out.", path);
            }
            given[Profile.Url] = data[StartFields.Uri]?.DeepClone();
            data.Remove(StartFields.Uri);
            path = $"{path}.{Parameters}";
        }
        var values = ValuesOf(given, profile, name => FieldOf(name, path, meeting), out refusal);
        if (refusal is not null)
        {
            return refusal;
        }
        var filled = ProfileFilling.Of(profile, values, out var problems);
        if (problems.Count > 0)
        {
            var (parameter, why) = problems[0];
            return Refused($"{FieldOf(parameter, path, meeting)} {why}.", FieldOf(parameter, path, meeting));
        }
        ProfileFilling.Lay(filled, data);
        if (filled[PageFields.Page] is not JsonObject shown)
        {
            filled[PageFields.Page] = shown = [];
        }
        shown[ProfileName] = profile.Name;
        start[Type] = "uri";
        start[Data] = filled;
        return new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(start.ToJsonString()));
    }

    private static string FieldOf(string parameter, string path, bool meeting) =>
        parameter == Profile.Url && !meeting ? $"{Data}.{StartFields.Uri}" : $"{path}.{parameter}";

    private static bool NamesProfile(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            var root = document.RootElement;
            if (
                root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty(Data, out var data)
                || data.ValueKind != JsonValueKind.Object
            )
            {
                return false;
            }
            var type =
                root.TryGetProperty(Type, out var said) && said.ValueKind == JsonValueKind.String
                    ? said.GetString()
                    : null;
            return type == Meeting
                || (
                    type == "uri"
                    && data.TryGetProperty(PageFields.Page, out var page)
                    && page.ValueKind == JsonValueKind.Object
                    && (page.TryGetProperty(ProfileName, out _) || page.TryGetProperty(Parameters, out _))
                );
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsMeeting(JsonObject start) => start[Type]?.GetValue<string>() == Meeting;

    private static Profile? ProfileIn(JsonObject holder, string path, ProfileBook profiles, out RequestError? refusal)
    {
        refusal = null;
        var field = $"{path}.{ProfileName}";
        var names = string.Join(", ", profiles.All.Select(profile => profile.Name));
        var known = names.Length == 0 ? "this node has no profiles" : $"this node has the profiles {names}";
        if (holder[ProfileName] is not JsonValue value || !value.TryGetValue<string>(out var name))
        {
            refusal = Refused($"{field} is missing or no text; {known}.", field);
            return null;
        }
        if (profiles.Find(name) is { } profile)
        {
            return profile;
        }
        refusal = Refused(
            $"{field} names \"{Redaction.Line(name, 64)}\", which is no profile; {known}.",
            field
        );
        return null;
    }

    /// <summary>Takes the parameters of a profile out of the fields of a start.</summary>
    private static JsonObject TakenFrom(JsonObject data, Profile profile)
    {
        var taken = new JsonObject();
        foreach (var name in profile.Parameters.Keys.Where(data.ContainsKey))
        {
            taken[name] = data[name]?.DeepClone();
            data.Remove(name);
        }
        return taken;
    }

    private static ImmutableDictionary<string, JsonNode> ValuesOf(
        JsonObject given,
        Profile profile,
        Func<string, string> fieldOf,
        out RequestError? refusal
    )
    {
        var values = ImmutableDictionary.CreateBuilder<string, JsonNode>(StringComparer.Ordinal);
        refusal = null;
        foreach (var name in given.Select(entry => entry.Key).Where(name => !profile.Parameters.ContainsKey(name)))
        {
            var shown = Redaction.Line(name, 64);
            Add(
                ref refusal,
                Refused(
                    $"\"{shown}\" is not a parameter of the profile {profile.Name}; its parameters are {string.Join(", ", profile.Parameters.Keys)}.",
                    fieldOf(shown)
                )
            );
        }
        foreach (var (name, parameter) in profile.Parameters)
        {
            var field = fieldOf(name);
            if (given[name] is not { } value)
            {
                if (parameter.Required)
                {
                    Add(ref refusal, Refused($"{field} is missing; the profile {profile.Name} needs it.", field));
                }
                else if (parameter.Default is { } preset)
                {
                    values[name] = JsonValue.Create(preset);
                }
            }
            else if (ValueOf(value, parameter.Kind, out var why) is { } read)
            {
                values[name] = read;
            }
            else
            {
                Add(ref refusal, Refused($"{field} {why}", field));
            }
        }
        return values.ToImmutable();

        static void Add(ref RequestError? refusal, RequestError next) => refusal = RequestError.Of(refusal, next);
    }

    private static JsonNode? ValueOf(JsonNode value, ProfileParameterKind kind, out string why)
    {
        why = "";
        if (kind == ProfileParameterKind.Flag)
        {
            why = "must be true or false.";
            return value.GetValueKind() is JsonValueKind.True or JsonValueKind.False
                ? JsonValue.Create(value.GetValue<bool>() ? "true" : "false")
                : null;
        }
        if (
            kind == ProfileParameterKind.Text
            && value is JsonObject { Count: 1 } one
            && one.ContainsKey(PageFields.Secret)
        )
        {
            return value.DeepClone();
        }
        if (value is not JsonValue text || !text.TryGetValue<string>(out var said))
        {
            why = kind == ProfileParameterKind.Address ? "must be a text." : "must be a text or {\"secret\": \"NAME\"}.";
            return null;
        }
        if (kind == ProfileParameterKind.Address)
        {
            var valid = WebAddress.TryParse(said, WebAddress.PageSchemes, out _, out var reason);
            why = reason ?? "";
            return valid ? JsonValue.Create(said) : null;
        }
        why = $"must be one line of at most {LongestValue} characters.";
        return said.Length <= LongestValue && !said.Any(char.IsControl) ? JsonValue.Create(said) : null;
    }

    /// <summary>What is wrong with the starts that a profile makes, a sentence; null when nothing is.</summary>
    /// <param name="profile">The profile.</param>
    public static string? ProblemOf(Profile profile)
    {
        if (profile.Parameters.Keys.FirstOrDefault(IsField) is { } taken)
        {
            return $"The profile {profile.Name} has the parameter {taken}, which is a field of every start; choose another name.";
        }
        foreach (var all in new[] { false, true })
        {
            var data = ProfileFilling.Of(profile, ProfileBook.Sample(profile, all), out _);
            var start = new JsonObject { [Type] = "uri", [Data] = WithoutSecrets(data) };
            var read = StartRequestParser.ParseWhole(Encoding.UTF8.GetBytes(start.ToJsonString()));
            if (read.Error is { } error)
            {
                return $"The profile {profile.Name} makes no start: {error.Message}";
            }
        }
        return null;
    }

    /// <summary>A start in which texts stand for secrets, since a secret is not for every host.</summary>
    private static JsonNode? WithoutSecrets(JsonNode? node) =>
        node switch
        {
            JsonObject { Count: 1 } one when one.ContainsKey(PageFields.Secret) => JsonValue.Create("secret"),
            JsonObject fields => new JsonObject(
                fields.Select(entry => KeyValuePair.Create(entry.Key, WithoutSecrets(entry.Value)))
            ),
            JsonArray items => new JsonArray([.. items.Select(WithoutSecrets)]),
            _ => node?.DeepClone(),
        };

    private static bool IsField(string name) => StartFields.Names.Contains(name) || name == ProfileName;

    private static RequestError Refused(string message, string? field) => new(ErrorCode.InvalidRequest, message, field);
}
