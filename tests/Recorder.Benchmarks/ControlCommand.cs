using System.CommandLine;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Recorder.Harness;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>control</c>: how a node with a long history answers. Exit code 1 when a target is missed.</summary>
internal static class ControlCommand
{
    private static readonly Option<DirectoryInfo> ProductFolder = new("--product")
    {
        Description = "The product's published folder, with the executable `recorder`.",
        Required = true,
    };

    private static readonly Option<int[]> Past = new("--past")
    {
        Description = "How many past sessions the node has; several numbers are measured one after the other.",
        DefaultValueFactory = _ => [0, 100_000],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Shorts = new("--calls")
    {
        Description = "How often each short call is made.",
        DefaultValueFactory = _ => 500,
    };

    private static readonly Option<int> Wholes = new("--status-calls")
    {
        Description = "How often the whole status is read.",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<int> Starts = new("--starts")
    {
        Description = "How many sessions are started and stopped, with played media.",
        DefaultValueFactory = _ => 2_000,
    };

    private static readonly Option<bool> Postgres = new("--postgres")
    {
        Description = "Measures on a PostgreSQL of its own instead of SQLite.",
    };

    private static readonly Option<FileInfo?> Json = new("--json")
    {
        Description = "Writes everything measured to this file.",
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command(
            "control",
            "Starts a node with a number of past sessions and measures how fast it lists them, and its memory."
        )
        {
            ProductFolder,
            Past,
            Shorts,
            Wholes,
            Starts,
            Postgres,
            Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = 160;
        }
        var machine = await MachineDescription.ReadAsync(cancellationToken);
        console.WriteLine($"{machine.Cpu}, {machine.Cores} cores, kernel {machine.Kernel}, {machine.System}");
        var scenario = new ControlScenario(
            arguments.GetRequiredValue(ProductFolder).FullName,
            new ControlCounts(
                arguments.GetValue(Shorts),
                arguments.GetValue(Wholes),
                arguments.GetValue(Starts),
                StartsAtOnce: 32
            )
        );
        List<ControlReport> reports = [];
        foreach (var past in arguments.GetRequiredValue(Past))
        {
            await using var server = arguments.GetValue(Postgres) ? await PrivatePostgres.StartAsync() : null;
            var report = await scenario.RunAsync(past, server, cancellationToken);
            reports.Add(report);
            console.Write(ControlTables.Of(report));
        }
        var targets = ControlTables.TargetsOf(reports);
        foreach (var target in targets)
        {
            console.WriteLine(target.Sentence);
        }
        if (arguments.GetValue(Json) is { } json)
        {
            await JsonFile.WriteAsync(
                json.FullName,
                new
                {
                    At = TimeProvider.System.GetUtcNow(),
                    machine,
                    reports,
                    targets,
                },
                cancellationToken
            );
        }
        return targets.All(target => target.Reached) ? 0 : 1;
    }
}
