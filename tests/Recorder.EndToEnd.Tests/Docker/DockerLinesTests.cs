using System.Diagnostics;
using System.Text.Json;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Docker;

/// <summary>The original's docker lines and curl lines as a user pastes them, letter by letter; only the page is one of
/// this machine.</summary>
[Collection(Containers.Name)]
[Trait("ring", "media")]
public sealed class DockerLinesTests(ImageFixture image, ITestOutputHelper output)
{
    private const string RunLine = "docker run -v /tmp:/records --rm -it --network=host edumeet-recorder";

    // The page of the test is on this machine.
    private const string RunLineForPagesHere =
        "docker run -v /tmp:/records --rm -it --network=host -e RECORDER_NETWORK_ALLOW=127.0.0.0/8 edumeet-recorder";

    private const string Start =
        """curl -s -H "Accept: application/json" -H "Content-Type: application/json" --data '{"type":"uri", "data":{"bitrate":6000, "uri":"https://letsmeet.no/test-edumeet-recorder?headless=true&displayName=recorder", "stream_uri":"","mode":"record"}}' -X POST http://127.0.0.1:34568/api/start""";

    private const string Stop =
        """curl -s -H "Accept: application/json" -H "Content-Type: application/json" --data '{"id":1}' -X POST http://127.0.0.1:34568/api/stop""";

    private const string GetRecords =
        """curl -s -H "Accept: application/json" -H "Content-Type: application/json" --data '{"id":1}' -X GET http://127.0.0.1:34568/api/get_records""";

    /// <summary>10^9 bytes: what a registry and <c>docker images</c> count in.</summary>
    private const double LargestImage = 1.1e9;

    private const uint NodeUser = 34568;

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(30);

    [FactWithContainers]
    public async Task The_image_that_the_readmes_line_builds_is_small_and_has_a_health_check()
    {
        var readme = await File.ReadAllLinesAsync(Path.Combine(Podman.Root, "README.md"));
        var size = double.Parse(
            await Podman.OutputOfAsync("image", "inspect", "--format", "{{.Size}}", "edumeet-recorder"),
            System.Globalization.CultureInfo.InvariantCulture
        );
        var health = await Podman.OutputOfAsync("image", "inspect", "--format", "{{.HealthCheck}}", "edumeet-recorder");
        output.WriteLine(
            FormattableString.Invariant(
                $"base images {image.BaseTime.TotalSeconds:0} s, build {image.BuildTime.TotalSeconds:0} s, {size / 1e9:0.000} GB"
            )
        );

        Assert.Contains(ImageFixture.BuildLine, readme);
        Assert.Contains(RunLine, readme);
        Assert.InRange(size, 0, LargestImage);
        Assert.Contains("health", health, StringComparison.Ordinal);
    }

    [FactWithContainers]
    public async Task The_originals_lines_record_a_page_into_the_hosts_folder_with_neither_the_node_nor_the_browser_as_root()
    {
        Assert.True(
            LoopbackPort.IsFree(34568),
            "Port 34568 is taken: something else is running that the README's lines would speak with."
        );
        // A terminal, as a user has one.
        using var terminal = Process.Start(
            Podman.Prepare(["script", "--quiet", "--return", "--command", RunLineForPagesHere, "/dev/null"])
        )!;
        var said = terminal.StandardOutput.ReadToEndAsync();
        await using var container = await SeeContainerAsync(terminal);
        var records = new List<string>();
        try
        {
            await SeeStartedAsync(container, terminal);
            Assert.Equal("""{"id":1,"status":"started"}""", await ShellAsync(Start));
            var running = await container.ProcessesAsync();
            await Task.Delay(TimeSpan.FromSeconds(6));
            Assert.Equal(
                "0",
                (await Podman.RunAsync("healthcheck", "run", container.Name)).ExitCode.ToString(
                    System.Globalization.CultureInfo.InvariantCulture
                )
            );
            Assert.Equal("""{"status":"stopped"}""", await ShellAsync(Stop));
            records.AddRange(
                JsonSerializer
                    .Deserialize<string[]>(await ShellAsync(GetRecords))!
                    .Select(path => path.Replace("/records/", "/tmp/", StringComparison.Ordinal))
            );

            await AssertShowsThePageAsync(Assert.Single(records));
            AssertUsers(running);
            await Eventually.BeAsync(
                "no process of the session is left, and none waits to be collected",
                EndLimit,
                async () =>
                    (await container.ProcessesAsync()).All(process => !process.IsZombie && process.Uid == NodeUser)
            );

            // Ctrl-C.
            await terminal.StandardInput.WriteAsync('\u0003');
            await terminal.StandardInput.FlushAsync();
            await terminal.WaitForExitAsync().WaitAsync(EndLimit);
            Assert.True(terminal.ExitCode == 0, $"Ctrl-C ended it with {terminal.ExitCode}: {await said}");
            Assert.NotEqual(0, (await Podman.RunAsync("container", "exists", container.Name)).ExitCode);
        }
        finally
        {
            await container.DisposeAsync();
            if (!terminal.HasExited)
            {
                terminal.Kill(entireProcessTree: true);
            }
            output.WriteLine(await said);
            foreach (
                var file in records.SelectMany(path =>
                    Directory.GetFiles("/tmp", Path.GetFileNameWithoutExtension(path) + ".*")
                )
            )
            {
                File.Delete(file);
            }
        }
    }

