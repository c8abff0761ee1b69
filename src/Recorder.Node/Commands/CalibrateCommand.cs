using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Akka.Actor;
using Akka.Hosting;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Node.Calibration;
using Recorder.Node.Capacity;
using Recorder.Node.Configuration;
using Recorder.Node.Hosting;
using Recorder.Node.Media;
using Recorder.Node.Processes;

namespace Recorder.Node.Commands;

/// <summary>
/// Measures how many recordings this host holds, and saves the row for the host. The command runs only the media side
/// of a node, without HTTP API, cluster and database. Its folders are removed afterwards.
/// </summary>
internal static class CalibrateCommand
{
    private const string PageName = "meeting.html";

    private static readonly TimeSpan LeastDuration = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan MostDuration = TimeSpan.FromMinutes(10);

    private static string Durations => $"{Duration.Format(LeastDuration)} to {Duration.Format(MostDuration)}";

    /// <summary>Makes the command with its own options; the options of the configuration are added later.</summary>
    /// <param name="run">Reads the configuration and passes the settings on. Turns a refusal into sentences and an exit
    /// code.</param>
    public static Command Define(Func<ParseResult, Func<RecorderSettings, Task<int>>, Task<int>> run)
    {
        var size = new Option<string>("--size")
        {
            HelpName = "WIDTHxHEIGHT",
            DefaultValueFactory = _ => "1920x1080",
            Description = "The size of each recording, in pixels.",
        };
        var framerate = new Option<int>("--framerate")
        {
            HelpName = "NUMBER",
            DefaultValueFactory = _ => new VideoSettings().Framerate,
            Description = "The frame rate of each recording, in frames/s.",
        };
        var duration = new Option<string>("--duration")
        {
            HelpName = "DURATION",
            DefaultValueFactory = _ => "30 s",
            Description = $"How long each measurement takes, {Durations}.",
        };
        var most = new Option<int>("--max")
        {
            HelpName = "NUMBER",
            DefaultValueFactory = _ => 100,
            Description = "The most recordings to try at once, 1 to 1000.",
        };
        var command = new Command(
            "calibrate",
            "Measure how many recordings this host holds, and save it in the data folder."
        )
        {
            size,
            framerate,
            duration,
            most,
        };
        command.SetAction(parsed =>
            run(
                parsed,
                settings =>
                    RunAsync(
                        settings,
                        PlanOf(
                            parsed.GetValue(size)!,
                            parsed.GetValue(framerate),
                            parsed.GetValue(duration)!,
                            parsed.GetValue(most)
                        ),
                        parsed.InvocationConfiguration.Output,
                        !Console.IsOutputRedirected
                    )
            )
        );
        return command;
    }

