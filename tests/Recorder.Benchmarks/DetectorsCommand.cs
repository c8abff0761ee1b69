using System.CommandLine;
using System.Globalization;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;

namespace Recorder.Benchmarks;

/// <summary><c>detectors</c>: what the watch for the end of a session costs.</summary>
internal static class DetectorsCommand
{
    /// <summary>The most that the detectors may use, in percent of one core.</summary>
    private const double Target = 1;

    private static readonly Option<int> Rounds = new("--rounds")
    {
        Description = "How often the session is measured without and with the rules, in turn.",
        DefaultValueFactory = _ => 8,
    };

    private static readonly Option<int> Window = new("--window")
    {
        Description = "How long each measurement lasts, seconds.",
        DefaultValueFactory = _ => 8,
    };

    private static readonly Option<DirectoryInfo> ProductFolder = new("--product")
    {
        Description = "The product's build output, with the executable `recorder`.",
        DefaultValueFactory = _ => new DirectoryInfo("src/Recorder.Node/bin/Release/net10.0"),
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command(
            "detectors",
            "Records a page in one session, in turn without and with rules for silence, a still picture, a selector, a text and an empty meeting. Exits with 1 when the rules use more than 1 % of a core."
        )
        {
            Rounds,
            Window,
            ProductFolder,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var machine = await MachineDescription.ReadAsync(cancellationToken);
        var report = await new DetectorsScenario(
            arguments.GetRequiredValue(ProductFolder).FullName,
            arguments.GetValue(Rounds),
            TimeSpan.FromSeconds(arguments.GetValue(Window))
        ).RunAsync(cancellationToken);
        Console.WriteLine($"{machine.Cpu}, {machine.Cores} cores, kernel {machine.Kernel}, {machine.System}");
        foreach (var (without, with, others) in report.Pairs)
        {
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"without {without:0.00} %, with {with:0.00} %, difference {with - without:0.00} % of a core; the rest of the machine {others:0} %"
                )
            );
        }
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"median without {report.Without:0.00} %; median difference {report.Difference:0.00} % of a core, at most {Target:0.##} %"
            )
        );
        return report.Difference <= Target ? 0 : 1;
    }
}
