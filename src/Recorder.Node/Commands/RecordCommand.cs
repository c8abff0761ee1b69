using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Recorder.Cluster.Network;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Http.Answers;
using Recorder.Node.Configuration;
using Recorder.Node.Processes;
using Spectre.Console;

namespace Recorder.Node.Commands;

/// <summary>
/// <c>recorder record</c>: records one page into one file, without a server. The command runs a node of its own, which
/// belongs to no farm and listens on loopback only. The node's folders are removed afterwards.
/// </summary>
internal static class RecordCommand
{
    /// <summary>How long a name server may take for a host that the command names.</summary>
    private static readonly TimeSpan NamesLimit = TimeSpan.FromSeconds(10);

    /// <summary>The exit code when no file was recorded.</summary>
    public const int NothingRecorded = 6;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LongestCall = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>Which options of the configuration the command takes: those of the media side, of the log, of the
    /// network and of the disk.</summary>
    /// <param name="key">The key of the option.</param>
    public static bool Takes(string key) =>
        key is "LogLevel" or "DiskLowWater"
        || key.StartsWith("Network:", StringComparison.Ordinal)
        || (
            key.StartsWith("Media:", StringComparison.Ordinal)
            && key is not ("Media:RecordsFolder" or "Media:RunRoot")
        );

    /// <summary>Makes the command with its own options; the options of the configuration are added later.</summary>
    /// <param name="run">Reads the configuration and passes on the settings and the warnings. Turns a refusal into
    /// sentences and an exit code.</param>
    public static Command Define(
        Func<ParseResult, Func<RecorderSettings, IReadOnlyList<string>, Task<int>>, Task<int>> run
    )
    {
        var page = new Argument<string>("URL") { Description = "The page to record." };
        var length = new Option<string?>("--for")
        {
            HelpName = "DURATION",
            Description = "How long to record, such as 30 s or 2 h. Without it: until Ctrl-C.",
        };
        var file = new Option<string?>("--output", "-o")
        {
            HelpName = "FILE",
            Description = "The file to write: .mp4, .mkv or .ts; or sound alone: .m4a, .ogg, .mp3 or .flac. Without it: a name by the time, in this folder.",
        };
        var force = new Option<bool>("--force") { Description = "Replace the file if there is one." };
        var fields = SessionsCommand.Fields();
        var command = new Command("record", "Record one page into one file, without a server.")
        {
            page,
            length,
            file,
            force,
            fields,
        };
        command.SetAction(parsed =>
            run(
                parsed,
                async (settings, warnings) =>
                {
                    var plan = PlanOf(
                        parsed.GetValue(page)!,
                        parsed.GetValue(length),
                        parsed.GetValue(file),
                        parsed.GetValue(force),
                        parsed.GetValue(fields) ?? [],
                        TimeProvider.System
                    );
                    var output = parsed.InvocationConfiguration.Output;
                    return await RunAsync(plan, settings, warnings, SessionDisplay.ConsoleOn(output));
                }
            )
        );
        return command;
    }

    /// <summary>What to record, and into which file.</summary>
    /// <param name="Body">The body of the start call.</param>
    /// <param name="For">How long to record; null: until a signal.</param>
    /// <param name="File">The absolute path of the file.</param>
    internal sealed record Plan(JsonObject Body, TimeSpan? For, string File);