    /// <summary>Reads the command's options.</summary>
    /// <exception cref="StartRefusedException">An option makes no sense.</exception>
    public static CalibrationPlan PlanOf(string size, int framerate, string duration, int most)
    {
        var problems = new List<string>();
        var sides = size.Split('x');
        var (width, height) = sides.Length == 2 ? (Side(sides[0]), Side(sides[1])) : (0, 0);
        if (
            width is < SpecLimits.MinimumWidth or > SpecLimits.MaximumWidth
            || height is < SpecLimits.MinimumHeight or > SpecLimits.MaximumHeight
            || width % 2 + height % 2 > 0
        )
        {
            problems.Add(
                $"--size is \"{size}\"; it must be WIDTHxHEIGHT in even numbers, {SpecLimits.MinimumWidth}x{SpecLimits.MinimumHeight} to {SpecLimits.MaximumWidth}x{SpecLimits.MaximumHeight}."
            );
        }
        if (framerate is < SpecLimits.MinimumFramerate or > SpecLimits.MaximumFramerate)
        {
            problems.Add(
                $"--framerate is {framerate}; it must be {SpecLimits.MinimumFramerate} to {SpecLimits.MaximumFramerate}."
            );
        }
        if (!Duration.TryParse(duration, out var time) || time < LeastDuration || time > MostDuration)
        {
            problems.Add($"--duration is \"{duration}\"; it must be a duration such as 30 s, {Durations}.");
        }
        if (most is < 1 or > 1000)
        {
            problems.Add($"--max is {most}; it must be 1 to 1000.");
        }
        return problems.Count == 0
            ? new CalibrationPlan(
                new VideoSettings
                {
                    Width = width,
                    Height = height,
                    Framerate = framerate,
                },
                time,
                most
            )
            : throw new StartRefusedException(problems);

        static int Side(string text) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var side) ? side : 0;
    }

    /// <summary>Calibrates.</summary>
    /// <param name="settings">The settings of the node whose data folder gets the row.</param>
    /// <param name="plan">What to calibrate.</param>
    /// <param name="output">The output.</param>
    /// <param name="terminal">Whether the output is a terminal.</param>
    /// <returns>0 when a row has been saved, 1 when nothing was measured.</returns>
    /// <exception cref="StartRefusedException">The calibration cannot start here, for reasons that a person can
    /// fix.</exception>
    public static async Task<int> RunAsync(
        RecorderSettings settings,
        CalibrationPlan plan,
        TextWriter output,
        bool terminal
    )
    {
        foreach (var warning in Prerequisites.Check(settings.Media))
        {
            await output.WriteLineAsync(warning);
        }
        settings.Node.Data = Folders.Prepare(settings.Node.Data, "data folder", "--data");
        // The lock keeps a node from running, because a running node would be measured too.
        using var held = Folders.Lock(settings.Node.Data);
        CpuTableFiles.ReadMeasured(settings.Node.Data);
        settings.Media.RecordsFolder = Path.Combine(settings.Node.Data, "calibration");
        settings.Media.RunRoot = Path.Combine(
            Path.GetTempPath(),
            "recorder-" + RandomNumberGenerator.GetHexString(8, lowercase: true)
        );
        settings.Media.Rehearse = false;
        // The page that is measured is this command's own.
        settings.Cluster.Network.Allow.Add("127.0.0.1");

        var host = new HostReader("", TimeProvider.System);
        var facts = host.Facts();
        var display = new CalibrationConsole(output, terminal, facts);
        try
        {
            Directory.CreateDirectory(settings.Media.RecordsFolder);
            var result = await MeasureAsync(settings, plan, host, facts, display);
            return Conclude(settings, plan, facts, result, display);
        }
        finally
        {
            RunDirectory.Remove(settings.Media.RecordsFolder);
            RunDirectory.Remove(settings.Media.RunRoot);
        }
    }

    private static async Task<CalibrationResult> MeasureAsync(
        RecorderSettings settings,
        CalibrationPlan plan,
        HostReader host,
        HostFacts facts,
        CalibrationConsole display
    )
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory }
        );
        builder.Configuration.Sources.Clear();
        NodeHost.AddLogging(
            builder.Logging,
            settings.Node.LogLevel < LogLevel.Warning && settings.Node.LogLevel > LogLevel.Debug
                ? LogLevel.Warning
                : settings.Node.LogLevel
        );
        builder.Services.AddSessionMedia(settings.Media, settings.Cluster);
        builder.Services.AddAkka(
            "calibration",
            akka =>
                akka.ConfigureLoggers(loggers =>
                {
                    loggers.ClearLoggers();
                    loggers.AddLogger<HostLogger>();
                })
        );
        await using var app = builder.Build();
        app.MapGet(
            "/" + PageName,
            () =>
                Results.Stream(
                    typeof(CalibrateCommand).Assembly.GetManifestResourceStream(PageName)!,
                    "text/html; charset=utf-8"
                )
        );
        app.Urls.Add("http://127.0.0.1:0");
        await RunCommand.StartAsync(app);

        var spec = plan.Spec(new Uri($"{app.Urls.First()}/{PageName}"));
        display.Begin(plan, SessionCost.Of(spec));
        var result = new TaskCompletionSource<CalibrationResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var setting = new CalibrationSetting(
            plan,
            spec,
            settings.Media.RecordsFolder,
            app.Services.GetRequiredService<ISessionMedia>(),
            host,
            facts,
            settings.Cluster.Capacity,
            display
        );
        var calibration = app
            .Services.GetRequiredService<ActorSystem>()
            .ActorOf(Props.Create(() => new CalibrationActor(setting, result)), "calibration");
        // Ctrl-C and SIGTERM end the calibration early.
        await using var interrupted = app.Lifetime.ApplicationStopping.Register(() =>
            calibration.Tell(new CalibrationActor.Cancel())
        );
        try
        {
            return await result.Task;
        }
        finally
        {
            await interrupted.DisposeAsync();
            await app.StopAsync();
        }
    }

    private static int Conclude(
        RecorderSettings settings,
        CalibrationPlan plan,
        HostFacts facts,
        CalibrationResult result,
        CalibrationConsole display
    )
    {
        display.End("");
        display.End(result.Why);
        if (result.Doubtful is { } doubt)
        {
            display.End(doubt);
        }
        if (!result.Complete || !result.Measurements.Exists(one => one.Recordings > 0))
        {
            display.End("Nothing has been saved.");
            return 1;
        }

        var row = new CpuRow(
            facts.Cpu,
            facts.Threads,
            Math.Round(facts.MemoryMegabytes / 1000.0, 1),
            result.Measurements
        );
        CpuTableFiles.SaveMeasured(settings.Node.Data, row);
        display.End(
            $"Saved in {CpuTableFiles.MeasuredIn(settings.Node.Data)}. A node with this data folder has from its next start:"
        );
        var slots = SlotDecision.Decide(0, CpuTable.Empty.With(row), CpuTable.Empty, facts, settings.Cluster.Capacity);
        display.End($"{(slots.Count == 1 ? "1 slot" : $"{slots.Count} slots")}. {slots.Found}");
        return 0;
    }
}
