using System.ComponentModel;
using System.Diagnostics;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>A host without user namespaces for browsers: the node runs in one of its own, with every user in it and
/// none below it.</summary>
public sealed class SandboxTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    // Whoever is put into a new namespace has no rights in it before its users are mapped, and that is done from
    // outside.
    private const string Map = """
        me=$$; outside=$(readlink /proc/$me/ns/user)
        (
            while [ "$(readlink /proc/$me/ns/user)" = "$outside" ]; do sleep 0.05; done
            echo 0 0 4294967295 >/proc/$me/gid_map
            echo 0 0 4294967295 >/proc/$me/uid_map
        ) &
        exec unshare --user "$@"
        """;

    private const string AwaitMap =
        """while ! grep -q 4294967295 /proc/self/uid_map; do sleep 0.05; done; exec "$@" """;

    private const string Deny = """echo 0 >/proc/sys/user/max_user_namespaces && exec "$@" """;

    private static readonly string[] WithoutUserNamespaces =
    [
        "/bin/sh",
        "-c",
        Map,
        "sh",
        "/bin/sh",
        "-c",
        AwaitMap,
        "sh",
        "/bin/sh",
        "-c",
        Deny,
        "sh",
    ];

    [FactWithSandboxHelper]
    public async Task Without_user_namespaces_the_browser_runs_in_the_sandbox_of_its_setuid_helper()
    {
        var node = await StartNodeAsync(new RecorderNodeSettings { Around = WithoutUserNamespaces });
        var started = await node.Api.StartAsync(new StartRequest(Pages.Animated) { Framerate = 15 });
        var browser = Assert.Single(node.SessionProcesses(), process => process is { Role: "browser", IsLeader: true });
        await RecordForAsync(1);
        await node.Api.StopAsync(started.Id);

        Assert.Contains(
            node.LogLines(),
            line => line.Contains("sandbox, by its setuid helper", StringComparison.Ordinal)
        );
        Assert.DoesNotContain("--no-sandbox", browser.CommandLine, StringComparison.Ordinal);
        await RecordFile.AssertPlayableAsync(Assert.Single(await node.Api.RecordsAsync(started.Id)));
    }

    /// <summary>A fact that makes a user namespace and needs Chromium's helper; skipped, with the reason, where either
    /// is not to be had.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class FactWithSandboxHelperAttribute : FactAttribute
    {
        private const string Helper = "/usr/lib/chromium/chrome-sandbox";

        public FactWithSandboxHelperAttribute() => Skip = WhyNot();

        private static string? WhyNot()
        {
            if (!Environment.IsPrivilegedProcess)
            {
                return "A user namespace with all users in it needs root.";
            }
            if (!File.Exists(Helper) || !File.GetUnixFileMode(Helper).HasFlag(UnixFileMode.SetUser))
            {
                return $"{Helper} is not setuid here.";
            }
            try
            {
                using var process = Process.Start(new ProcessStartInfo("unshare", ["--user", "true"]))!;
                process.WaitForExit();
                return process.ExitCode == 0 ? null : "No user namespaces here.";
            }
            catch (Win32Exception error)
            {
                return $"No user namespaces here: {error.Message}";
            }
        }
    }
}
