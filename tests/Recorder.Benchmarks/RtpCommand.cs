using System.CommandLine;
using System.Globalization;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>rtp</c>: one session that receives RTP.</summary>
internal static class RtpCommand
{
    private static readonly Option<int> Duration = new("--duration")
    {
        Description = "Length of the window in which CPU is measured, seconds.",
        DefaultValueFactory = _ => 30,
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
            "rtp",
            "Records VP8 of 1280x720 at 25 frames/s that ffmpeg sends by RTP; measures the processor time of worker and node."
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
        var report = await new RtpScenario(
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
                $"% of one core over {report.Seconds:0} s: worker {report.Worker:0.0}, node and driver {report.Node:0.0} (without a session {report.IdleNode:0.0}), rest of the machine {report.Others:0}; worker's memory (PSS) {report.WorkerBytes / 1e6:0} MB; {report.Lost} packets lost, {report.Kilobits:0} kbit/s"
            )
        );
        return 0;
    }
}
