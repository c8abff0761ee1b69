using System.CommandLine;
using System.CommandLine.Help;

using Recorder.Node.Hosting;

namespace Recorder.Node.Commands;

/// <summary>The command line of <c>recorder</c>: every option of the configuration is an option of it.</summary>
internal static class RecorderCommandLine
{
    /// <summary>The exit code of a node that was refused its start.</summary>
    public const int StartRefused = 2;

    /// <summary>The exit code of a node that its farm has given up; started again, it joins anew.</summary>
    public const int GivenUp = 3;

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <returns>The process's exit code.</returns>
    public static Task<int> RunAsync(string[] arguments)
    {
        var configFile = new Option<string?>("--config") { HelpName = "FILE" };
        var options = RecorderSettings.Options.Where(option => option.IsScalar)
            .Select(option => (option.Key, Option: new Option<string?>(option.CommandLineName)))
            .Concat(Shorthand.All.Select(shorthand => (Key: shorthand.Name, Option: new Option<string?>(shorthand.CommandLineName))))
            .ToList();

        // A server's executable runs the server: nothing has to be known to start it.
        var root = new RootCommand("Records web pages and meetings, told by HTTP.");
        var run = new Command("run", "Run one node until Ctrl-C or SIGTERM.");
        var calibrate = CalibrateCommand.Define((parsed, use) => WithSettingsAsync(parsed, (settings, _) => use(settings)));
        foreach (var command in new[] { root, run, calibrate })
        {
            command.Add(configFile);
            foreach (var (_, option) in options)
                command.Add(option);
        }

        root.SetAction(parsed => WithSettingsAsync(parsed, RunCommand.RunAsync));
        run.SetAction(parsed => WithSettingsAsync(parsed, RunCommand.RunAsync));
        root.Add(run);
        root.Add(calibrate);
        root.Add(ClusterCommand.Create());
        root.Add(FarmCommands.Sharding());
        root.Add(FarmCommands.Sessions());
        root.Add(FarmCommands.Pressure());
        root.Options.OfType<HelpOption>().Single().Action = new HelpText();

        var parseResult = root.Parse(arguments);
        // The whole help after a misspelt option would hide what is wrong with it.
        if (parseResult.Action is System.CommandLine.Invocation.ParseErrorAction wrong)
            wrong.ShowHelp = false;
        return parseResult.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });

        async Task<int> WithSettingsAsync(ParseResult parsed, Func<RecorderSettings, IReadOnlyList<string>, Task<int>> use)
        {
            try
            {
                var given = options.Where(pair => parsed.GetResult(pair.Option) is { Implicit: false })
                    .Select(pair => KeyValuePair.Create(pair.Key, parsed.GetValue(pair.Option) ?? ""));
                var configuration = NodeConfiguration.Read(parsed.GetValue(configFile), Environment.GetEnvironmentVariables(), given, out var warnings);
                return await use(RecorderSettings.Bind(configuration), warnings);
            }
            catch (StartRefusedException refusal)
            {
                foreach (var message in refusal.Messages)
                    await parsed.InvocationConfiguration.Error.WriteLineAsync($"recorder: {message}");
                return StartRefused;
            }
        }
    }
}
