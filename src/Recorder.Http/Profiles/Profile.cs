using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Recorder.Http.Profiles;

/// <summary>How one kind of meeting is entered, seen and left: fields of a start, with places for parameters.</summary>
internal sealed partial class Profile
{
    /// <summary>The parameter that every profile has: the address of the meeting.</summary>
    public const string Url = "url";

    /// <summary>The longest name, in characters.</summary>
    public const int LongestName = 64;

    /// <summary>The longest file, in bytes.</summary>
    public const int LongestFile = 256 * 1024;

    private Profile(string name, ProfileFile file, bool shipped)
    {
        Name = name;
        File = file;
        Shipped = shipped;
        Parameters = file.Parameters.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>The name by which a start asks for the profile.</summary>
    public string Name { get; }

    /// <summary>Whether the profile came with the recorder.</summary>
    public bool Shipped { get; }

    /// <summary>What a caller may and must say, by name.</summary>
    public ImmutableSortedDictionary<string, ProfileParameter> Parameters { get; }

    /// <summary>The content.</summary>
    public ProfileFile File { get; }

    /// <summary>Whether a text can be the name of a profile: lower-case letters, digits, hyphens.</summary>
    /// <param name="name">The text.</param>
    public static bool IsName(string name) => name.Length <= LongestName && Names().IsMatch(name);

    /// <summary>Reads a profile.</summary>
    /// <param name="name">The name.</param>
    /// <param name="content">The bytes of its file.</param>
    /// <param name="shipped">Whether the profile came with the recorder.</param>
    /// <param name="problem">What is wrong with the file, a sentence; null when nothing is.</param>
    public static Profile? Read(string name, ReadOnlySpan<byte> content, bool shipped, out string? problem)
    {
        try
        {
            var file = ProfileFile.Read(content);
            problem = ProblemOf(name, file);
            return problem is null ? new Profile(name, file, shipped) : null;
        }
        catch (JsonException error)
        {
            problem =
                $"The profile {name} cannot be read at line {(error.LineNumber ?? 0) + 1}: {error.Message.Split(" Path:")[0].TrimEnd('.')}.";
            return null;
        }
    }

    private static string? ProblemOf(string name, ProfileFile file)
    {
        if (!IsName(name))
        {
            return $"The profile {name} needs a name of lower-case letters, digits and hyphens.";
        }
        if (file.Data is null)
        {
            return $"The profile {name} has no data, the fields of a start.";
        }
        if (file.Parameters.GetValueOrDefault(Url) is not { Kind: ProfileParameterKind.Address, Required: true })
        {
            return $"The profile {name} needs the parameter {Url}, which is required and of the kind address.";
        }
        var wrongName = file.Parameters.Keys.FirstOrDefault(key =>
            !ParameterNames().IsMatch(key) || key == ProfileFilling.Origin
        );
        return wrongName is { } wrong
            ? $"The profile {name} has the parameter \"{wrong}\"; a name has lower-case letters, digits and underscores, and is not {ProfileFilling.Origin}."
            : ProfileFilling.ProblemOf(name, file);
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.CultureInvariant)]
    private static partial Regex Names();

    [GeneratedRegex("^[a-z][a-z0-9_]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex ParameterNames();
}
