using System.Diagnostics;
using System.Globalization;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>What a browser that was taken over has in its hands: the rights of its session's user.</summary>
public sealed class SessionUsersTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    /// <summary>Prints which of its arguments can be opened.</summary>
    private const string Open = """for file; do if head -c1 "$file" >/dev/null 2>&1; then echo "$file"; fi; done""";

    /// <summary>Attaches a frame buffer by its id and reads four bytes.</summary>
    private const string ReadSegment = "my $bytes; exit !shmread($ARGV[0], $bytes, 0, 4)";

    /// <summary>PTRACE_SEIZE, which stops nobody; on x86-64, or on arm64.</summary>
    private const string Trace = "exit(syscall(`uname -m` =~ /x86/ ? 101 : 117, 0x4206, $ARGV[0] + 0, 0, 0) < 0)";

    [FactAsRoot]
    public async Task The_user_of_a_session_opens_nothing_of_another_session_and_leaves_nothing_behind()
    {
        var node = await StartNodeAsync();
        var one = await node.Api.StartAsync(new StartRequest(Pages.Clock(5)) { Framerate = 15 });
        var attacker = UserOf(Assert.Single(Browsers(node)));
        var other = await node.Api.StartAsync(new StartRequest(Pages.Clock(5)) { Framerate = 15 });
        var victim = Assert.Single(Browsers(node), browser => UserOf(browser) != attacker);
        var owner = UserOf(victim);
        Assert.DoesNotContain(0u, new[] { attacker, owner });
        foreach (var worker in node.SessionProcesses().Where(process => process.Role == "worker"))
        {
            var status = await File.ReadAllTextAsync(
                string.Create(CultureInfo.InvariantCulture, $"/proc/{worker.Id}/status")
            );
            Assert.Contains("CapEff:\t0000000000000000\n", status, StringComparison.Ordinal);
            Assert.Contains("CapBnd:\t0000000000000000\n", status, StringComparison.Ordinal);
            Assert.Contains("NoNewPrivs:\t1\n", status, StringComparison.Ordinal);
        }

        var run = RunOf(victim);
        var display = Path.GetFileName(
            Assert.Single(
                Directory.EnumerateFileSystemEntries("/tmp/.X11-unix"),
                socket => OwnerOf(socket) == owner.ToString(CultureInfo.InvariantCulture)
            )
        );
        // The frame buffer, and what the browser draws into on its way there.
        var segments =
            from line in await File.ReadAllLinesAsync("/proc/sysvipc/shm")
            let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            where fields[7] == owner.ToString(CultureInfo.InvariantCulture)
            select (string[])["perl", "-e", ReadSegment, fields[1]];
        var process = victim.Id.ToString(CultureInfo.InvariantCulture);
        foreach (
            var attempt in (List<string[]>)
            [
                ["env", $"DISPLAY=:{display[1..]}", $"XAUTHORITY={run}/xauthority", "xrandr"],
                ["pactl", "-s", $"unix:{run}/sound/sock", "info"],
                .. segments,
                ["ls", $"{run}/profile1/Default"],
                ["head", "-c1", $"/proc/{process}/maps"],
                ["head", "-c1", $"/proc/{process}/environ"],
                ["sh", "-c", "kill -0 $0", process],
            ]
        )
        {
            Assert.True((await AsAsync(owner, attempt)).ExitCode == 0, $"{string.Join(' ', attempt)} fails at all.");
            Assert.True((await AsAsync(attacker, attempt)).ExitCode != 0, $"{string.Join(' ', attempt)} succeeds.");
        }
        Assert.NotEqual(0, (await AsAsync(attacker, ["perl", "-e", Trace, process])).ExitCode);

        var files = Directory.GetFiles(run, "*", SearchOption.AllDirectories);
        Assert.InRange(files.Length, 20, int.MaxValue);
        Assert.NotEmpty((await AsAsync(owner, ["sh", "-c", Open, "sh", .. files])).Output);
        Assert.Equal("", (await AsAsync(attacker, ["sh", "-c", Open, "sh", .. files])).Output);
        Assert.NotEqual(0, (await AsAsync(attacker, ["ls", run])).ExitCode);

        // A browser that was taken over goes out of its session to stay when the session ends.
        using var stays = Process.Start("setpriv", [.. Become(attacker), "setsid", "sleep", "300"]);
        await Eventually.BeAsync(
            "the process that stays runs as the session's user",
            TimeSpan.FromSeconds(20),
            () => UserOf(stays.Id) == attacker
        );
        await node.Api.StopAsync(one.Id);
        await stays.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));

        await node.Api.StopAsync(other.Id);
        var record = Assert.Single(await node.Api.RecordsAsync(other.Id));
        await RecordFile.AssertPlayableAsync(record);
        var seen = (await new MediaAnalysis(record).FrameNumbersAsync())
            .FromItsFirstMovement()
            .Continuity(5, FrameBarcode.Modulus, 15);
        Assert.Equal(0, seen.MissingFrames);
    }

    private static IEnumerable<NodeProcess> Browsers(RecorderNode node) =>
        node.SessionProcesses().Where(process => process is { Role: "browser", IsLeader: true });

    private static Task<ToolRun> AsAsync(uint user, string[] command) =>
        ToolRun.RunAsync("setpriv", [.. Become(user), .. command]);

    private static string[] Become(uint user) =>
        [
            string.Create(CultureInfo.InvariantCulture, $"--reuid={user}"),
            // The group of all sessions.
            "--regid=1900000000",
            "--clear-groups",
        ];

    private static string RunOf(NodeProcess browser)
    {
        const string before = "--user-data-dir=";
        var at = browser.CommandLine.IndexOf(before, StringComparison.Ordinal) + before.Length;
        var profile = browser.CommandLine[at..];
        return Path.GetDirectoryName(profile.Split(' ', '\0')[0])!;
    }

    private static uint UserOf(NodeProcess process) => UserOf(process.Id);

    private static uint UserOf(int process) =>
        uint.Parse(
            File.ReadAllLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status"))
                .Single(line => line.StartsWith("Uid:", StringComparison.Ordinal))
                .Split('\t')[1],
            CultureInfo.InvariantCulture
        );

    private static string OwnerOf(string path)
    {
        var start = new ProcessStartInfo("stat", ["-c", "%u", path]) { RedirectStandardOutput = true };
        using var stat = Process.Start(start)!;
        return stat.StandardOutput.ReadToEnd().Trim();
    }
}
