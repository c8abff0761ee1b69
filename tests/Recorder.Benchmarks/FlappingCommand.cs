using System.CommandLine;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>flapping</c>: a session with two stream targets, one of which comes and goes.</summary>
internal static class FlappingCommand
{
    private static readonly Option<int> Duration = new("--duration")
    {
        Description = "For how long the target comes and goes, seconds.",
        DefaultValueFactory = _ => 600,
    };

    private static readonly Option<FileInfo?> Json = new("--json")
    {
        Description = "Writes everything measured to this file.",
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command(
            "flapping",
            "Records and streams to two RTMP servers, one of which dies every 20 s and returns after 10 s; measures missing frames, memory, reconnects and the stream's delay. Exits with 1 when a target is missed."
        )
        {
            Duration,
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
        var report = await new FlappingScenario(TimeSpan.FromSeconds(arguments.GetValue(Duration))).RunAsync(
            console.WriteLine,
            cancellationToken
        );
        console.WriteLine($"{machine.Cpu}, {machine.Cores} cores, kernel {machine.Kernel}, {machine.System}");
        console.Write(FlappingTable.Of(report));
        var targets = FlappingTargets.Of(report);
        console.Write(TargetTable.Of(targets));
        if (arguments.GetValue(Json) is { } json)
        {
            await JsonFile.WriteAsync(
                json.FullName,
                new
                {
                    At = TimeProvider.System.GetUtcNow(),
                    Scenario = "flapping",
                    machine,
                    report,
                    targets,
                },
                cancellationToken
            );
        }
        return targets.Any(target => target.Reached == false) ? 1 : 0;
    }
}