    private async Task AssertShowsThePageAsync(string path)
    {
        var probe = await RecordFile.AssertPlayableAsync(path);
        var analysis = new MediaAnalysis(path);
        var seen = (await analysis.FrameNumbersAsync())
            .FromItsFirstMovement()
            .Continuity(25, ReferenceClipFormat.Small.FrameCount);
        var sync = await analysis.SyncOffsetsAsync();
        output.WriteLine(
            FormattableString.Invariant(
                $"{path}: {probe.Duration?.TotalSeconds:0.0} s, {seen.DistinctFrames} distinct frames, {seen.MissingFrames} missing, {sync.Offsets.Count} beeps"
            )
        );
        Assert.Equal((1920, 1080), (probe.Video!.Width, probe.Video.Height));
        Assert.Equal(0, seen.BackwardSteps);
        // Two cores draw and encode 1080p beside nothing else; it is the right clip in its order that counts here.
        Assert.InRange(seen.DistinctRatio, 0.5, 1.01);
        Assert.NotEmpty(sync.Offsets);
    }

    private static void AssertUsers(IReadOnlyList<ContainerProcess> processes)
    {
        var browsers = processes
            .Where(process => process.CommandLine.Contains("/chromium/", StringComparison.Ordinal))
            .ToList();
        var workers = processes
            .Where(process => process.CommandLine.Contains("recorder pipeline", StringComparison.Ordinal))
            .ToList();
        var node = Assert.Single(
            processes,
            process => process.CommandLine.StartsWith("/opt/recorder/recorder run", StringComparison.Ordinal)
        );
        Assert.All(
            processes,
            process =>
                Assert.True(
                    process.Uid == NodeUser || process.IsOfOneSession,
                    $"{process} is neither the node's nor a browser's user."
                )
        );
        Assert.NotEmpty(browsers);
        Assert.All(browsers, process => Assert.True(process.IsOfOneSession, $"{process} is of no session's user."));
        // What a renderer may do in a namespace of its own, it may do there alone.
        Assert.All(
            browsers.Where(process => !process.CommandLine.Contains("--type=", StringComparison.Ordinal)),
            process => Assert.Equal(0UL, process.Capabilities)
        );
        Assert.NotEmpty(workers);
        Assert.All(workers, process => Assert.Equal((NodeUser, 0UL), (process.Uid, process.Capabilities)));
        Assert.Equal(NodeUser, node.Uid);
    }

    private static async Task<RunningContainer> SeeContainerAsync(Process terminal)
    {
        var name = await Eventually.SeeAsync(
            "there is a container of the image",
            EndLimit,
            async () =>
            {
                if (terminal.HasExited)
                {
                    throw new InvalidOperationException($"docker run ended with {terminal.ExitCode}.");
                }
                return
                    await Podman.OutputOfAsync(
                        "ps",
                        "--filter",
                        "ancestor=localhost/edumeet-recorder",
                        "--format",
                        "{{.Names}}"
                    )
                        is { Length: > 0 } found
                    ? found
                    : null;
            }
        );
        return RunningContainer.Of(name, new Uri("http://127.0.0.1:34568"));
    }

    private static async Task SeeStartedAsync(RunningContainer container, Process terminal) =>
        await Eventually.BeAsync(
            "the node of the README's line is ready",
            TimeSpan.FromSeconds(60),
            async () =>
                !terminal.HasExited
                    ? await container.Api.IsReadyAsync()
                    : throw new InvalidOperationException($"docker run ended with {terminal.ExitCode}.")
        );

    private Task<string> ShellAsync(string line) =>
        ToolRun.OutputOfAsync(
            "/bin/bash",
            "-c",
            line.Replace(
                "https://letsmeet.no/test-edumeet-recorder",
                image.Pages.Reference.ToString(),
                StringComparison.Ordinal
            )
        );
}
