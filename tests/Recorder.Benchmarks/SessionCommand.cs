using System.CommandLine;
using Recorder.Benchmarks.Reports;
using Recorder.Benchmarks.Scenarios;
using Recorder.Benchmarks.Systems;
using Spectre.Console;

namespace Recorder.Benchmarks;

/// <summary><c>session</c>: one session of each system on each page.</summary>
internal static class SessionCommand
{
    private static readonly string[] SystemNames =
    [
        ProductSystem.RecordName,
        ProductSystem.BeforeName,
        ProductSystem.AllOutputsName,
        "jibri",
        "livekit",
        "jibri-2024",
    ];

    private static readonly Option<string[]> Pages = new("--pages")
    {
        Description = "Pages to record: reference, animated, webrtc.",
        DefaultValueFactory = _ => [.. BenchmarkPage.All.Select(p => p.Name)],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string[]> Systems = new("--systems")
    {
        Description =
            "Systems to record with: product, product-before (the build that --before names), product-outputs (two RTMP targets and HLS beside the record), jibri, livekit, jibri-2024 (Jibri's encoder options before February 2025).",
        DefaultValueFactory = _ => ["product", "jibri", "livekit"],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Duration = new("--duration")
    {
        Description = "Length of the steady window in which CPU, frames and offsets are measured, seconds.",
        DefaultValueFactory = _ => 60,
    };

    private static readonly Option<int> WarmUp = new("--warm-up")
    {
        Description = "From the start of the recording to the steady window, seconds.",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<int> Repetitions = new("--repetitions")
    {
        Description = "How often each system records each page; the report shows medians.",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<DirectoryInfo> ProductFolder = new("--product")
    {
        Description = "The product's build output, with the executable `recorder`.",
        DefaultValueFactory = _ => new DirectoryInfo("src/Recorder.Node/bin/Release/net10.0"),
    };

    private static readonly Option<DirectoryInfo?> BeforeFolder = new("--before")
    {
        Description = "The build output of an earlier commit, which product-before records with.",
    };

    private static readonly Option<double> StartRatio = new("--start-ratio")
    {
        Description = "The largest ratio of the cold start to that of product-before that counts as reached.",
        DefaultValueFactory = _ => 1.02,
    };

    private static readonly Option<FileInfo?> Json = new("--json")
    {
        Description = "Writes everything measured to this file.",
    };

    private static readonly Option<DirectoryInfo?> Keep = new("--keep")
    {
        Description = "Keeps records and logs in this folder; without it they are deleted at the end.",
    };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        Pages.AcceptOnlyFromAmong([.. BenchmarkPage.All.Select(p => p.Name)]);
        Systems.AcceptOnlyFromAmong(SystemNames);
        var command = new Command(
            "session",
            "Records each page with each system in turn and compares CPU, memory, frames, sound offset and start time. Exits with 1 when a run fails or a target is missed."
        )
        {
            Pages,
            Systems,
            Duration,
            WarmUp,
            Repetitions,
            ProductFolder,
            BeforeFolder,
            StartRatio,
            Json,
            Keep,
        };
        command.Validators.Add(result =>
        {
            if (
                result.GetValue(Systems)?.Contains(ProductSystem.BeforeName) == true
                && result.GetValue(BeforeFolder) is null
            )
            {
                result.AddError("product-before needs --before FOLDER, the build output of an earlier commit.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var temporary = arguments.GetValue(Keep) is null;
        var folder =
            arguments.GetValue(Keep)?.FullName ?? Directory.CreateTempSubdirectory("recorder-benchmark-").FullName;
        Directory.CreateDirectory(folder);
        // The browser's account must be able to pass through to its profile.
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var options = new SessionScenarioOptions
        {
            Pages = [.. BenchmarkPage.All.Where(p => arguments.GetRequiredValue(Pages).Contains(p.Name))],
            Systems =
            [
                .. SystemNames
                    .Where(s => arguments.GetRequiredValue(Systems).Contains(s))
                    .Select(s => SystemOf(s, arguments)),
            ],
            Repetitions = arguments.GetValue(Repetitions),
            WarmUp = TimeSpan.FromSeconds(arguments.GetValue(WarmUp)),
            Duration = TimeSpan.FromSeconds(arguments.GetValue(Duration)),
            Folder = folder,
            Format = RecordingFormat.FullHd,
        };
        try
        {
            return await RunAsync(
                options,
                arguments.GetValue(StartRatio),
                arguments.GetValue(Json)?.FullName,
                cancellationToken
            );
        }
        finally
        {
            if (temporary)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static async Task<int> RunAsync(
        SessionScenarioOptions options,
        double startRatio,
        string? json,
        CancellationToken cancellationToken
    )
    {
        var console = AnsiConsole.Console;
        // Into a file or a pipe Spectre takes 80 columns and breaks the tables.
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = 160;
        }
        var machine = await MachineDescription.ReadAsync(cancellationToken);
        var runs = await new SessionScenario(options).RunAsync(
            run => ConsoleReport.WriteProgress(console, run),
            cancellationToken
        );
        var summary = SessionSummary.Of(runs, startRatio);
        ConsoleReport.Write(console, machine, summary);
        if (json is not null)
        {
            var report = new JsonReport(
                TimeProvider.System.GetUtcNow(),
                "session",
                options.WarmUp.TotalSeconds,
                options.Duration.TotalSeconds,
                machine,
                summary,
                runs
            );
            await report.WriteAsync(json, cancellationToken);
        }

        return runs.Any(r => r.Failure is not null) || summary.Targets.Any(target => target.Reached == false) ? 1 : 0;
    }

    private static IRecordingSystem SystemOf(string name, ParseResult arguments) =>
        name switch
        {
            ProductSystem.RecordName => new ProductSystem(
                arguments.GetRequiredValue(ProductFolder).FullName,
                ProductSystem.RecordName
            ),
            ProductSystem.BeforeName => new ProductSystem(
                arguments.GetRequiredValue(BeforeFolder)!.FullName,
                ProductSystem.BeforeName
            ),
            ProductSystem.AllOutputsName => new ProductSystem(
                arguments.GetRequiredValue(ProductFolder).FullName,
                ProductSystem.AllOutputsName
            ),
            "jibri" => new JibriSystem(JibriEncoding.Today),
            "jibri-2024" => new JibriSystem(JibriEncoding.Until2025),
            "livekit" => new LiveKitSystem(),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such system."),
        };
}
