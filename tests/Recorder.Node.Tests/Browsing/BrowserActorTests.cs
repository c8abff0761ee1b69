using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.TestKit;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Node.Browsing;
using Recorder.Node.Parts;
using Recorder.Node.Processes;
using Recorder.Node.Tests.Gateway;
using Recorder.Node.Tests.Media;
using Xunit.Abstractions;

namespace Recorder.Node.Tests.Browsing;

/// <summary>A real Chromium on a real display.</summary>
public sealed partial class BrowserActorTests(ITestOutputHelper output) : MediaRig(output)
{
    private const int Width = 640;
    private const int Height = 360;

    /// <summary>SIGSTOP.</summary>
    private const int StopSignal = 19;

    [Theory]
    [InlineData("/red")]
    [InlineData("/popup")]
    [InlineData("/asks")]
    [InlineData("/hover")]
    [InlineData("/tall")]
    public async Task Nothing_but_the_page_is_on_the_display(string path)
    {
        await using var pages = await PageServer.StartAsync();
        var set = await StartAsync(pages[path]);
        await Within<PageLoaded>(set.Parent, "the page");
        // What these pages ask for is answered by then, with the page's next request.
        if (path is "/popup" or "/asks" or "/hover")
        {
            await AwaitConditionAsync(() => Task.FromResult(pages.Requests > 0), TimeSpan.FromSeconds(10));
        }
        await AssertRedAsync(set);
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task The_browser_runs_in_its_sandbox_as_an_unprivileged_user()
    {
        await using var pages = await PageServer.StartAsync();
        var set = await StartAsync(pages["/page"]);
        await Within<PageLoaded>(set.Parent, "the page");
        var browser = MainProcess(set.Run);
        Assert.NotEqual("0", UserOf(browser));
        Assert.All(Renderers(set.Run), renderer => Assert.NotEqual("0", UserOf(renderer)));
        if (await AllowsNamespacesAsync(set.Run))
        {
            Assert.DoesNotContain("--no-sandbox", CommandLine(browser), StringComparison.Ordinal);
        }
        await set.Run.CloseAsync();
    }

    [Theory]
    [InlineData("/alert")]
    [InlineData("/image")]
    [InlineData("/script")]
    [InlineData("/endless")]
    [InlineData("/close")]
    public async Task A_page_with_dialogs_or_with_parts_that_never_come_is_shown_and_counts_as_alive(string path)
    {
        await using var pages = await PageServer.StartAsync();
        Options.PageSettleLimit = TimeSpan.FromSeconds(0.5);
        Options.HeartbeatLimit = TimeSpan.FromSeconds(3);
        var set = await StartAsync(pages[path]);
        await Within<PageLoaded>(set.Parent, "the page");
        await set.Parent.ExpectNoMsgAsync(Options.HeartbeatLimit + TimeSpan.FromSeconds(1));
        await set.Run.CloseAsync();
    }

    [Theory]
    [InlineData("/close")]
    [InlineData("/close-later")]
    public async Task A_page_that_closes_itself_is_told_and_leaves_nothing_behind(string path)
    {
        await using var pages = await PageServer.StartAsync();
        Options.BrowserExecutable = Script(
            $"exec {Host.Executable} --blink-settings=allowScriptsToCloseWindows=true \"$@\""
        );
        Options.PageSettleLimit = TimeSpan.FromSeconds(0.5);
        var set = await StartAsync(pages[path]);
        if (path == "/close")
        {
            await SaysThatItIsClosedAsync();
            Assert.Equal(
                new PartFailed(FaultCode.PageFailed, "The page closed itself."),
                await Within<PartFailed>(set.Parent, "the failure")
            );
        }
        else
        {
            await Within<PageLoaded>(set.Parent, "the page");
            pages.Go();
            await SaysThatItIsClosedAsync();
            Assert.Equal(
                "The page closed itself.",
                Assert.IsType<BrowserLost>((await Within<BrowserChanged>(set.Parent, "the loss")).Event).Message
            );
            Assert.IsType<BrowserRestored>((await Within<BrowserChanged>(set.Parent, "the page again")).Event);
        }

        await set.Run.CloseAsync();
        Directory.Delete(Path.GetDirectoryName(Options.BrowserExecutable)!, recursive: true);

        async Task SaysThatItIsClosedAsync() =>
            Assert.Equal(
                EndReason.Closed,
                Assert.IsType<PageSays>((await Within<BrowserChanged>(set.Parent, "the closing")).Event).Reason
            );
    }

    [Fact]
    public async Task A_page_may_not_close_itself_since_no_script_has_opened_it()
    {
        await using var pages = await PageServer.StartAsync();
        Options.PageSettleLimit = TimeSpan.FromSeconds(0.5);
        var set = await StartAsync(pages["/close-later"]);
        await Within<PageLoaded>(set.Parent, "the page");
        pages.Go();
        await AwaitConditionAsync(() => Task.FromResult(pages.Told.Count > 0), TimeSpan.FromSeconds(20));
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task To_be_watched_is_no_gesture_of_a_user()
    {
        await using var pages = await PageServer.StartAsync();
        Options.HeartbeatInterval = TimeSpan.FromSeconds(0.1);
        var set = await StartAsync(pages["/gesture"]);
        await Within<PageLoaded>(set.Parent, "the page");
        await AwaitConditionAsync(() => Task.FromResult(pages.Told.Count > 0), TimeSpan.FromSeconds(20));
        Assert.Equal("?gesture=false", Assert.Single(pages.Told));
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task Dialogs_and_windows_are_refused_before_a_picture_shows_them_and_told_in_one_line()
    {
        await using var pages = await PageServer.StartAsync();
        var set = await StartAsync(pages["/dialogs"]);
        await EventFilter
            .Info(contains: "The page asked for")
            .ExpectAsync(
                1,
                async () =>
                {
                    await Within<PageLoaded>(set.Parent, "the page");
                    var pictures = await PicturesAsync(set, frames: 60, framerate: 30);
                    foreach (var picture in pictures)
                    {
                        AssertRed(picture);
                    }
                    await AwaitConditionAsync(() => Task.FromResult(pages.Told.Count > 0), TimeSpan.FromSeconds(10));
                }
            );
        Assert.Equal("?answers=|false||alert|0", Uri.UnescapeDataString(Assert.Single(pages.Told)));
        Assert.Equal(0, pages.Requests);
        await set.Run.CloseAsync();
    }

    [Theory]
    [InlineData("/away", "net::ERR_UNSAFE_PORT")]
    [InlineData("/away-loaded", "net::ERR_UNSAFE_PORT")]
    [InlineData("/away-refresh", "net::ERR_UNSAFE_PORT")]
    [InlineData("/away-missing", "404 Not Found")]
    [InlineData("/missing", "404 Not Found")]
    [InlineData("/empty", "the server's answer holds no document")]
    [InlineData("/empty-error", "500 Internal Server Error")]
    [InlineData("/file", "it is a download, not a page")]
    public async Task A_page_that_is_none_or_goes_to_one_that_is_none_at_once_did_not_load(string path, string reason)
    {
        await using var pages = await PageServer.StartAsync();
        var set = await StartAsync(pages[path]);
        var failed = await Within<PartFailed>(set.Parent, "the failure");
        Assert.Equal(FaultCode.PageFailed, failed.Code);
        Assert.Contains("did not load: ", failed.Message, StringComparison.Ordinal);
        Assert.Contains(reason, failed.Message, StringComparison.Ordinal);
        await set.Run.CloseAsync();
    }

    [Theory]
    [InlineData("/away-later", "net::ERR_UNSAFE_PORT")]
    [InlineData("/missing-later", "404 Not Found")]
    public async Task A_page_that_goes_to_one_that_does_not_load_is_told(string path, string reason)
    {
        await using var pages = await PageServer.StartAsync();
        var set = await StartAsync(pages[path]);
        await Within<PageLoaded>(set.Parent, "the page");
        IMediaEvent[] told =
        [
            (await Within<BrowserChanged>(set.Parent, "the trouble, or that the page went away")).Event,
            (await Within<BrowserChanged>(set.Parent, "the other of the two")).Event,
        ];
        Assert.Contains(reason, Assert.Single(told.OfType<PageTroubled>()).Message, StringComparison.Ordinal);
        Assert.Equal(EndReason.NavigatedAway, Assert.Single(told.OfType<PageSays>()).Reason);
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task A_page_that_is_busy_for_some_seconds_is_told_and_not_loaded_anew()
    {
        await using var pages = await PageServer.StartAsync();
        Options.HeartbeatLimit = TimeSpan.FromSeconds(1);
        var set = await StartAsync(pages["/busy"]);
        await Within<PageLoaded>(set.Parent, "the page");
        var troubled = Assert.IsType<PageTroubled>((await Within<BrowserChanged>(set.Parent, "the trouble")).Event);
        Assert.Equal(
            "The page has not answered for 1 s, since its script is busy. It is recorded as it is.",
            troubled.Message
        );
        await AwaitConditionAsync(() => Task.FromResult(pages.Told.Count > 0), TimeSpan.FromSeconds(20));
        await set.Parent.ExpectNoMsgAsync(TimeSpan.FromSeconds(1));
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task A_page_cannot_fill_the_memory_of_the_node_with_its_answers()
    {
        await using var pages = await PageServer.StartAsync();
        var set = await StartAsync(
            pages["/huge"],
            end: new EndRules { Page = [EndPageWord.EndSignal], Text = ["over"] }
        );
        await Within<PageLoaded>(set.Parent, "the page");
        var before = GC.GetTotalAllocatedBytes();

        await AwaitConditionAsync(() => Task.FromResult(pages.Told.Count > 0), TimeSpan.FromSeconds(60));

        // Each answer of the page would have a hundred million bytes, or two.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 100_000_000);
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task A_page_may_say_good_bye()
    {
        await using var pages = await PageServer.StartAsync();
        var set = await StartAsync(pages["/bye"]);
        await Within<PageLoaded>(set.Parent, "the page");
        set.Parent.LastSender.Tell(LeavePage.Instance, set.Parent);
        await Within<PageLeft>(set.Parent, "the good-bye");
        await set.Run.CloseAsync();
        Assert.Equal(["?bye", "?kept"], pages.Told.Order());
    }

    [Theory]
    [InlineData("/page", 0.95)]
    [InlineData("/bye-for-ever", 2.5)]
    public async Task A_good_bye_takes_as_long_as_it_needs_and_no_longer_than_a_second(string path, double seconds)
    {
        await using var pages = await PageServer.StartAsync();
        var set = await StartAsync(pages[path]);
        await Within<PageLoaded>(set.Parent, "the page");
        var began = Stopwatch.GetTimestamp();
        set.Parent.LastSender.Tell(LeavePage.Instance, set.Parent);
        await Within<PageLeft>(set.Parent, "the good-bye");
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(seconds));
        await set.Parent.ExpectNoMsgAsync(TimeSpan.FromSeconds(0.5));
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task A_page_whose_script_answers_no_command_is_told_with_the_limit()
    {
        await using var pages = await PageServer.StartAsync();
        Options.PageLimit = TimeSpan.FromSeconds(2);
        var set = await StartAsync(pages["/spin"]);
        var failed = await Within<PartFailed>(set.Parent, "the failure");
        Assert.Equal(FaultCode.PageFailed, failed.Code);
        Assert.EndsWith(
            "/spin was answered, but its script has kept it from showing anything for 2 s.",
            failed.Message,
            StringComparison.Ordinal
        );
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task A_renderer_that_dies_again_and_again_from_its_first_moment_on_is_told()
    {
        await using var pages = await PageServer.StartAsync();
        var set = await StartAsync(pages["/never"]);
        using var told = new CancellationTokenSource();
        var killing = KillRenderersAsync(set.Run, told.Token);
        var failed = await Within<PartFailed>(set.Parent, "the failure");
        await told.CancelAsync();
        await killing;
        Assert.Equal(new PartFailed(FaultCode.BrowserFailed, "The page crashed."), failed);
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task A_browser_that_crashes_while_the_page_is_opened_is_told()
    {
        await using var pages = await PageServer.StartAsync();
        var set = await StartAsync(pages["/never"]);
        await AwaitConditionAsync(() => Task.FromResult(pages.Requests > 0), TimeSpan.FromSeconds(30));
        Posix.Signal(MainProcess(set.Run), Posix.Kill);
        var failed = await Within<PartFailed>(set.Parent, "the failure");
        Assert.Equal(FaultCode.BrowserFailed, failed.Code);
        Assert.StartsWith("The browser was ended by signal 9.", failed.Message, StringComparison.Ordinal);
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task A_browser_that_answers_no_command_is_told_with_the_limit()
    {
        Options.BrowserExecutable = SilentBrowser();
        Options.StartLimit = TimeSpan.FromSeconds(1);
        var set = await StartAsync(new Uri("http://127.0.0.1/"));
        var failed = await Within<PartFailed>(set.Parent, "the failure");
        Assert.Equal(FaultCode.BrowserFailed, failed.Code);
        Assert.Contains(
            "Chromium did not take commands within 1 s. The last word.",
            failed.Message,
            StringComparison.Ordinal
        );
        await set.Run.CloseAsync();
        Directory.Delete(Path.GetDirectoryName(Options.BrowserExecutable)!, recursive: true);
    }

    [Fact]
    public async Task A_page_that_never_answers_is_told_with_the_limit()
    {
        await using var pages = await PageServer.StartAsync();
        Options.PageLimit = TimeSpan.FromSeconds(1);
        var set = await StartAsync(pages["/never"]);
        var failed = await Within<PartFailed>(set.Parent, "the failure");
        Assert.Equal(FaultCode.PageFailed, failed.Code);
        Assert.EndsWith("/never did not answer within 1 s.", failed.Message, StringComparison.Ordinal);
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task A_browser_that_stands_still_while_a_page_loads_keeps_nobody_waiting_for_ever()
    {
        await using var pages = await PageServer.StartAsync();
        Options.PageLimit = TimeSpan.FromSeconds(3);
        var set = await StartAsync(pages["/never"]);
        await AwaitConditionAsync(() => Task.FromResult(pages.Requests > 0), TimeSpan.FromSeconds(30));
        Assert.True(Posix.Signal(MainProcess(set.Run), StopSignal));
        var failed = await Within<PartFailed>(set.Parent, "the failure", seconds: 30);
        Assert.Equal(FaultCode.BrowserFailed, failed.Code);
        Assert.Contains("it stands still", failed.Message, StringComparison.Ordinal);
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task A_browser_that_cannot_start_is_told_with_its_last_words()
    {
        Options.BrowserExecutable = "/bin/false";
        var set = await StartAsync(new Uri("http://127.0.0.1/"));
        var failed = await Within<PartFailed>(set.Parent, "the failure");
        Assert.Equal(FaultCode.BrowserFailed, failed.Code);
        Assert.Contains("exited with code 1", failed.Message, StringComparison.Ordinal);
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task A_killed_browser_is_told_and_shows_the_page_again()
    {
        await using var pages = await PageServer.StartAsync();
        var set = await StartAsync(pages["/page"]);
        await Within<PageLoaded>(set.Parent, "the page");
        var first = MainProcess(set.Run);
        Assert.True(Posix.Signal(first, Posix.Kill));
        Assert.IsType<BrowserLost>((await Within<BrowserChanged>(set.Parent, "the loss")).Event);
        Assert.IsType<BrowserRestored>((await Within<BrowserChanged>(set.Parent, "the page again")).Event);
        Assert.Equal(2, pages.Requests);
        Assert.NotEqual(first, MainProcess(set.Run));
        await set.Run.CloseAsync();
    }

    [Theory]
    [InlineData("/hoards-memory", "takes [0-9]+ MB of memory, and Media:PageMemory allows 600 MB")]
    [InlineData("/hoards-threads", "runs [0-9]+ threads, and Media:PageThreads allows 350")]
    [InlineData("/hoards-disk", "takes [0-9]+ MB of disk, and Media:PageDisk allows 60 MB")]
    public async Task A_page_that_takes_too_much_loses_its_browser_for_good(string path, string reason)
    {
        await using var pages = await PageServer.StartAsync();
        Options.PageMemory = path == "/hoards-memory" ? ByteSize.FromMegabytes(600) : default;
        Options.PageThreads = path == "/hoards-threads" ? 350 : 0;
        Options.PageDisk = path == "/hoards-disk" ? ByteSize.FromMegabytes(60) : default;
        var set = await StartAsync(pages[path]);
        var parent = set.Parent;
        var failed = (PartFailed)
            await parent.FishForMessageAsync(
                message => message is PartFailed,
                TimeSpan.FromSeconds(90),
                hint: "the page to be too large"
            );
        Assert.Equal(FaultCode.PageTooLarge, failed.Code);
        Assert.Matches($"^The page's browser {reason}.$", failed.Message);
        await AwaitConditionAsync(
            () => Task.FromResult(!ProcessSweep.Find(set.Run.Path).Any(process => process.Role == "browser")),
            TimeSpan.FromSeconds(30)
        );
        await parent.ExpectNoMsgAsync(TimeSpan.FromSeconds(1));
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task A_page_that_hangs_is_told_and_shown_again()
    {
        await using var pages = await PageServer.StartAsync();
        Options.HangLimit = TimeSpan.FromSeconds(1);
        var set = await StartAsync(pages["/hang"]);
        await Within<PageLoaded>(set.Parent, "the page");
        var lost = Assert.IsType<BrowserLost>((await Within<BrowserChanged>(set.Parent, "the hang")).Event);
        Assert.Matches("^The page did not answer for [1-9] s.$", lost.Message);
        Assert.IsType<BrowserRestored>((await Within<BrowserChanged>(set.Parent, "the page again")).Event);
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task A_crashed_renderer_is_told_and_the_page_shown_again()
    {
        await using var pages = await PageServer.StartAsync();
        var set = await StartAsync(pages["/page"]);
        await Within<PageLoaded>(set.Parent, "the page");
        foreach (var renderer in Renderers(set.Run))
        {
            Posix.Signal(renderer, Posix.Kill);
        }
        Assert.IsType<BrowserLost>((await Within<BrowserChanged>(set.Parent, "the crash")).Event);
        Assert.IsType<BrowserRestored>((await Within<BrowserChanged>(set.Parent, "the page again")).Event);
        Assert.Equal(2, pages.Requests);
        await set.Run.CloseAsync();
    }

    private async Task<Set> StartAsync(
        Uri page,
        BrowserNetwork? network = null,
        TestProbe? displaysParent = null,
        EndRules? end = null
    )
    {
        var run = NewRun();
        var spec = new PageSessionSpec(page)
        {
            Video = new VideoSettings
            {
                Width = Width,
                Height = Height,
                Framerate = 15,
            },
            End = end,
        };
        var (display, sound) = await DisplayAndSoundAsync(run, spec.Video, displaysParent);
        var parent = CreateTestProbe();
        var host = new BrowserHost(
            Launcher,
            Root,
            Options.BrowserExecutable,
            network ?? BrowserNetwork.Plain,
            RoadsToHere.Of(network ?? BrowserNetwork.Plain),
            Microsoft.Extensions.Logging.Abstractions.NullLogger<BrowserHost>.Instance
        );
        var setup = new BrowserSetup(
            Launcher,
            run,
            host,
            StartGate.Of(0),
            Options,
            TimeProvider.System,
            spec,
            display,
            sound.Server
        );
        parent.ChildActorOf(Props.Create(() => new BrowserActor(setup)));
        return new Set(run, display, parent);
    }

    private static async Task KillRenderersAsync(RunDirectory run, CancellationToken told)
    {
        while (!told.IsCancellationRequested)
        {
            foreach (var renderer in Renderers(run))
            {
                Posix.Signal(renderer, Posix.Kill);
            }
            await Task.Delay(10, CancellationToken.None);
        }
    }

    /// <summary>A program that takes what it is told, and says nothing but one line that is for its log.</summary>
    private static string SilentBrowser() => Script("echo The last word. >&2\nexec /bin/sleep 1000");

    private static string Script(string lines)
    {
        // Beside the folders of the node, which are nobody else's.
        var path = Path.Combine(Directory.CreateTempSubdirectory("recorder-script-").FullName, "browser.sh");
        File.SetUnixFileMode(Path.GetDirectoryName(path)!, (UnixFileMode)0b111_101_101);
        File.WriteAllText(path, $"#!/bin/sh\n{lines}\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }

    private static void AssertRed(ReadOnlySpan<byte> picture)
    {
        var other = 0;
        for (var i = 0; i < picture.Length; i += 3)
        {
            other += picture[i] < 250 || picture[i + 1] > 5 || picture[i + 2] > 5 ? 1 : 0;
        }
        Assert.True(other == 0, $"{other} of {Width * Height} pixels are not the page's red.");
    }

    private async Task<IReadOnlyList<byte[]>> PicturesAsync(Set set, int frames, int framerate)
    {
        const int size = Width * Height * 3;
        var all = await PictureAsync(set, frames, framerate);
        Assert.Equal(frames * size, all.Length);
        return [.. all.Chunk(size)];
    }

    private async Task<byte[]> PictureAsync(Set set, int frames = 1, int framerate = 30)
    {
        var file = Path.Combine(set.Run.CreateFolder("picture"), "picture.raw");
        var environment = ProcessEnvironment.Minimal.SetItem("XAUTHORITY", set.Display.AuthorityFile);
        await ToolProcess.RunAsync(
            Launcher,
            set.Run,
            "ffmpeg",
            [
                "-loglevel",
                "error",
                "-y",
                "-f",
                "x11grab",
                "-draw_mouse",
                "0",
                "-framerate",
                $"{framerate}",
                "-video_size",
                $"{Width}x{Height}",
                "-i",
                set.Display.Display,
                "-frames:v",
                $"{frames}",
                "-pix_fmt",
                "rgb24",
                "-f",
                "rawvideo",
                file,
            ],
            environment
        );
        return await File.ReadAllBytesAsync(file);
    }

    private static int MainProcess(RunDirectory run)
    {
        var candidates = ProcessSweep
            .Find(run.Path)
            .Where(process =>
                process.Role == "browser"
                && !CommandLine(process.Id).Contains("--type=", StringComparison.Ordinal)
                && !CommandLine(process.Id).Contains("crashpad", StringComparison.Ordinal)
            )
            .Select(process => process.Id)
            .ToList();

        // A child of its own looks the same between fork and exec.
        return Assert.Single(candidates, id => !candidates.Contains(Parent(id)));
    }

    /// <summary>Chromium's renderers overwrite their environment, so they are found by the profile in their
    /// arguments.</summary>
    private static IEnumerable<int> Renderers(RunDirectory run) =>
        Processes()
            .Where(id =>
                CommandLine(id) is var line
                && line.Contains("--type=renderer", StringComparison.Ordinal)
                && line.Contains(run.Path, StringComparison.Ordinal)
            );

    private static IEnumerable<int> Processes() =>
        from folder in Directory.GetDirectories("/proc")
        where int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out _)
        select int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture);

    private async Task<bool> AllowsNamespacesAsync(RunDirectory run)
    {
        try
        {
            await ToolProcess.RunAsync(
                Launcher,
                run,
                "unshare",
                ["--user", "--map-root-user", "--pid", "--fork", "true"]
            );
            return true;
        }
        catch (ProcessStartException)
        {
            return false;
        }
    }

    /// <summary>The number of the user that a process runs as.</summary>
    private static string UserOf(int id) =>
        File.ReadLines($"/proc/{id}/status")
            .First(line => line.StartsWith("Uid:", StringComparison.Ordinal))
            .Split('\t')[2];

    private static int Parent(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static string CommandLine(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private sealed record Set(RunDirectory Run, DisplayReady Display, TestProbe Parent);
}
