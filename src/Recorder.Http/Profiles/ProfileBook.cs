using System.Collections.Immutable;
using System.Security;
using System.Text.Json.Nodes;

namespace Recorder.Http.Profiles;

/// <summary>The profiles that starts may name: those that came with the recorder, and those of the farm. Never changes;
/// <see cref="ProfileWatch"/> makes a new book when files change.</summary>
internal sealed class ProfileBook
{
    private const string Extension = ".json";

    private readonly ImmutableSortedDictionary<string, Profile> _profiles;

    private ProfileBook(ImmutableSortedDictionary<string, Profile> profiles, ImmutableList<string> problems) =>
        (_profiles, Problems) = (profiles, problems);

    /// <summary>No profiles.</summary>
    public static ProfileBook None { get; } = new(ImmutableSortedDictionary<string, Profile>.Empty, []);

    /// <summary>Why files of the folder are no profiles, a sentence each.</summary>
    public ImmutableList<string> Problems { get; }

    /// <summary>The profiles by name, in the order of the names.</summary>
    public IEnumerable<Profile> All => _profiles.Values;

    /// <summary>A profile; null when there is none of the name.</summary>
    /// <param name="name">The name.</param>
    public Profile? Find(string name) => _profiles.GetValueOrDefault(name);

    /// <summary>Reads the shipped profiles and those of a folder.</summary>
    /// <param name="folder">The folder; empty: none.</param>
    /// <param name="problemOf">Says what is wrong with the start that a profile makes, a sentence; null when nothing
    /// is.</param>
    public static ProfileBook Read(string folder, Func<Profile, string?> problemOf)
    {
        var profiles = ImmutableSortedDictionary.CreateBuilder<string, Profile>(StringComparer.Ordinal);
        var problems = ImmutableList.CreateBuilder<string>();
        foreach (var (name, content) in Shipped())
        {
            Add(name, content, shipped: true);
        }
        foreach (var file in FilesIn(folder, problems))
        {
            try
            {
                if (new FileInfo(file).Length > Profile.LongestFile)
                {
                    problems.Add($"The profile in {file} has more than {Profile.LongestFile} bytes.");
                    continue;
                }
                Add(Path.GetFileNameWithoutExtension(file), File.ReadAllBytes(file), shipped: false);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or SecurityException)
            {
                problems.Add($"The profile in {file} cannot be read: {error.Message.TrimEnd('.')}.");
            }
        }
        return new ProfileBook(profiles.ToImmutable(), problems.ToImmutable());

        void Add(string name, ReadOnlySpan<byte> content, bool shipped)
        {
            var profile = Profile.Read(name, content, shipped, out var problem);
            problem ??= problemOf(profile!);
            if (problem is null)
            {
                profiles[name] = profile!;
            }
            else
            {
                problems.Add(problem);
            }
        }
    }

    /// <summary>The values with which a profile is tried when it is read: one for each parameter.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="all">Whether parameters that may be left out have a value.</param>
    public static ImmutableDictionary<string, JsonNode> Sample(Profile profile, bool all) =>
        profile
            .Parameters.Where(parameter => all || parameter.Value.Required || parameter.Value.Default is not null)
            .ToImmutableDictionary(
                parameter => parameter.Key,
                parameter =>
                    (JsonNode)
                        JsonValue.Create(
                            parameter.Value.Kind switch
                            {
                                ProfileParameterKind.Address => "https://meet.example.org/room",
                                ProfileParameterKind.Flag => "true",
                                _ => parameter.Value.Default ?? "Sample",
                            }
                        )
            );

    private static IEnumerable<string> FilesIn(string folder, ImmutableList<string>.Builder problems)
    {
        if (folder.Length == 0)
        {
            return [];
        }
        try
        {
            return [.. Directory.EnumerateFiles(folder, "*" + Extension).Order(StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SecurityException)
        {
            problems.Add($"The folder of profiles, {folder}, cannot be read: {error.Message.TrimEnd('.')}.");
            return [];
        }
    }

    private static IEnumerable<(string Name, byte[] Content)> Shipped()
    {
        var assembly = typeof(ProfileBook).Assembly;
        const string prefix = "profile:";
        var names = assembly
            .GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal));
        foreach (var name in names)
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            using var content = new MemoryStream();
            stream.CopyTo(content);
            yield return (Path.GetFileNameWithoutExtension(name[prefix.Length..]), content.ToArray());
        }
    }
}
