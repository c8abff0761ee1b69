using System.Text.Json.Nodes;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Docker;

/// <summary>Containers that are given less than the node would like: a clear error or a recording, and nothing left
/// behind.</summary>
[Collection(Containers.Name)]
[Trait("ring", "media")]
public sealed class AwkwardContainerTests(ImageFixture image, ITestOutputHelper output) : IAsyncLifetime
{
    private const string Profile = "deploy/seccomp/recorder.json";

    private readonly string _folder = Directory.CreateTempSubdirectory("recorder-mounted-").FullName;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [FactWithContainers]
    public async Task A_container_that_may_make_no_namespaces_records_without_the_sandbox_and_says_so_or_refuses_where_the_sandbox_is_required()
    {
        var denying = await ProfileWithoutNamespacesAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder, "somebody's file"), "not a record");

        // The folder is root's and must not be given away, so root writes there; the browsers are not root's even then.
        await using var container = await RunningContainer.StartAsync([
            "--security-opt",
            $"seccomp={denying}",
            "--volume",
            $"{_folder}:/records",
        ]);
        var browser = await RecordAsync(container);
        var log = await container.LogAsync();
        Assert.Contains("--no-sandbox", browser.CommandLine, StringComparison.Ordinal);
        Assert.True(browser.IsOfOneSession, $"{browser} is of no session's user.");
        Assert.Contains("Browsers run without Chromium's sandbox", log, StringComparison.Ordinal);
        Assert.Contains(Profile, log, StringComparison.Ordinal);
        Assert.Contains("the node runs as root", log, StringComparison.Ordinal);

        var refused = await RefusedAsync([
            "--security-opt",
            $"seccomp={denying}",
            "--env",
            "RECORDER_MEDIA_SANDBOX=Required",
        ]);
        Assert.Contains("Media:Sandbox requires Chromium's sandbox", refused, StringComparison.Ordinal);
        Assert.Contains(Profile, refused, StringComparison.Ordinal);
    }

    [FactWithContainers]
    public async Task A_container_that_is_told_a_user_runs_everything_as_that_user_and_the_records_are_theirs()
    {
        await ToolRun.OutputOfAsync("chown", "12345:12346", _folder);

        await using var container = await RunningContainer.StartAsync([
            "--security-opt",
            $"seccomp={Profile}",
            "--user",
            "12345:12346",
            "--volume",
            $"{_folder}:/records",
            "--read-only",
            "--tmpfs",
            "/tmp",
        ]);
        var browser = await RecordAsync(container);

        Assert.Equal(12345u, browser.Uid);
        Assert.DoesNotContain("--no-sandbox", browser.CommandLine, StringComparison.Ordinal);
        Assert.Equal(
            "12345:12346",
            (
                await ToolRun.OutputOfAsync(
                    "stat",
                    "--format",
                    "%u:%g",
                    Assert.Single(Directory.GetFiles(_folder, "*.mp4"))
                )
            ).Trim()
        );
    }

    [FactWithContainers]
    public async Task A_folder_that_cannot_be_used_is_refused_with_the_way_out_and_left_as_it_was()
    {
        string[] mounted = ["--volume", $"{_folder}:/records"];
        var before = await StateAsync();

        Assert.Contains(
            "Read-only file system",
            await RefusedAsync(["--volume", $"{_folder}:/records:ro"]),
            StringComparison.Ordinal
        );
        Assert.Equal(before, await StateAsync());

        await ToolRun.OutputOfAsync("chown", "12345:12346", _folder);
        var foreign = await RefusedAsync(mounted);
        Assert.Contains("belongs to user 12345", foreign, StringComparison.Ordinal);
        Assert.Contains("--user 12345:12346", foreign, StringComparison.Ordinal);

        await ToolRun.OutputOfAsync("chmod", "777", _folder);
        var open = await RefusedAsync(mounted);
        Assert.Contains("not safe from recorder, the user that browsers run as", open, StringComparison.Ordinal);
        Assert.Contains("chmod", open, StringComparison.Ordinal);
        Assert.Equal("12345:12346 777\n", await StateAsync());
    }

    [FactWithContainers]
    public async Task A_folder_of_everybody_is_left_as_it_was_whatever_somebody_has_put_into_it()
    {
        // As the host's own /tmp: anybody may put a file with the name of the image's mark there.
        await ToolRun.OutputOfAsync("chown", "0:0", _folder);
        await ToolRun.OutputOfAsync("chmod", "1777", _folder);
        var mark = Path.Combine(_folder, ".recorder-image");
        await File.WriteAllTextAsync(mark, "");
        await ToolRun.OutputOfAsync("chown", "12345:12346", mark);

        await using (
            var container = await RunningContainer.StartAsync([
                "--security-opt",
                $"seccomp={Profile}",
                "--volume",
                $"{_folder}:/records",
            ])
        )
        {
            await container.SeeReadyAsync();
        }

        Assert.Equal("0:0 1777\n", await ToolRun.OutputOfAsync("stat", "--format", "%u:%g %a", _folder));
        Assert.True(File.Exists(mark));
    }

    [FactWithContainers]
    public async Task A_container_without_a_place_for_temporary_files_or_without_rights_is_refused_with_the_way_out()
    {
        var readOnly = await RefusedAsync(["--read-only", "--read-only-tmpfs=false"]);
        Assert.Contains("--tmpfs /tmp", readOnly, StringComparison.Ordinal);

        var powerless = await RefusedAsync(["--cap-drop", "ALL"]);
        Assert.Contains("--cap-add SETUID", powerless, StringComparison.Ordinal);
        Assert.Contains("--user", powerless, StringComparison.Ordinal);
    }

    [FactWithContainers]
    public async Task A_full_records_folder_starts_no_session_and_says_why()
    {
        await using var container = await RunningContainer.StartAsync(["--tmpfs", "/records:size=1m"]);
        await container.SeeReadyAsync();

        var answer = await container.Api.TryStartAsync(new StartRequest(image.Pages.Silent));

        Assert.Equal("at_capacity", answer.ReadError().Code);
        Assert.Contains("/records", answer.ReadError().Error, StringComparison.Ordinal);
        Assert.DoesNotContain(
            await container.ProcessesAsync(),
            process => process.CommandLine.Contains("/1-1-", StringComparison.Ordinal)
        );
    }

    /// <summary>Records for a moment.</summary>
    /// <returns>The browser's process.</returns>
    private async Task<ContainerProcess> RecordAsync(RunningContainer container)
    {
        await container.SeeReadyAsync();
        var started = await container.Api.StartAsync(new StartRequest(image.Pages.Animated) { Framerate = 15 });
        var session = $"/{started.Id}-";
        var browser = (await container.ProcessesAsync()).First(process =>
            process.CommandLine.Contains("/chromium ", StringComparison.Ordinal)
            && process.CommandLine.Contains(session, StringComparison.Ordinal)
            && !process.CommandLine.Contains("--type=", StringComparison.Ordinal)
        );
        await Task.Delay(TimeSpan.FromSeconds(1));
        await container.Api.StopAsync(started.Id);
        output.WriteLine(await container.LogAsync());
        foreach (var path in await container.Api.RecordsAsync(started.Id))
        {
            await RecordFile.AssertPlayableAsync(Path.Combine(_folder, Path.GetFileName(path)));
        }
        return browser;
    }

    private async Task<string> RefusedAsync(IReadOnlyList<string> options)
    {
        await using var container = await RunningContainer.StartAsync(options);
        var (code, log) = await container.SeeEndAsync();
        output.WriteLine(log);
        Assert.Equal(2, code);
        return log;
    }

    /// <summary>The owner and mode of the mounted folder, and what is in it.</summary>
    private async Task<string> StateAsync() =>
        await ToolRun.OutputOfAsync("stat", "--format", "%u:%g %a", _folder)
        + string.Join('\n', Directory.EnumerateFileSystemEntries(_folder));

    /// <summary>The shipped profile with the calls that make namespaces held back, as Docker's own profile
    /// does.</summary>
    private static async Task<string> ProfileWithoutNamespacesAsync()
    {
        const int newNamespaces = 0x7E020000;
        var profile = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Podman.Root, Profile)))!;
        var rules = profile["syscalls"]!.AsArray();
        Assert.True(
            rules.Remove(rules.Single(rule => rule!["names"]!.AsArray().Any(name => (string?)name == "unshare")))
        );
        rules.Add(
            JsonNode.Parse(
                $$"""{"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":{{newNamespaces}},"op":"SCMP_CMP_MASKED_EQ"}]}"""
            )
        );
        rules.Add(JsonNode.Parse("""{"names":["clone3"],"action":"SCMP_ACT_ERRNO","errnoRet":38}"""));
        var file = Path.Combine(Podman.Root, "artifacts", "podman", "without-namespaces.json");
        await File.WriteAllTextAsync(file, profile.ToJsonString());
        return file;
    }
}
