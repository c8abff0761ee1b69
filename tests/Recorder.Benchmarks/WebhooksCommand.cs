using System.CommandLine;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>webhooks</c>: how soon events arrive while some receivers hang. Exit code 1 when a target is
/// missed.</summary>
internal static class WebhooksCommand
{
    private static readonly Option<int> Rate = new("--rate")
    {
        Description = "How many events a minute are told; each is for one receiver.",
        DefaultValueFactory = _ => 10_000,
    };

    private static readonly Option<int> Receivers = new("--receivers")
    {
        Description = "How many receivers there are.",
        DefaultValueFactory = _ => 100,
    };

    private static readonly Option<int> Hanging = new("--hanging")
    {
        Description = "How many of the receivers never answer.",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<int> Hosts = new("--hosts")
    {
        Description = "On how many hosts the receivers are; the calls of a host are bounded.",
        DefaultValueFactory = _ => 100,
    };

    private static readonly Option<double> Minutes = new("--minutes")
    {
        Description = "How long events are told.",
        DefaultValueFactory = _ => 1,
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
            "webhooks",
            "Tells events to receivers of which some hang, and measures how soon the others have the events."
        )
        {
            Rate,
            Receivers,
            Hanging,
            Hosts,
            Minutes,
            Postgres,
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
        await using var scenario = await WebhookScenario.BeginAsync(
            arguments.GetValue(Receivers),
            arguments.GetValue(Hanging),
            arguments.GetValue(Hosts),
            arguments.GetValue(Postgres),
            cancellationToken
        );
        var report = await scenario.RunAsync(
            arguments.GetValue(Rate),
            TimeSpan.FromMinutes(arguments.GetValue(Minutes)),
            cancellationToken
        );

        var table = new Table().AddColumns(
            "events",
            "arrived",
            "for receivers that hang",
            "median ms",
            "p95 ms",
            "most ms",
            "CPU, s"
        );
        table.AddRow(
            FormattableString.Invariant($"{report.Told}"),
            FormattableString.Invariant($"{report.Arrived}"),
            FormattableString.Invariant($"{report.ForHanging}"),
            FormattableString.Invariant($"{report.Median:0}"),
            FormattableString.Invariant($"{report.P95:0}"),
            FormattableString.Invariant($"{report.Most:0}"),
            FormattableString.Invariant($"{report.CpuSeconds:0.0}")
        );
        console.Write(table);
        FarmTarget[] targets =
        [
            new("median from an event in the feed to its receiver, ms", report.Median, 1_000),
            new("events that have not arrived at receivers that answer", report.Told - report.ForHanging - report.Arrived, 0),
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
}
