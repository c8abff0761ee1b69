using System.CommandLine;
using System.Globalization;
using Recorder.Cluster.Settings;
using Recorder.Http;
using Recorder.Http.Settings;
using Recorder.Node.Configuration;
using Recorder.Node.Hosting;

namespace Recorder.Node.Commands;

/// <summary><c>recorder keys new</c> and <c>recorder keys list</c>: API keys in the files of this machine. No node is
/// asked.</summary>
internal static class KeysCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() =>
        new("keys", "Make and list API keys. A running node takes a changed keys file into use within seconds.")
        {
            New(),
            List(),
        };

    private static Command New()
    {
        var name = new Argument<string>("name")
        {
            Description = "Who the key belongs to, as the log and the audit name the key.",
        };
        var scope = new Option<string>("--scope")
        {
            HelpName = "WORD",
            Description = "The calls that the key may make: read, record or admin.",
            DefaultValueFactory = _ => "record",
        };
        var owner = Text("--owner", "NAME", "Whose sessions the key starts and sees. [default: the name]");
        var notAfter = Text("--not-after", "DATE", "The last day on which the key is good, such as 2027-06-30.");
        var sessions = Number<int>("--max-sessions", "The most sessions that the owner has at once in the farm.");
        var starts = Number<int>("--starts-per-minute", "The most starts a minute that one node takes.");
        var pixels = Number<long>(
            "--max-pixel-rate",
            "The most width x height x framerate of the owner's sessions together. 1920x1080 at 25 frames/s are 51840000."
        );
        var duration = Text("--max-duration", "DURATION", "How long a session may last, such as 4 h.");
        var labels = Text("--labels", "KEYS", "The labels that each start must set, separated by commas.");
        var file = Text("--file", "FILE", "The keys file that gets the key. [default: the option Http:KeysFile]");
        var settings = new SettingsOptions([], _ => false);
        var command = new Command(
            "new",
            "Make a key and write the key once. Only the key's SHA-256 goes into the keys file."
        )
        {
            name,
            scope,
            owner,
            notAfter,
            sessions,
            starts,
            pixels,
            duration,
            labels,
            file,
        };
        settings.AddTo(command);
        command.SetAction(parsed =>
            settings.UseAsync(
                parsed,
                async (read, _) =>
                {
                    var key = LocalKeyFile.NewKey();
                    var entry = new ApiKeyOptions
                    {
                        Name = parsed.GetRequiredValue(name),
                        Owner = parsed.GetValue(owner),
                        Sha256 = KeysFile.Sha256Of(key),
                        Scope = ScopeOf(parsed.GetRequiredValue(scope)),
                        NotAfter = parsed.GetValue(notAfter),
                        MaxSessions = parsed.GetValue(sessions),
                        StartsPerMinute = parsed.GetValue(starts),
                        MaxPixelRate = parsed.GetValue(pixels),
                        MaxDuration = DurationOf(parsed.GetValue(duration)),
                    };
                    foreach (var label in WordsAttribute.In(parsed.GetValue(labels) ?? ""))
                    {
                        entry.Labels.Add(label);
                    }
                    Check(entry);
                    var output = parsed.InvocationConfiguration.Output;
                    if ((parsed.GetValue(file) ?? read.Http.KeysFile) is { Length: > 0 } target)
                    {
                        KeysFileWriter.Add(target, entry);
                        await output.WriteLineAsync(key);
                        await output.WriteLineAsync(
                            $"This is the key of {entry.Name}, which nothing shows again. Its SHA-256 is in {target}."
                        );
                    }
                    else
                    {
                        await output.WriteLineAsync(key);
                        await output.WriteLineAsync(
                            $"This is the key of {entry.Name}, which nothing shows again. The file of Http:KeysFile needs this entry:"
                        );
                        await output.WriteLineAsync(KeysFile.Write([entry]));
                    }
                    return 0;
                }
            )
        );
        return command;
    }

    private static Command List()
    {
        var file = Text("--file", "FILE", "The keys file. [default: Http:Keys and the file of Http:KeysFile]");
        var settings = new SettingsOptions([], _ => false);
        var command = new Command("list", "List the keys: name, scope, owner, last day and limits. No key is shown.")
        {
            file,
        };
        settings.AddTo(command);
        command.SetAction(parsed =>
            settings.UseAsync(
                parsed,
                async (read, _) =>
                {
                    var problems = new List<string>();
                    var named = parsed.GetValue(file);
                    IEnumerable<ApiKeyOptions> keys = named is null ? read.Http.Keys : [];
                    if ((named ?? read.Http.KeysFile) is { Length: > 0 } target)
                    {
                        keys = keys.Concat(KeysFile.Read(target, problems));
                    }
                    if (problems.Count > 0)
                    {
                        throw new StartRefusedException(problems);
                    }
                    foreach (var key in keys)
                    {
                        await parsed.InvocationConfiguration.Output.WriteLineAsync(LineOf(key));
                    }
                    return 0;
                }
            )
        );
        return command;
    }

    /// <summary>A key as the list shows the key.</summary>
    internal static string LineOf(ApiKeyOptions key)
    {
        var invariant = CultureInfo.InvariantCulture;
        string?[] limits =
        [
            key.MaxSessions > 0 ? string.Create(invariant, $"{key.MaxSessions} sessions") : null,
            key.StartsPerMinute > 0 ? string.Create(invariant, $"{key.StartsPerMinute} starts a minute") : null,
            key.MaxPixelRate > 0 ? string.Create(invariant, $"{key.MaxPixelRate} pixels a second") : null,
            key.MaxDuration > TimeSpan.Zero ? $"{Duration.Format(key.MaxDuration)} a session" : null,
            key.Labels.Count > 0 ? $"labels {string.Join(' ', key.Labels)}" : null,
        ];
        var said = string.Join(", ", limits.OfType<string>());
        return string.Join(
            " | ",
            key.Name,
            key.Scope.ToString().ToLowerInvariant(),
            string.IsNullOrWhiteSpace(key.Owner) ? key.Name : key.Owner,
            string.IsNullOrWhiteSpace(key.NotAfter) ? "for ever" : $"until {key.NotAfter}",
            said.Length > 0 ? said : "no limits"
        );
    }

    private static void Check(ApiKeyOptions entry)
    {
        var options = new HttpOptions();
        options.Keys.Add(entry);
        var problems = HttpOptionsCheck.Problems(options);
        if (problems.Count > 0)
        {
            throw new StartRefusedException([
                .. problems.Select(problem =>
                    problem.Replace($"{HttpOptions.Section}:Keys:0", "The new key", StringComparison.Ordinal)
                ),
            ]);
        }
        if (entry.NotAfter is { } notAfter && KeysFile.EndOf(notAfter) <= TimeProvider.System.GetUtcNow())
        {
            throw new StartRefusedException($"--not-after is {notAfter}, which is past: the key would never be good.");
        }
    }

    private static ApiScope ScopeOf(string word) =>
        Enum.TryParse<ApiScope>(word, ignoreCase: true, out var scope) && Enum.IsDefined(scope)
            ? scope
            : throw new StartRefusedException($"--scope is \"{word}\"; it must be read, record or admin.");

    private static TimeSpan DurationOf(string? text) =>
        text is null ? TimeSpan.Zero
        : Duration.TryParse(text, out var duration) ? duration
        : throw new StartRefusedException(
            $"--max-duration is \"{text}\"; it must be a duration such as 30 min or 4 h."
        );

    private static Option<string?> Text(string name, string argument, string description) =>
        new(name) { HelpName = argument, Description = description };

    private static Option<T> Number<T>(string name, string description) =>
        new(name) { HelpName = "NUMBER", Description = description };
}
