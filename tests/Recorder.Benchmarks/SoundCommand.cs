using System.CommandLine;
using System.Globalization;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>sound</c>: whether a record holds what another listener hears.</summary>
internal static class SoundCommand
{
    private static readonly Option<int> Duration = new("--duration")
    {
        Description = "How long to record, seconds.",
        DefaultValueFactory = _ => 600,
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
            "sound",
            "Records a page of steady tones beside parec on the same monitor and compares the two, sample by sample. Exits with 1 when the record lacks something that parec heard."
        )
        {
            Duration,
            ProductFolder,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var machine = await MachineDescription.ReadAsync(cancellationToken);
        var report = await new SoundScenario(
            arguments.GetRequiredValue(ProductFolder).FullName,
            TimeSpan.FromSeconds(arguments.GetValue(Duration))
        ).RunAsync(cancellationToken);
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = 300;
        }
        console.WriteLine($"{machine.Cpu}, {machine.Cores} cores, kernel {machine.Kernel}, {machine.System}");
        console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Compared.TotalSeconds:0.0} s compared; breaks that both listeners hear: {report.HeardByBoth}; losses of the record alone: {report.Differences.Count(difference => difference.IsLoss)}; other differences: {report.Differences.Count(difference => !difference.IsLoss)}"
            )
        );
        foreach (var difference in report.Differences)
        {
            console.WriteLine(difference.ToString());
        }
        return report.Differences.Any(difference => difference.IsLoss) ? 1 : 0;
    }
}
