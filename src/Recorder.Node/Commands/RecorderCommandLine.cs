using System.CommandLine;
using System.CommandLine.Help;
using Recorder.Node.Delivery;
using Recorder.Node.Delivery.Transfer;
using Recorder.Worker;
using Recorder.Worker.Picture;

namespace Recorder.Node.Commands;

/// <summary>The command line of <c>recorder</c>: every option of the configuration is also an option of the command
/// line.</summary>
internal static class RecorderCommandLine
{
    /// <summary>The exit code of a node whose start was refused.</summary>
    public const int StartRefused = 2;

    /// <summary>The exit code of a node that its farm has given up. When started again, the node joins anew.</summary>
    public const int GivenUp = 3;

    /// <summary>The exit code of a command line that makes no sense.</summary>
    public const int WrongUse = 1;

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <returns>The process's exit code.</returns>
    public static Task<int> RunAsync(string[] arguments)
    {
        var parseResult = Create().Parse(arguments);
        // The whole help after a misspelt option would hide the mistake, so only the error is shown.
        if (parseResult.Action is System.CommandLine.Invocation.ParseErrorAction wrong)
        {
            wrong.ShowHelp = false;
        }
        return parseResult.InvokeAsync(
            new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false }
        );
    }

    /// <summary>All commands with their options.</summary>
    public static RootCommand Create()
    {
        // A server's executable runs the server by default, so that no knowledge is needed to start it.
        var root = new RootCommand("Records web pages and meetings, told by HTTP. Without a command it runs one node.");
        var run = new Command("run", "Run one node until Ctrl-C or SIGTERM.");
        var settings = new SettingsOptions(SettingsOptions.MostUsed);
        foreach (var command in new[] { root, run })
        {
            settings.AddTo(command);
            command.SetAction(parsed =>
                settings.UseAsync(parsed, (read, warnings) => RunCommand.RunAsync(read, warnings))
            );
        }

        var recorded = new SettingsOptions([], RecordCommand.Takes);
        var record = RecordCommand.Define((parsed, use) => recorded.UseAsync(parsed, use));
        recorded.AddTo(record);

        var calibrated = new SettingsOptions(["--data"]);
        var calibrate = CalibrateCommand.Define((parsed, use) => calibrated.UseAsync(parsed, (read, _) => use(read)));
        calibrated.AddTo(calibrate);

        var pipeline = new Command(
            "pipeline",
            "Write one record, told by lines on standard input. A node starts it by itself."
        );
        pipeline.SetAction(_ => WorkerProcess.RunAsync());

        var deliver = new Command(
            TransferProcess.Command,
            "Bring one record to a destination, told by a line on standard input. A node starts it by itself."
        );
        deliver.SetAction(_ => TransferProcess.RunAsync(Destinations.Make));

        var finished = new Argument<string>("record") { Description = "The path of a finished record." };
        var picture = new Argument<string>("picture") { Description = "The path of the new JPEG." };
        var poster = new Command("poster", "Make a picture of one finished record. A node starts it by itself.")
        {
            finished,
            picture,
        };
        poster.SetAction(parsed => Poster.Make(parsed.GetRequiredValue(finished), parsed.GetRequiredValue(picture)));

        root.Add(run);
        root.Add(record);
        root.Add(calibrate);
        root.Add(ClusterCommand.Create());
        root.Add(FarmCertificatesCommand.Create());
        root.Add(KeysCommand.Create());
        root.Add(FarmCommands.Sharding());
        root.Add(SessionsCommand.Create());
        root.Add(SchedulesCommand.Create());
        root.Add(ProfileCommand.Create());
        root.Add(WebhooksCommand.Create());
        root.Add(RecordsCommand.Create());
        root.Add(DeliveriesCommand.Create());
        root.Add(AuditCommand.Create());
        root.Add(FarmCommands.Pressure());
        root.Add(pipeline);
        root.Add(deliver);
        root.Add(poster);
        root.Add(HelpCommand.Create(root));
        root.Options.OfType<HelpOption>().Single().Action = new CommandHelp();
        return root;
    }
}
