using System.CommandLine;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>journal</c>: what a long session writes to the database, and how fast it goes on elsewhere. Exit code 1
/// when a target is missed.</summary>
internal static class JournalCommand
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    private static readonly Option<double> Hours = new("--hours")
    {
        Description = "How long the session records, by its own clock.",
        DefaultValueFactory = _ => 24,
    };

    private static readonly Option<FileInfo?> Json = new("--json")
    {
        Description = "Writes everything measured to this file.",
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command(
            "journal",
            "Lets a session record for a day within a minute and measures what the day leaves in the database."
        )
        {
            Hours,
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
        var day = TimeSpan.FromHours(arguments.GetValue(Hours));
        List<JournalReport> reports = [];
        TimeSpan[][] sessions = [[TimeSpan.FromMinutes(1)], [TimeSpan.FromHours(1)], [day, Month]];
        foreach (var lengths in sessions)
        {
            // An incarnation may write, so each length has a session of its own.
            await using var scenario = new JournalScenario();
            await scenario.BeginAsync(cancellationToken);
            await scenario.RecordAsync(lengths[0], cancellationToken);
            reports.Add(await scenario.ReportAsync(cancellationToken));
            foreach (var longer in lengths[1..])
            {
                await scenario.LeapAsync(longer, cancellationToken);
                reports.Add(await scenario.ReportAsync(cancellationToken));
            }
        }

        var table = new Table().AddColumns(
            "recorded",
            "events kept",
            "kB in the file",
            "read again, fastest ms",
            "median ms"
        );
        foreach (var report in reports)
        {
            table.AddRow(
                FormattableString.Invariant($"{report.Length}"),
                FormattableString.Invariant($"{report.Events}"),
                FormattableString.Invariant($"{report.Bytes / 1000}"),
                FormattableString.Invariant($"{report.Read:0.0}"),
                FormattableString.Invariant($"{report.ReadMedian:0.0}")
            );
        }
        console.Write(table);
        FarmTarget[] targets =
        [
            new("what a session of a day leaves in the database, kB", reports[^2].Bytes / 1000, 1_000),
            new(
                "the journal of 30 days read again, beside that of a minute, medians, ms more",
                reports[^1].ReadMedian - reports[0].ReadMedian,
                50
            ),
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
                    reports,
                    targets,
                },
                cancellationToken
            );
        }
        return targets.All(target => target.Reached) ? 0 : 1;
    }
}