    /// <summary>Reads the command's options.</summary>
    /// <exception cref="StartRefusedException">An option makes no sense.</exception>
    public static Plan PlanOf(
        string page,
        string? length,
        string? file,
        bool force,
        IReadOnlyCollection<string> fields,
        TimeProvider time
    )
    {
        TimeSpan? duration = null;
        if (length is not null)
        {
            duration =
                Duration.TryParse(length, out var read) && read > TimeSpan.Zero && read <= Longest
                    ? read
                    : throw new StartRefusedException(
                        $"--for is \"{length}\"; it must be a duration such as 30 s or 2 h, up to 30 d."
                    );
        }
        var path = Path.GetFullPath(
            file ?? time.GetLocalNow().ToString("yyyy-MM-dd_HH-mm-ss", CultureInfo.InvariantCulture) + ".mp4"
        );
        var container = Path.GetExtension(path).TrimStart('.').ToLowerInvariant();
        var isSound = RecordContainers.OfSound.Exists(sound => sound.Ending() == container);
        if (!isSound && container is not ("mp4" or "mkv" or "ts"))
        {
            throw new StartRefusedException(
                $"--output is \"{file}\"; its name must end in .mp4, .mkv or .ts, or for sound alone in .m4a, .ogg, .mp3 or .flac."
            );
        }
        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            throw new StartRefusedException($"There is no folder {Path.GetDirectoryName(path)}; make it first.");
        }
        if (Directory.Exists(path))
        {
            throw new StartRefusedException($"{path} is a folder; give the name of a file.");
        }
        if (!force && Path.Exists(path))
        {
            throw new StartRefusedException($"There is a file {path}; give another --output, or --force.");
        }
        try
        {
            return new Plan(
                SessionBody.Of(
                    page,
                    null,
                    [],
                    isSound
                        ? [$"container={container}", "video=false", .. fields]
                        : [$"container={container}", .. fields]
                ),
                duration,
                path
            );
        }
        catch (InvalidDataException error)
        {
            throw new StartRefusedException(error.Message);
        }
    }

    private static async Task<int> RunAsync(
        Plan plan,
        RecorderSettings settings,
        IReadOnlyList<string> warnings,
        IAnsiConsole console
    )
    {
        var name = "recorder-" + RandomNumberGenerator.GetHexString(8, lowercase: true);
        var data = Path.Combine(Path.GetTempPath(), name);

        // Beside the file, so that the finished record is moved and not copied.
        var records = Path.Combine(Path.GetDirectoryName(plan.File)!, "." + name);
        int code;
        var kept = new List<string>();
        try
        {
            code = await RunCommand.RunAsync(
                settings.ForOneRecord(
                    data,
                    records,
                    await NamedHosts.ResolveAsync(plan.Body["data"], SystemResolver.Instance, NamesLimit)
                ),
                warnings,
                (node, stopping) => RecordAsync(plan, node, console, stopping)
            );
        }
        finally
        {
            // Whatever has happened, what was recorded is kept.
            foreach (var path in Keep(plan.File, records))
            {
                kept.Add(path);
                console.WriteLine($"{path} ({SessionDisplay.Size(new FileInfo(path).Length)})");
            }
            if (!Records(plan.File, records).Any())
            {
                RunDirectory.Remove(records);
            }
            RunDirectory.Remove(data);
        }
        return code != 0 ? code
            : kept.Count == 0 ? NothingRecorded
            : 0;
    }

    private static async Task RecordAsync(Plan plan, Uri address, IAnsiConsole console, CancellationToken stopping)
    {
        using var http = new HttpClient { BaseAddress = address, Timeout = LongestCall };
        var node = new NodeClient(http, stopping);
        try
        {
            console.WriteLine($"Opening {plan.Body["data"]!["uri"]}");
            var started = await StartAsync(plan, node);
            console.WriteLine(plan.For is null ? "Recording; Ctrl-C ends the recording." : "Recording.");
            await FollowAsync(plan, node, started.Id, console, stopping);
            await node.PostAsync<JsonDocument>("/api/stop", new JsonObject { ["id"] = started.Id });
            foreach (var fault in (await SessionAsync(node, started.Id)).Faults)
            {
                console.WriteLine($"{fault.Code}: {fault.Message}");
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Ctrl-C. The node finalises what is being recorded.
        }
        catch (Exception error)
            when (error is InvalidDataException or HttpRequestException or OperationCanceledException)
        {
            // The node finalises the record as it ends, so the record is not lost.
            console.WriteLine($"The recording could not be stopped in the usual way: {error.Message}");
        }
    }

    private static async Task<StartAnswer> StartAsync(Plan plan, NodeClient node)
    {
        try
        {
            return await node.PostAsync<StartAnswer>("/api/start", plan.Body);
        }
        catch (Exception refused) when (refused is InvalidDataException or HttpRequestException)
        {
            throw new StartRefusedException(refused.Message);
        }
    }

    private static async Task FollowAsync(
        Plan plan,
        NodeClient node,
        int session,
        IAnsiConsole console,
        CancellationToken stopping
    )
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            await LookUntilEndAsync(plan, node, session, (_, _) => { }, stopping);
            return;
        }
        await console
            .Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new ElapsedTimeColumn())
            .StartAsync(async progress =>
            {
                var task = progress.AddTask("0 frames", maxValue: plan.For?.TotalSeconds ?? 1);
                task.IsIndeterminate = plan.For is null;
                await LookUntilEndAsync(
                    plan,
                    node,
                    session,
                    (seconds, frames) =>
                    {
                        task.Description = string.Create(CultureInfo.InvariantCulture, $"{frames} frames");
                        if (plan.For is not null)
                        {
                            task.Value = seconds;
                        }
                    },
                    stopping
                );
            });
    }

    /// <summary>Looks at the session until its time is over, or until the session has ended by itself.</summary>
    private static async Task LookUntilEndAsync(
        Plan plan,
        NodeClient node,
        int session,
        Action<double, long> tell,
        CancellationToken stopping
    )
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        while (true)
        {
            var left = plan.For - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
            {
                return;
            }
            await Task.Delay(left < LookInterval ? left.Value : LookInterval, time, stopping);
            try
            {
                var now = await SessionAsync(node, session);
                tell(time.GetElapsedTime(began).TotalSeconds, now.Capture?.FramesCaptured ?? 0);
                if (!now.Running)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // A look that fails is no reason to end a recording; the next look comes soon.
            }
        }
    }

    private static Task<SessionAnswer> SessionAsync(NodeClient node, int session) =>
        node.GetAsync<SessionAnswer>(string.Create(CultureInfo.InvariantCulture, $"/api/sessions/{session}"));

    /// <summary>Moves the records to where the caller wants them. A recording that had to begin anew has several
    /// files; the later ones get the next free numbers. A record that cannot be moved stays where the record
    /// is.</summary>
    /// <param name="file">The file that the caller wants.</param>
    /// <param name="records">The folder of the records.</param>
    /// <returns>Where the records are now.</returns>
    internal static List<string> Keep(string file, string records)
    {
        var kept = new List<string>();
        foreach (var record in Records(file, records).ToList())
        {
            var path = kept.Count == 0 ? file : NextFree(file);
            try
            {
                record.MoveTo(path, overwrite: kept.Count == 0);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                path = record.FullName;
            }
            kept.Add(path);
        }
        return kept;
    }

    private static IEnumerable<FileInfo> Records(string file, string records) =>
        Directory.Exists(records)
            ? new DirectoryInfo(records)
                .EnumerateFiles()
                .Where(record =>
                    record.Extension.Equals(Path.GetExtension(file), StringComparison.OrdinalIgnoreCase)
                    && record.Length > 0
                )
                .OrderBy(record => record.Name, StringComparer.Ordinal)
            : [];

    private static string NextFree(string file) =>
        Enumerable
            .Range(2, int.MaxValue - 2)
            .Select(number =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Path.ChangeExtension(file, null)}-{number}{Path.GetExtension(file)}"
                )
            )
            .First(path => !Path.Exists(path));
}
