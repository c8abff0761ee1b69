using System.CommandLine;
using Recorder.Node.Configuration;

namespace Recorder.Node.Commands;

/// <summary>
/// The configuration's options as options of one command. The command accepts every option and shows a few in its help,
/// with the first sentence of their text. <see cref="OptionsHelp"/> shows all options.
/// </summary>
internal sealed class SettingsOptions
{
    /// <summary>The option that names a configuration file.</summary>
    public const string ConfigName = "--config";

    /// <summary>The name of that option's argument in help texts.</summary>
    public const string ConfigArgument = "FILE";

    /// <summary>The description of that option.</summary>
    public const string ConfigComment = "A file in the form of appsettings.json, with only what differs.";

    private readonly Option<string?> _configFile = new(ConfigName)
    {
        HelpName = ConfigArgument,
        Description = ConfigComment,
    };
    private readonly List<(string Key, Option<string?> Option)> _options = [];

    /// <summary>Makes the options.</summary>
    /// <param name="shown">The names of the options in the command's help beside <see cref="ConfigName"/>, in this
    /// order.</param>
    /// <param name="takes">Which options the command takes, by their keys; null: all.</param>
    public SettingsOptions(IReadOnlyList<string> shown, Predicate<string>? takes = null)
    {
        takes ??= _ => true;
        foreach (var option in RecorderSettings.Options.Where(option =>
                (option.IsScalar || option.IsWords) && takes(option.Key)
            ))
        {
            Add(
                option.Key,
                option.CommandLineName,
                OptionValues.ArgumentOf(option.Type),
                () => option.Text,
                () => option.DefaultText
            );
            foreach (var former in option.Former)
            {
                Add(
                    former.Key,
                    former.CommandLineName,
                    OptionValues.ArgumentOf(option.Type),
                    () => $"It is {option.Key} now.",
                    () => ""
                );
            }
        }

        foreach (var shorthand in Shorthand.All.Where(shorthand => takes(shorthand.Key)))
        {
            Add(
                shorthand.Name,
                shorthand.CommandLineName,
                shorthand.Argument,
                () => shorthand.Comment,
                () => shorthand.Default
            );
        }
        _options =
        [
            .. _options.OrderBy(pair =>
                pair.Option.Hidden ? shown.Count : shown.TakeWhile(name => name != pair.Option.Name).Count()
            ),
        ];

        // Hidden options get no text, because their many texts would stay in memory as long as the node runs.
        void Add(string key, string name, string argument, Func<string> text, Func<string> usual) =>
            _options.Add(
                (
                    key,
                    shown.Contains(name)
                        ? new Option<string?>(name)
                        {
                            HelpName = argument,
                            Description =
                                $"{FirstSentence(text())}{(usual().Length == 0 ? "" : $" [default: {usual()}]")}",
                        }
                        : new Option<string?>(name) { HelpName = argument, Hidden = true }
                )
            );
    }

    /// <summary>The options that most people use, beside <see cref="ConfigName"/>.</summary>
    public static IReadOnlyList<string> MostUsed { get; } =
    ["--records", "--data", "--http-port", "--bind", "--log-level", "--hostname", "--port", "--seed-nodes", "--roles"];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_configFile);
        foreach (var (_, option) in _options)
        {
            command.Add(option);
        }
    }

    /// <summary>Reads the whole configuration and uses it; mistakes are written as sentences.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="use">Takes the settings and the warnings of the configuration; returns the process's exit
    /// code.</param>
    /// <returns>The process's exit code.</returns>
    public async Task<int> UseAsync(ParseResult parsed, Func<RecorderSettings, IReadOnlyList<string>, Task<int>> use)
    {
        try
        {
            var given = _options
                .Where(pair => parsed.GetResult(pair.Option) is { Implicit: false })
                .Select(pair => KeyValuePair.Create(pair.Key, parsed.GetValue(pair.Option) ?? ""));
            var configuration = NodeConfiguration.Read(
                parsed.GetValue(_configFile),
                Environment.GetEnvironmentVariables(),
                given,
                out var warnings
            );
            return await use(RecorderSettings.Bind(configuration), warnings);
        }
        catch (StartRefusedException refusal)
        {
            foreach (var message in refusal.Messages)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"recorder: {message}");
            }
            return RecorderCommandLine.StartRefused;
        }
    }

    private static string FirstSentence(string comment)
    {
        var end = comment.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? comment : comment[..(end + 1)];
    }
}
