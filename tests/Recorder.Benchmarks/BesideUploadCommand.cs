using System.CommandLine;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>beside-upload</c>: what an upload costs a recording on the same node. Exit code 1 when a target is
/// missed.</summary>
internal static class BesideUploadCommand
{
    private static readonly Option<DirectoryInfo> ProductFolder = new("--product")
    {
        Description = "The product's build output, with the executable `recorder`.",
        DefaultValueFactory = _ => new DirectoryInfo("src/Recorder.Node/bin/Release/net10.0"),
    };

    private static readonly Option<int> Pairs = new("--pairs")
    {
        Description = "How many windows with an upload there are, and as many without.",
        DefaultValueFactory = _ => 4,
    };

    private static readonly Option<int> Seconds = new("--seconds")
    {
        Description = "The length of a window.",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<int> Line = new("--megabits")
    {
        Description = "The speed of the line to the store, Mbit/s; 0: as fast as can be.",
        DefaultValueFactory = _ => 1000,
    };

    private static readonly Option<int> Limit = new("--limit")
    {
        Description = "What Delivery:Bandwidth leaves the upload, MB/s; 0: no limit.",
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command(
            "beside-upload",
            "Records the reference page while an earlier record is sent to a store in every other window, and compares frames and processor time."
        )
        {
            ProductFolder,
            Pairs,
            Seconds,
            Line,
            Limit,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var console = AnsiConsole.Console;
        var machine = await MachineDescription.ReadAsync(cancellationToken);
        console.WriteLine($"{machine.Cpu}, {machine.Cores} cores, kernel {machine.Kernel}, {machine.System}");
        var folder = Directory.CreateTempSubdirectory("recorder-benchmark-").FullName;
        // The browser's account must be able to pass through to its profile.
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        try
        {
            var windows = await new BesideUploadScenario(
                arguments.GetRequiredValue(ProductFolder).FullName,
                folder,
                arguments.GetValue(Line),
                arguments.GetValue(Limit) * 1_000_000L
            ).RunAsync(
                arguments.GetValue(Pairs),
                TimeSpan.FromSeconds(arguments.GetValue(Seconds)),
                cancellationToken
            );
            return Report(console, windows);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Report(IAnsiConsole console, IReadOnlyList<BesideUploadWindow> windows)
    {
        var table = new Table().AddColumns(
            "upload",
            "sent, MB/s",
            "session, % of a core",
            "others, %",
            "distinct frames",
            "longest freeze, ms"
        );
        foreach (var window in windows)
        {
            table.AddRow(
                window.WithUpload ? "yes" : "no",
                FormattableString.Invariant($"{window.Sent:0}"),
                FormattableString.Invariant($"{window.SessionCpu:0.0}"),
                FormattableString.Invariant($"{window.OthersCpu:0}"),
                FormattableString.Invariant($"{window.DistinctFrames:0.000}"),
                FormattableString.Invariant($"{window.LongestFreeze:0}")
            );
        }
        console.Write(table);
        FarmTarget[] targets =
        [
            new("CPU of the session with an upload by without, medians", Ratio(window => window.SessionCpu), 1.02),
            new("distinct frames with an upload by without, medians", Ratio(window => window.DistinctFrames), 0.98)
            {
                AtLeast = true,
            },
        ];
        foreach (var target in targets)
        {
            console.WriteLine(target.Sentence);
        }
        return targets.All(target => target.Reached) ? 0 : 1;

        double Ratio(Func<BesideUploadWindow, double> figure) => Median(true, figure) / Median(false, figure);

        double Median(bool isWith, Func<BesideUploadWindow, double> figure)
        {
            var sorted = windows.Where(window => window.WithUpload == isWith).Select(figure).Order().ToList();
            return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
        }
    }
}
