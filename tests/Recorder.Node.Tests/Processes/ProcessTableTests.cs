using Recorder.Node.Displays;
using Recorder.Node.Processes;
using Recorder.Node.Sound;

namespace Recorder.Node.Tests.Processes;

/// <summary>The decisions around processes that need no process.</summary>
public sealed class ProcessTableTests
{
    private static readonly SystemUser User = new("recorder", 999, 995);

    [Fact]
    public void An_unprivileged_process_gets_its_own_session_user_and_parent_death_signal()
    {
        var line = ProcessLauncher.CommandLine(new ProcessRequest(ProcessRole.Display, "true", ["-a", "b c; d"]), User, 0);
        Assert.Equal(
            [
                "setsid",
                "prlimit",
                "--core=0",
                "setpriv",
                "--reuid=999",
                "--regid=995",
                "--init-groups",
                "--inh-caps=-all",
                "--ambient-caps=-all",
                "--pdeathsig=KILL",
                "true",
                "-a",
                "b c; d",
            ],
            line.Select(Name)
        );
    }

    [Fact]
    public void A_user_without_a_name_is_in_no_group_but_its_own()
    {
        var line = ProcessLauncher.CommandLine(
            new ProcessRequest(ProcessRole.Display, "true", []),
            SystemUser.Numbered(200_007, 200_000),
            0
        );
        Assert.Equal(
            ["--reuid=200007", "--regid=200000", "--clear-groups"],
            line.SkipWhile(word => Name(word) != "setpriv").Skip(1).Take(3)
        );
    }

    [Fact]
    public void A_node_without_privileges_changes_no_user()
    {
        var line = ProcessLauncher.CommandLine(new ProcessRequest(ProcessRole.Display, "true", []), user: null, 0);
        Assert.Equal(
            ["setsid", "prlimit", "--core=0", "setpriv", "--pdeathsig=KILL", "true"],
            line.Select(Name)
        );
    }

    [Theory]
    [InlineData(nameof(ProcessRole.Browser), -500, 300)]
    [InlineData(nameof(ProcessRole.Display), -500, 0)]
    [InlineData(nameof(ProcessRole.Worker), -500, null)]
    [InlineData(nameof(ProcessRole.Browser), 0, 300)]
    [InlineData(nameof(ProcessRole.Sound), 0, null)]
    [InlineData(nameof(ProcessRole.Browser), 999, null)]
    [InlineData(nameof(ProcessRole.Tool), 999, null)]
    public void The_kernel_ends_browsers_first_and_nobody_tries_to_lower_a_value(string role, int node, int? given) =>
        Assert.Equal(given, MemoryPriority.Of(Enum.Parse<ProcessRole>(role), node));

    [Fact]
    public void A_worker_keeps_the_nodes_user_without_its_rights_outlives_the_node_and_is_nice()
    {
        var request = new ProcessRequest(ProcessRole.Worker, "true", [])
        {
            Unprivileged = false,
            DiesWithNode = false,
            Niceness = 5,
        };
        Assert.Equal(
            ["setsid", "setpriv", "--inh-caps=-all", "--ambient-caps=-all", "--no-new-privs", "nice", "-n", "5", "true"],
            ProcessLauncher.CommandLine(request, User, 0).Select(Name)
        );
        Assert.Equal(
            ["setsid", "setpriv", "--no-new-privs", "nice", "-n", "5", "true"],
            ProcessLauncher.CommandLine(request, user: null, 0).Select(Name)
        );
        Assert.Contains(
            "--bounding-set=-all",
            ProcessLauncher.CommandLine(request with { WithoutRights = true }, User, 0)
        );
    }

    [Fact]
    public void A_process_with_pipes_of_its_own_is_started_through_a_shell_that_reads_none_of_its_arguments()
    {
        var request = new ProcessRequest(ProcessRole.Browser, "true", ["$(a)", "b c; d"]) { SpokenWithByPipes = true };
        Assert.Equal(
            [
                "setsid",
                "choom",
                "-n",
                "300",
                "--",
                "prlimit",
                "--core=0",
                "setpriv",
                "--pdeathsig=KILL",
                "sh",
                "-c",
                """exec "$0" "$@" 3<&0 4>&1 </dev/null >&2""",
                "true",
                "$(a)",
                "b c; d",
            ],
            ProcessLauncher.CommandLine(request, user: null, 0).Select(Name)
        );
    }

    [Fact]
    public void A_program_that_is_not_installed_is_named_with_what_to_do()
    {
        var error = Assert.Throws<ProcessStartException>(() => ProgramPath.Resolve("no-such-program"));
        Assert.Equal(
            "The program 'no-such-program' is not installed. Run deploy/install-dependencies on this host.",
            error.Message
        );
    }

    [Theory]
    [InlineData("recorder", 999u, 995u)]
    [InlineData("root", 0u, 0u)]
    public void A_user_is_found_by_its_name(string name, uint uid, uint gid)
    {
        const string passwd =
            "root:x:0:0:root:/root:/bin/bash\nrecorder2:x:1:1::/:/bin/sh\nbroken\nrecorder:x:999:995::/var/lib/recorder:/usr/sbin/nologin\n";
        Assert.Equal(new SystemUser(name, uid, gid), SystemUser.Find(name, passwd));
    }

    [Fact]
    public void An_unknown_user_is_not_found() =>
        Assert.Null(SystemUser.Find("other", "recorder:x:999:995::/:/bin/sh\nother:x:no:0::/:/bin/sh"));

