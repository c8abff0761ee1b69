using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Recorder.Node.Processes;
using Recorder.Node.Tests.Media;
using Xunit.Abstractions;

namespace Recorder.Node.Tests.Processes;

/// <summary>Real processes: how they run and that they end.</summary>
public sealed class ProcessLauncherTests(ITestOutputHelper output) : MediaRig(output)
{
    [Fact]
    public async Task A_process_runs_unprivileged_and_is_killed_with_the_thread_that_started_it()
    {
        var dump = await ToolProcess.RunAsync(Launcher, NewRun(), "setpriv", ["--dump"]);
        Assert.Contains("Parent death signal: KILL", dump, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("uid: 0\n", dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_is_ended_before_the_node_when_memory_runs_out_and_writes_no_core_file()
    {
        var process = await Launcher.StartAsync(
            new ProcessRequest(ProcessRole.Browser, "sh", ["-c", "cat /proc/self/oom_score_adj >&2; ulimit -c >&2"]),
            NewRun()
        );
        var exit = await process.Exited.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Matches(@"^300\s+0$", exit.LogTail);
    }

    [Fact]
    public async Task A_process_sees_its_run_directory_and_no_secret_of_the_node()
    {
        Environment.SetEnvironmentVariable("RECORDER_TEST_SECRET", "s");
        var run = NewRun();
        var environment = await ToolProcess.RunAsync(Launcher, run, "env", []);
        Assert.Contains($"RECORDER_RUN={run.Path}", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", environment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_ignores_the_request_to_end_is_killed_with_its_children()
    {
        var run = NewRun();
        var ready = new TaskCompletionSource<string>();
        var process = await Launcher.StartAsync(
            new ProcessRequest(
                ProcessRole.Sound,
                "sh",
                ["-c", "trap '' TERM; sleep 1000 & echo $!; while true; do sleep 1000; done"]
            )
            {
                Grace = TimeSpan.FromMilliseconds(200),
                OnOutput = line => ready.TrySetResult(line),
            },
            run
        );
        var child = await ready.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await process.EndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(128 + 9, (await process.Exited).Code);
        Assert.DoesNotContain(
            ProcessSweep.Find(run.Path),
            left => left.Id.ToString(System.Globalization.CultureInfo.InvariantCulture) == child
        );
    }

    [Fact]
    public async Task A_process_that_is_killed_the_moment_it_starts_is_gone()
    {
        var run = NewRun();

        // The earlier it is killed, the likelier it is to have no process group of its own yet: so again and again.
        for (var i = 0; i < 50; i++)
        {
            var process = await Launcher.StartAsync(new ProcessRequest(ProcessRole.Tool, "sleep", ["1000"]), run);
            process.Kill();
            await process.Exited.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public async Task A_process_that_is_ended_the_moment_it_was_started_is_killed_although_it_leads_no_group_yet()
    {
        var run = NewRun();
        for (var i = 0; i < 20; i++)
        {
            var process = await Launcher.StartAsync(
                new ProcessRequest(ProcessRole.Browser, "sleep", ["1000"]) { Grace = TimeSpan.Zero },
                run
            );
            await process.EndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }

        Assert.Empty(ProcessSweep.Find(run.Path));
    }

    [Fact]
    public async Task What_a_process_leaves_in_its_group_is_ended_when_it_exits()
    {
        var run = NewRun();
        var process = await Launcher.StartAsync(
            new ProcessRequest(ProcessRole.Tool, "sh", ["-c", "sleep 1000 >/dev/null 2>&1 & exit 0"]),
            run
        );
        await process.Exited.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Empty(ProcessSweep.Find(run.Path));
    }

    [Fact]
    public async Task A_process_that_fails_tells_its_exit_code_and_last_words()
    {
        var process = await Launcher.StartAsync(
            new ProcessRequest(ProcessRole.Tool, "sh", ["-c", "echo so long >&2; exit 3"]),
            NewRun()
        );
        Assert.Equal(new ProcessExit(3, "so long"), await process.Exited.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task What_a_process_says_to_its_reader_is_whole_and_no_part_of_its_last_words()
    {
        const int length = 1_000_000;
        var said = new ConcurrentQueue<string>();
        var process = await Launcher.StartAsync(
            new ProcessRequest(
                ProcessRole.Tool,
                "sh",
                ["-c", $"head -c {length} /dev/zero | tr '\\0' x; echo; echo so long >&2; exit 3"]
            )
            {
                OnOutput = said.Enqueue,
                LongestOutputLine = length,
            },
            NewRun()
        );
        Assert.Equal(new ProcessExit(3, "so long"), await process.Exited.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(length, Assert.Single(said).Length);
    }

    [Fact]
    public async Task Closing_a_run_directory_ends_workers_first_and_removes_the_folder()
    {
        var run = NewRun();
        var ends = new ConcurrentQueue<string>();
        var ready = new CountdownEvent(2);
        foreach (var (role, pause) in ImmutableArray.Create((ProcessRole.Display, "0"), (ProcessRole.Worker, "0.3")))
        {
            await Launcher.StartAsync(
                new ProcessRequest(
                    role,
                    "sh",
                    ["-c", $"trap 'sleep {pause}; echo {role}; exit 0' TERM; echo up; while true; do sleep 0.05; done"]
                )
                {
                    OnOutput = line =>
                    {
                        if (line == "up")
                        {
                            ready.Signal();
                        }
                        else
                        {
                            ends.Enqueue(line);
                        }
                    },
                },
                run
            );
        }

        Assert.True(ready.Wait(TimeSpan.FromSeconds(30)), "The processes did not start within 30 s.");
        await run.CloseAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(["Worker", "Display"], ends);
        Assert.False(Directory.Exists(run.Path));
    }

    [Fact]
    public async Task A_folder_is_not_made_in_a_run_directory_that_has_been_closed()
    {
        var run = NewRun();
        await run.CloseAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Throws<ProcessStartException>(() => run.CreateFolder("profile2"));
        Assert.False(Directory.Exists(run.Path));
    }

    [Fact]
    public async Task Closing_a_run_directory_waits_for_a_start_under_way_and_ends_its_process()
    {
        var run = NewRun();
        var other = NewRun();
        var process = await Launcher.StartAsync(new ProcessRequest(ProcessRole.Sound, "sleep", ["1000"]), other);
        using var underWay = new ManualResetEventSlim();
        using var closing = new ManualResetEventSlim();
        var start = Task.Factory.StartNew(
            () =>
                run.Start(() =>
                {
                    underWay.Set();
                    Assert.True(
                        closing.Wait(TimeSpan.FromSeconds(30)),
                        "The run directory was not closed within 30 s."
                    );
                    return process;
                }),
            TaskCreationOptions.LongRunning
        );
        Assert.True(underWay.Wait(TimeSpan.FromSeconds(30)), "The start did not begin within 30 s.");

        var closed = run.CloseAsync();
        await Task.WhenAny(closed, Task.Delay(100));
        Assert.False(closed.IsCompleted);
        Assert.True(Directory.Exists(run.Path));

        closing.Set();
        await Assert.ThrowsAsync<ProcessStartException>(() => start);
        await closed.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(process.Exited.IsCompleted);
        Assert.False(Directory.Exists(run.Path));
    }

    [Fact]
    public async Task A_process_started_while_its_run_directory_closes_does_not_live()
    {
        var run = NewRun();
        var starts = Enumerable
            .Range(0, 10)
            .Select(_ => Launcher.StartAsync(new ProcessRequest(ProcessRole.Sound, "sleep", ["1000"]), run))
            .ToList();
        await run.CloseAsync().WaitAsync(TimeSpan.FromSeconds(30));
        foreach (var start in starts)
        {
            try
            {
                await (await start).Exited.WaitAsync(TimeSpan.FromSeconds(30));
            }
            catch (ProcessStartException)
            {
                // Refused: as good as ended.
            }
        }

        Assert.Empty(ProcessSweep.Find(run.Path));
    }

    [Fact]
    public async Task A_sweep_ends_what_an_earlier_life_left_and_lets_its_workers_finalise()
    {
        var run = NewRun();
        var finalised = Path.Combine(Options.RunRoot, "finalised");
        var ready = new TaskCompletionSource();
        var worker = await Launcher.StartAsync(
            new ProcessRequest(
                ProcessRole.Worker,
                "sh",
                ["-c", $"trap 'echo done > {finalised}; exit 0' TERM; echo up; while true; do sleep 0.05; done"]
            )
            {
                Unprivileged = false,
                OnOutput = _ => ready.TrySetResult(),
            },
            run
        );
        var display = await Launcher.StartAsync(new ProcessRequest(ProcessRole.Display, "sleep", ["1000"]), run);
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await new ProcessSweep(Root, Launcher, TimeProvider.System, NullLogger<ProcessSweep>.Instance)
            .RunAsync()
            .WaitAsync(TimeSpan.FromSeconds(30));

        Assert.True(File.Exists(finalised));
        Assert.Equal(0, (await worker.Exited.WaitAsync(TimeSpan.FromSeconds(30))).Code);
        Assert.Equal(128 + 9, (await display.Exited.WaitAsync(TimeSpan.FromSeconds(30))).Code);
        Assert.False(Directory.Exists(run.Path));
    }

    [Fact]
    public async Task A_run_root_of_an_earlier_version_is_swept_and_removed_unless_a_node_holds_it()
    {
        var left = Directory.CreateTempSubdirectory("rl-").FullName;
        var run = new RunDirectory(Path.Combine(left, "1-1-1"), BrowserUsers.Shared(null), BrowserGroups.None("none"), _ => { });
        var display = await Launcher.StartAsync(new ProcessRequest(ProcessRole.Display, "sleep", ["1000"]), run);

        foreach (var path in new[] { left, Options.RunRoot })
        {
            await ProcessSweep
                .RemoveAsync(
                    path,
                    BrowserUsers.Shared(null),
                    Launcher,
                    TimeProvider.System,
                    NullLogger<ProcessSweep>.Instance
                )
                .WaitAsync(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(128 + 9, (await display.Exited.WaitAsync(TimeSpan.FromSeconds(30))).Code);
        Assert.False(Directory.Exists(left));
        Assert.True(Directory.Exists(Options.RunRoot));
    }

    [Fact]
    public void A_second_node_on_the_same_run_folder_is_refused()
    {
        var error = Assert.Throws<InvalidOperationException>(() => RunRoot.Open(Options.RunRoot, user: null));
        Assert.Contains("Another node of this host uses the run folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_folder_whose_sockets_would_have_too_long_names_is_refused()
    {
        var error = Assert.Throws<InvalidOperationException>(() =>
            RunRoot.Open("/tmp/" + new string('x', 60), user: null)
        );
        Assert.Contains("too long", error.Message, StringComparison.Ordinal);
    }
}
