using System.Collections;
using System.Globalization;
using Recorder.Cluster.Settings;

namespace Recorder.Node.Configuration;

/// <summary>
/// Merges the sources of the configuration; later sources override earlier ones: <c>appsettings.json</c> beside the
/// executable, the file of <c>--config</c>, environment variables, the command line. Each source is checked separately,
/// so that a sentence about a mistake can name the source.
/// </summary>
internal static class NodeConfiguration
{
    private const string CommandLine = "The command line";

    /// <summary>Reads all sources.</summary>
    /// <param name="configFile">The file of <c>--config</c>; null without the option.</param>
    /// <param name="environment">The environment variables.</param>
    /// <param name="commandLine">The keys and values of the command line's options, and of the shorthands in
    /// <see cref="Shorthand"/>.</param>
    /// <param name="warnings">Sentences about oddities that do not keep the node from starting.</param>
    /// <exception cref="StartRefusedException">A source cannot be read, or has an unknown key or an impossible
    /// value.</exception>
    public static IConfigurationRoot Read(
        string? configFile,
        IDictionary environment,
        IEnumerable<KeyValuePair<string, string>> commandLine,
        out IReadOnlyList<string> warnings
    )
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var problems = new List<string>();
        var odd = new List<string>();

        var beside = Path.Combine(AppContext.BaseDirectory, "appsettings.json");
        if (File.Exists(beside))
        {
            AddFile(beside);
        }
        if (configFile is not null)
        {
            AddFile(Path.GetFullPath(configFile));
        }
        AddAll("The environment", FromEnvironment(environment, odd));
        AddAll(CommandLine, commandLine);

        warnings = odd;
        return problems.Count == 0
            ? new ConfigurationBuilder().AddInMemoryCollection(values).Build()
            : throw new StartRefusedException(problems);

        void AddFile(string file) => AddAll(file, FromFile(file, problems));

        void AddAll(string source, IEnumerable<KeyValuePair<string, string>> pairs)
        {
            var listsSeen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            // Today's name wins over an earlier version's name within the same source.
            foreach (var (key, value) in pairs.OrderBy(pair => OptionChecks.FindFormer(pair.Key) is null))
            {
                if (Shorthand.Find(key) is not { } shorthand)
                {
                    Add(source, key, value, listsSeen);
                }
                else if (
                    shorthand.Apply(values.GetValueOrDefault(PathOf(shorthand.Key)), value, out var problem) is
                    { } applied
                )
                {
                    values[PathOf(shorthand.Key)] = applied;
                }
                else
                {
                    problems.Add($"{source}: {problem}");
                }
            }
        }

