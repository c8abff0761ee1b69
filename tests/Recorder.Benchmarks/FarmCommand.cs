using System.CommandLine;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>failover</c> and <c>handover</c>: what a farm of three nodes on this machine does when one of them is
/// killed, or leaves. Exit code 1 when a target is missed.</summary>
internal static class FarmCommand
{
    private static readonly Option<int> Times = new("--times")
    {
        Description = "How many nodes are killed, or leave, one after the other.",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<FileInfo?> Json = new("--json")
    {
        Description = "Writes everything measured to this file.",
    };

    /// <summary>kill -9 of one node after the other.</summary>
    public static Command CreateFailover() =>
        Create(
            "failover",
            "Kills one node of three after the other (the oldest too) and measures the time to the first new frame of what it recorded.",
            async (times, progress, cancellationToken) =>
            {
                var report = await new FailoverScenario(times).RunAsync(progress, cancellationToken);
                return (report, FarmTables.Of(report), FarmTargets.Of(report));
            }
        );

    /// <summary>SIGTERM to one node after the other.</summary>
    public static Command CreateHandOver() =>
        Create(
            "handover",
            "Ends one node of three after the other with SIGTERM and counts the pictures that are in none of its sessions' records.",
            async (times, progress, cancellationToken) =>
            {
                var report = await new HandOverScenario(times).RunAsync(progress, cancellationToken);
                return (report, FarmTables.Of(report), FarmTargets.Of(report));
            }
        );

    private static Command Create<TReport>(
        string name,
        string description,
        Func<
            int,
            Action<string>,
            CancellationToken,
            Task<(TReport Report, IEnumerable<Table> Tables, IReadOnlyList<FarmTarget> Targets)>
        > run
    )
    {
        var command = new Command(name, description) { Times, Json };
        command.SetAction(
            async (arguments, cancellationToken) =>
            {
                var console = AnsiConsole.Console;
                if (Console.IsOutputRedirected)
                {
                    console.Profile.Width = 160;
                }
                var machine = await MachineDescription.ReadAsync(cancellationToken);
                var (report, tables, targets) = await run(
                    arguments.GetValue(Times),
                    console.WriteLine,
                    cancellationToken
                );
                console.WriteLine($"{machine.Cpu}, {machine.Cores} cores, kernel {machine.Kernel}, {machine.System}");
                foreach (var table in tables)
                {
                    console.Write(table);
                }
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
                            Scenario = name,
                            machine,
                            report,
                            targets,
                        },
                        cancellationToken
                    );
                }
                return targets.All(target => target.Reached) ? 0 : 1;
            }
        );
        return command;
    }
}
