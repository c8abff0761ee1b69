using System.CommandLine;
using System.Globalization;
using Recorder.Benchmarks.Measuring;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Recorder.Benchmarks.Systems;
using Recorder.ReferencePages;

namespace Recorder.Benchmarks;

/// <summary><c>sound-alone</c>: what a session of sound alone costs, against a session with a picture.</summary>
internal static class SoundAloneCommand
{
    private const double Target = 0.35;

    private static readonly Option<string> Page = new("--page")
    {
        Description = "The page to record: animated, webrtc.",
        DefaultValueFactory = _ => BenchmarkPage.Animated.Name,
    };

    private static readonly Option<int> Duration = new("--duration")
    {
        Description = "How long CPU is measured, seconds.",
        DefaultValueFactory = _ => 20,
    };

    private static readonly Option<int> WarmUp = new("--warm-up")
    {
        Description = "From the start of the recording to the measurement, seconds.",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<int> Repetitions = new("--repetitions")
    {
        Description = "How often both are measured.",
        DefaultValueFactory = _ => 3,
    };

    private static readonly Option<DirectoryInfo> ProductFolder = new("--product")
    {
        Description = "The product's build output, with the executable `recorder`.",
        DefaultValueFactory = _ => new DirectoryInfo("src/Recorder.Node/bin/Release/net10.0"),
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        Page.AcceptOnlyFromAmong([BenchmarkPage.Animated.Name, BenchmarkPage.WebRtc.Name]);
        var command = new Command(
            "sound-alone",
            "Records one page at 1920x1080 and 25 frames/s, and then its sound alone, and compares CPU. Exits with 1 when the sound alone takes more than 0.35 of the other."
        )
        {
            Page,
            Duration,
            WarmUp,
            Repetitions,
            ProductFolder,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var machine = await MachineDescription.ReadAsync(cancellationToken);
        Console.WriteLine($"{machine.Cpu}, {machine.Cores} cores, kernel {machine.Kernel}, {machine.System}");
        var page = BenchmarkPage.All.Single(one => one.Name == arguments.GetRequiredValue(Page));
        var pages = await ReferencePageServer.StartAsync(cancellationToken: cancellationToken);
        await using var pagesEnd = pages;
        var reached = true;
        for (var repetition = 1; repetition <= arguments.GetValue(Repetitions); repetition++)
        {
            var whole = await MeasureAsync(ProductSystem.RecordName);
            var alone = await MeasureAsync(ProductSystem.SoundAloneName);
            var ratio = alone.Whole / whole.Whole;
            reached &= ratio <= Target;
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{page.Name}, {repetition}: picture and sound {Told(whole)}; sound alone {Told(alone)}; ratio {ratio:0.000}"
                )
            );
        }
        return reached ? 0 : 1;

        async Task<CpuUsage> MeasureAsync(string system)
        {
            var folder = Directory.CreateTempSubdirectory("recorder-benchmark-").FullName;

            // The browser's account must be able to pass through to its profile.
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
            try
            {
                var session = await new ProductSystem(
                    arguments.GetRequiredValue(ProductFolder).FullName,
                    system
                ).StartAsync(
                    new RecordingRequest(page.Address(pages), RecordingFormat.FullHd, folder),
                    cancellationToken
                );
                await using var sessionEnd = session;
                await Task.Delay(TimeSpan.FromSeconds(arguments.GetValue(WarmUp)), cancellationToken);
                var usage = await CpuMeter.MeasureAsync(
                    session.Processes,
                    TimeSpan.FromSeconds(arguments.GetValue(Duration)),
                    cancellationToken
                );
                _ = await session.StopAsync(cancellationToken);
                return usage;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static string Told(CpuUsage usage) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{usage.Whole:0.0} % of a core ({string.Join(", ", usage.Percent.Where(part => part.Value >= 0.1).Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Key} {part.Value:0.0}")))}; others {usage.OthersPercent:0})"
        );
}