    [Fact]
    public void An_environment_holds_what_is_allowed_and_the_systems_path()
    {
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = "/evil",
            ["LANG"] = "C",
            ["SECRET"] = "x",
            ["GST_DEBUG"] = "3",
            ["AGST_"] = "y",
        };
        var allowed = ProcessEnvironment.Allowed(environment, ["LANG"], ["GST_"]);
        Assert.Equal(["GST_DEBUG", "LANG", "PATH"], allowed.Keys.Order());
        Assert.Equal(string.Join(':', ProgramPath.Folders), allowed["PATH"]);
    }

    [Theory]
    [InlineData("A=1\0RECORDER_RUN=/run/r/1-1-aa\0RECORDER_PROCESS=worker\0", "/run/r/1-1-aa", "worker")]
    [InlineData("RECORDER_RUN=/run/r\0", "/run/r", "")]
    [InlineData("RECORDER_RUN=/run/r2/1-1-aa\0", null, null)]
    [InlineData("XRECORDER_RUN=/run/r/1-1-aa\0", null, null)]
    [InlineData("", null, null)]
    public void A_process_is_ours_by_the_run_directory_in_its_environment(
        string environment,
        string? run,
        string? role
    ) =>
        Assert.Equal(
            run is null ? null : new MarkedProcess(7, run, role!),
            ProcessSweep.Marked(7, environment, "", "/run/r")
        );

    [Theory]
    [InlineData("/usr/lib/chromium/chromium\0--kiosk\0--user-data-dir=/run/r/1-1-1/profile1\0", "/run/r/1-1-1")]
    [InlineData("/usr/lib/chromium/chromium --type=renderer --user-data-dir=/run/r/1-1-1/profile1 --x", "/run/r/1-1-1")]
    [InlineData("/usr/lib/chromium/chromium\0--user-data-dir=/run/r2/1-1-1/profile1\0", null)]
    [InlineData("tail\0/run/r/1-1-1/browser.log\0", null)]
    public void A_browser_that_has_written_over_its_environment_is_ours_by_its_profile(
        string commandLine,
        string? run
    ) =>
        Assert.Equal(
            run is null ? null : new MarkedProcess(7, run, "browser"),
            ProcessSweep.Marked(7, "", commandLine, "/run/r")
        );

    [Fact]
    public void A_display_and_a_sound_server_of_another_user_are_ours_by_the_place_of_what_they_use()
    {
        var display = string.Join(
            '\0',
            ["/usr/bin/Xvfb", .. DisplayActor.Arguments(DisplayMode.For(640, 360, 25), "/run/r/1-1-1/xauthority"), ""]
        );
        var sound = string.Join('\0', ["/usr/bin/pulseaudio", .. SoundActor.Arguments("/run/r/1-1-1/sound/sock"), ""]);

        Assert.Equal(new MarkedProcess(7, "/run/r/1-1-1", "display"), ProcessSweep.Marked(7, "", display, "/run/r"));
        Assert.Equal(new MarkedProcess(7, "/run/r/1-1-1", "sound"), ProcessSweep.Marked(7, "", sound, "/run/r"));
        Assert.All((string[])[display, sound], line => Assert.Null(ProcessSweep.Marked(7, "", line, "/run/r2")));
        Assert.Null(ProcessSweep.Marked(7, "", "grep\0x-auth\0/run/r/1-1-1/xauthority\0", "/run/r"));
    }

    [Theory]
    [InlineData("one\ntwo\r\nthree", new[] { "one", "two", "three" })]
    [InlineData("\n", new[] { "" })]
    [InlineData("", new string[0])]
    public async Task Lines_are_read_to_the_last(string text, string[] expected)
    {
        var lines = new List<string>();
        await ProcessLines.ReadAsync(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), lines.Add);
        Assert.Equal(expected, lines);
    }

    [Fact]
    public async Task A_line_that_never_ends_is_cut()
    {
        var lines = new List<string>();
        await ProcessLines.ReadAsync(new MemoryStream(new byte[ProcessLines.LongestLine * 3]), lines.Add);
        Assert.Equal(ProcessLines.LongestLine, Assert.Single(lines).Length);
    }

    [Fact]
    public void A_log_keeps_its_last_lines_and_its_file_stops_growing()
    {
        var file = Path.GetTempFileName();
        try
        {
            using (var log = new ProcessLog(file))
            {
                for (var i = 0; i < 3000; i++)
                {
                    log.Add($"{i} {new string('x', 1000)}");
                }
                Assert.InRange(log.Tail.Length, 5 * 500, 5 * 502);
                log.Add("[1:1:ERROR:dbus/bus.cc:405] Failed to connect to the bus: Could not parse server address");
                Assert.StartsWith("2995 ", log.Tail, StringComparison.Ordinal);
                Assert.Equal(5, log.Tail.Split('\n').Length);
            }

            Assert.InRange(new FileInfo(file).Length, 1 << 20, (1 << 20) + 2000);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_segment_is_left_when_its_creator_is_the_dead_display_and_nobody_is_attached()
    {
        const string listing =
            "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime   rss   swap\n"
            + "         0      32769  1777               924832   500   500      0   999   995   999   995 1795380000 1795380000 1795380000  4096  0\n"
            + "         0      32770  1777               924832   500   500      1   999   995   999   995 1795380000          0 1795380000  4096  0\n"
            + "         0      32771  1777               924832   501   501      0   999   995   999   995 1795380000          0 1795380000  4096  0\n";
        Assert.Equal([new SharedSegment(32769, 999)], SharedSegments.LeftBy(500, listing).AsEnumerable());
    }

    private static string Name(string word) => word.StartsWith('/') ? Path.GetFileName(word) : word;
}
