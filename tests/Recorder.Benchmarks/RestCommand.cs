using System.CommandLine;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>rest</c>: what a node takes that records nothing.</summary>
internal static class RestCommand
{
    private static readonly Option<DirectoryInfo> ProductFolder = new("--product")
    {
        Description = "The product's published folder, with the executable `recorder`.",
        Required = true,
    };

    private static readonly Option<DirectoryInfo?> BeforeFolder = new("--before")
    {
        Description = "The published folder of an earlier commit, to be measured in turns with the product.",
    };

    private static readonly Option<int> Repetitions = new("--repetitions")
    {
        Description = "How often each is started; the report shows medians.",
        DefaultValueFactory = _ => 3,
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command(
            "rest",
            "Starts a node, lets the node come to rest and measures memory, start time and the size of the published folder. Exits with 1 when a target is missed."
        )
        {
            ProductFolder,
            BeforeFolder,
            Repetitions,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var builds = new List<RestBuild> { new("product", arguments.GetRequiredValue(ProductFolder).FullName) };
        if (arguments.GetValue(BeforeFolder) is { } before)
        {
            builds.Add(new RestBuild("product-before", before.FullName));
        }
        var machine = await MachineDescription.ReadAsync(cancellationToken);
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = 160;
        }
        console.WriteLine($"{machine.Cpu}, {machine.Cores} cores, kernel {machine.Kernel}, {machine.System}");
        var runs = await new RestScenario(builds, arguments.GetValue(Repetitions)).RunAsync(cancellationToken);
        var summary = RestSummary.Of(builds, runs);
        console.Write(summary.Table());
        console.Write(TargetTable.Of(summary.Targets));
        return summary.Targets.Any(target => target.Reached == false) ? 1 : 0;
    }
}