        void Add(string source, string written, string value, HashSet<string> listsSeen)
        {
            var former = OptionChecks.FindFormer(written);
            var key = former?.Option.Key ?? written;
            if (OptionChecks.Find(key, source, out var unknown) is not { } option)
            {
                problems.Add(unknown!);
                return;
            }

            var name = source != CommandLine ? written : former?.CommandLineName ?? option.CommandLineName;
            if (former is not null)
            {
                odd.Add(
                    $"{source} sets {name}, which is called {(source == CommandLine ? option.CommandLineName : key)} now."
                );
            }

            // A list replaces the list of an earlier source. .NET merges lists by index; with such a merge, an old API
            // key would stay valid unnoticed.
            if (option is { IsList: true, IsMap: false } && listsSeen.Add(option.Key))
            {
                foreach (
                    var old in values
                        .Keys.Where(known =>
                            known.StartsWith(PathOf(option.Key) + ':', StringComparison.OrdinalIgnoreCase)
                        )
                        .ToList()
                )
                {
                    values.Remove(old);
                }
            }

            if (option.IsWords && string.Equals(key, option.Key, StringComparison.OrdinalIgnoreCase))
            {
                foreach (var (index, word) in WordsAttribute.In(value).Index())
                {
                    values[PathOf(string.Create(CultureInfo.InvariantCulture, $"{option.Key}:{index}"))] = word;
                }
                return;
            }

            var normal = option.PartAt(key)!.Normalize(value, former, $"{source} sets {name}", out var impossible);
            if (impossible is not null)
            {
                problems.Add(impossible);
            }
            // An empty list is written as a key without elements, so such a key sets no value.
            else if (!option.IsList || !string.Equals(key, option.Key, StringComparison.OrdinalIgnoreCase))
            {
                values[PathOf(key)] = normal;
            }
        }
    }

    private static string PathOf(string key) => ConfigurationPath.Combine(RecorderSettings.Section, key);

    private static IEnumerable<KeyValuePair<string, string>> FromFile(string file, List<string> problems)
    {
        IConfigurationRoot root;
        try
        {
            if (!File.Exists(file))
            {
                throw new FileNotFoundException("there is no such file");
            }
            root = new ConfigurationBuilder().AddJsonFile(file, optional: false, reloadOnChange: false).Build();
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or InvalidDataException or FormatException)
        {
            problems.Add(
                $"The configuration file {file} cannot be read: {(error.InnerException ?? error).Message.TrimEnd('.')}."
            );
            return [];
        }

        foreach (
            var other in root.GetChildren()
                .Where(child => !string.Equals(child.Key, RecorderSettings.Section, StringComparison.OrdinalIgnoreCase))
        )
        {
            problems.Add(
                $"{file} has \"{other.Key}\" at its top; every option stands inside the one section \"{RecorderSettings.Section}\"."
            );
        }

        return root.GetSection(RecorderSettings.Section)
            .AsEnumerable(makePathsRelative: true)
            .Where(pair => pair.Value is not null && pair.Key.Length > 0)
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Value!));
    }

    private static List<KeyValuePair<string, string>> FromEnvironment(IDictionary environment, List<string> warnings)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (DictionaryEntry entry in environment)
        {
            var name = (string)entry.Key;
            if (!name.StartsWith(OptionNames.EnvironmentPrefix, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var value = (string?)entry.Value ?? "";
            var plain = name[OptionNames.EnvironmentPrefix.Length..];
            if (plain.Contains("__", StringComparison.Ordinal))
            {
                pairs.Add(KeyValuePair.Create(plain.Replace("__", ":", StringComparison.Ordinal), value));
            }
            else if (Shorthand.FromEnvironment(name) is { } shorthand && !IsKubernetesLink(value))
            {
                pairs.Add(KeyValuePair.Create(shorthand.Name, value));
            }
            else if (KeyOf(plain) is { } key)
            {
                pairs.Add(KeyValuePair.Create(key, value));
            }
            else
            {
                // This is only a warning: for a service with this name, Kubernetes itself sets variables such as
                // RECORDER_SERVICE_HOST.
                warnings.Add(
                    $"The environment variable {name} is no option of the recorder and does nothing. recorder help options lists all options."
                );
            }
        }

        // An environment has no order. Shorthands change values that the keys have set, so shorthands come last.
        return
        [
            .. pairs
                .OrderBy(pair => Shorthand.Find(pair.Key) is null ? 0 : 1)
                .ThenBy(pair => pair.Key, StringComparer.Ordinal),
        ];
    }

    /// <summary>Whether a value comes from Kubernetes, which sets RECORDER_PORT to tcp://… for a service with this
    /// name.</summary>
    private static bool IsKubernetesLink(string value) =>
        value.StartsWith("tcp://", StringComparison.Ordinal) || value.StartsWith("udp://", StringComparison.Ordinal);

    /// <summary>The key for a variable's name without its prefix: the key of a present option or of an earlier version;
    /// null when there is none.</summary>
    private static string? KeyOf(string name) =>
        RecorderSettings
            .Options.Where(option => option.IsScalar || option.IsWords)
            .SelectMany(option => option.Former.Select(former => former.Key).Prepend(option.Key))
            .FirstOrDefault(key => RecorderOption.IsVariable(key, name));
}
