using System.CommandLine;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>control</c>: how a node with a long history answers.</summary>
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

    private static readonly Option<int> Pages = new("--calls")
    {
        Description = "How often each short call is made.",
        DefaultValueFactory = _ => 500,
    };

    private static readonly Option<int> Wholes = new("--status-calls")
    {
        Description = "How often the whole status is read.",
        DefaultValueFactory = _ => 10,
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
            Pages,
            Wholes,
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
            arguments.GetValue(Pages),
            arguments.GetValue(Wholes)
        );
        foreach (var past in arguments.GetRequiredValue(Past))
        {
            var report = await scenario.RunAsync(past, cancellationToken);
            console.WriteLine(
                $"{report.Past} past sessions: ready after {report.ReadyAfter.TotalSeconds:0.0} s, {report.AtReady / 1e6:0} MB then, {report.AfterCalls / 1e6:0} MB after all calls"
            );
            var table = new Table().AddColumns("call", "calls", "p50 ms", "p99 ms", "max ms", "bytes");
            foreach (var call in report.Calls)
            {
                table.AddRow(
                    Markup.Escape(call.Call),
                    $"{call.Times.Count}",
                    $"{call.Percentile(0.5):0.0}",
                    $"{call.Percentile(0.99):0.0}",
                    $"{call.Times[^1]:0.0}",
                    $"{call.Bytes}"
                );
            }
            console.Write(table);
        }
        return 0;
    }
}
