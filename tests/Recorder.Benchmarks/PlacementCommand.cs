using System.CommandLine;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>farm</c>: what the placement of a large farm costs, with its history. The placement is real, its nodes
/// and sessions are played. Exit code 1 when a target is missed.</summary>
internal static class PlacementCommand
{
    private static readonly Option<int[]> Past = new("--past")
    {
        Description = "How many sessions have ended before.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [0, 100_000, 1_000_000],
    };

    private static readonly Option<int[]> Nodes = new("--nodes")
    {
        Description = "How many nodes the farm has: 100 with 1 000 running sessions, more with 15 on each.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [100, 1_000],
    };

    private static readonly Option<FileInfo?> Json = new("--json")
    {
        Description = "Writes everything measured to this file.",
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command(
            "farm",
            "Measures the placement of a farm of many nodes and sessions: its decisions, and its actor on SQLite."
        )
        {
            Past,
            Nodes,
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
            console.Profile.Width = 200;
        }
        var machine = await MachineDescription.ReadAsync(cancellationToken);
        console.WriteLine($"{machine.Cpu}, {machine.Cores} cores, kernel {machine.Kernel}, {machine.System}");
        List<FarmSize> sizes =
        [
            .. from nodes in arguments.GetValue(Nodes)!
            from past in arguments.GetValue(Past)!
            select new FarmSize(nodes, nodes <= 100 ? nodes * 10 : nodes * 15, past),
        ];

        List<PlacementDecisionsReport> decisions = [];
        List<PlacementLifeReport> lives = [];
        foreach (var size in sizes)
        {
            console.WriteLine($"{size}: decisions …");
            decisions.Add(PlacementDecisions.Measure(size));
        }
        console.Write(PlacementTables.Of(decisions));
        foreach (var size in sizes)
        {
            console.WriteLine($"{size}: the actor …");
            lives.Add(await PlacementLife.MeasureAsync(size, cancellationToken));
        }
        console.Write(PlacementTables.Of(lives));

        var targets = PlacementTables.TargetsOf(decisions, lives);
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
                    decisions,
                    lives,
                    targets,
                },
                cancellationToken
            );
        }
        return targets.All(target => target.Reached) ? 0 : 1;
    }
}
