using System.CommandLine;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>records</c>: how fast a record comes through a node that does not hold the record. Exit code 1 when a
/// target is missed.</summary>
internal static class RecordsCommand
{
    private static readonly Option<int> Megabytes = new("--size")
    {
        Description = "The size of the record in MiB.",
        DefaultValueFactory = _ => 2048,
    };

    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "How often each way is measured.",
        DefaultValueFactory = _ => 3,
    };

    private static readonly Option<bool> WithoutSecret = new("--without-secret")
    {
        Description = "Measures a farm whose nodes do not encrypt what they say to each other.",
    };

    private static readonly Option<FileInfo?> Json = new("--json")
    {
        Description = "Writes everything measured to this file.",
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command(
            "records",
            "Fetches a large record from nginx, from its own node and through another node, and compares their rates."
        )
        {
            Megabytes,
            Rounds,
            WithoutSecret,
            Json,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Console;
        var machine = await MachineDescription.ReadAsync(cancellationToken);
        console.WriteLine($"{machine.Cpu}, {machine.Cores} cores, kernel {machine.Kernel}, {machine.System}");
        var report = await new RecordsScenario(
            (long)arguments.GetValue(Megabytes) << 20,
            arguments.GetValue(Rounds),
            secret: !arguments.GetValue(WithoutSecret)
        ).RunAsync(cancellationToken);

        var table = new Table().AddColumns(
            "way",
            "MB/s in each round",
            "median",
            "CPU edge, s",
            "CPU holder, s",
            "memory of the edge, MB",
            "memory of the holder, MB"
        );
        foreach (var way in report.Ways)
        {
            table.AddRow(
                way.Name,
                string.Join(", ", way.Rounds.Select(round => Text(round.Rate / 1e6))),
                Text(way.Rate / 1e6),
                string.Join(", ", way.Rounds.Select(round => Seconds(round.EdgeCpu))),
                string.Join(", ", way.Rounds.Select(round => Seconds(round.HolderCpu))),
                string.Join(", ", way.Rounds.Select(round => Text(round.EdgeGrowth / 1e6))),
                string.Join(", ", way.Rounds.Select(round => Text(round.HolderGrowth / 1e6)))
            );
        }
        console.Write(table);
        FarmTarget[] targets =
        [
            new("rate through another node, as a part of nginx's", report.Foreign.Rate / report.Nginx.Rate, 0.6)
            {
                AtLeast = true,
            },
            new("memory that the edge takes meanwhile, MB", report.Foreign.Rounds.Max(one => one.EdgeGrowth) / 1e6, 20),
            new(
                "memory that the holder takes meanwhile, MB",
                report.Foreign.Rounds.Max(one => one.HolderGrowth) / 1e6,
                20
            ),
            new("answers that were not the record", report.Wrong, 0),
        ];
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
                    report,
                    targets,
                },
                cancellationToken
            );
        }
        return targets.All(target => target.Reached) ? 0 : 1;
    }

    private static string Text(double number) => FormattableString.Invariant($"{number:0}");

    private static string Seconds(double number) => FormattableString.Invariant($"{number:0.00}");
}
