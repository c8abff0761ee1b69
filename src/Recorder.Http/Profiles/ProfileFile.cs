using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Recorder.Http.Profiles;

/// <summary>A profile as its file has it.</summary>
internal sealed class ProfileFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>What the profile is for, one sentence.</summary>
    public string Description { get; init; } = "";

    /// <summary>Where the facts of the profile were read: files of the client, with their version.</summary>
    public IReadOnlyList<string> ReadFrom { get; init; } = [];

    /// <summary>What a caller may and must say, by name.</summary>
    public Dictionary<string, ProfileParameter> Parameters { get; init; } = new(StringComparer.Ordinal);

    /// <summary>What is added to the query of the address, unless the address has a parameter of the name.</summary>
    public JsonObject? Query { get; init; }

    /// <summary>What is added to the fragment of the address, each value as JSON, as Jitsi reads its
    /// settings.</summary>
    public JsonObject? Fragment { get; init; }

    /// <summary>The fields of a start of type <c>uri</c>.</summary>
    public JsonObject? Data { get; init; }

    /// <summary>Reads a file.</summary>
    /// <param name="content">The bytes of the file.</param>
    /// <exception cref="JsonException">The file is no profile; the message is a sentence.</exception>
    public static ProfileFile Read(ReadOnlySpan<byte> content) =>
        JsonSerializer.Deserialize<ProfileFile>(content, Options) ?? throw new JsonException("The file holds nothing.");
}

/// <summary>What a caller may or must say.</summary>
internal sealed record ProfileParameter
{
    /// <summary>What the parameter means, one sentence.</summary>
    public string Description { get; init; } = "";

    /// <summary>Whether a start without the parameter is refused.</summary>
    public bool Required { get; init; }

    /// <summary>The value of a start without the parameter; null: nothing stands in its place.</summary>
    public string? Default { get; init; }

    /// <summary>What the value is.</summary>
    public ProfileParameterKind Kind { get; init; }
}

/// <summary>What the value of a parameter is.</summary>
internal enum ProfileParameterKind
{
    /// <summary>One line of text, or the name of a secret.</summary>
    Text,

    /// <summary>An address, http or https.</summary>
    Address,

    /// <summary>True or false.</summary>
    Flag,
}
