using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Browsing;
using Recorder.Node.Displays;
using Recorder.Node.Parts;
using Recorder.Node.Processes;

namespace Recorder.Node.Tests.Browsing;

/// <summary>What is in the picture of a page, and what a page finds in its browser.</summary>
public sealed partial class BrowserActorTests
{
    [Fact]
    public async Task A_window_that_opens_beside_the_page_is_not_seen_and_asked_to_close()
    {
        await using var pages = await PageServer.StartAsync();
        var displaysParent = CreateTestProbe();
        var set = await StartAsync(pages["/red"], displaysParent: displaysParent);
        await Within<PageLoaded>(set.Parent, "the page");
        var environment = ProcessEnvironment
            .Minimal.SetItem("DISPLAY", set.Display.Display)
            .SetItem("XAUTHORITY", set.Display.AuthorityFile)
            .SetItem("HOME", set.Run.CreateFolder("other"));
        var other = ToolProcess.RunAsync(
            Launcher,
            set.Run,
            "gst-launch-1.0",
            ["videotestsrc", "pattern=blue", "!", "ximagesink"],
            environment
        );
        await EventFilter
            .Warning(contains: "kept out of the picture")
            .ExpectOneAsync(TimeSpan.FromSeconds(20), () => Task.CompletedTask);
        await AssertRedAsync(set);
        var told = Assert.IsType<PageTroubled>((await Within<BrowserChanged>(displaysParent, "the fault")).Event);
        Assert.Equal((FaultCode.WindowRefused, new WindowKept(WindowKind.Window).Message), (told.Code, told.Message));

        // By itself it would never end.
        await Assert.ThrowsAsync<ProcessStartException>(() => other);
        await AssertRedAsync(set);

        // A page can ask for windows without end.
        await Assert.ThrowsAsync<ProcessStartException>(() =>
            ToolProcess.RunAsync(
                Launcher,
                set.Run,
                "gst-launch-1.0",
                ["videotestsrc", "pattern=blue", "!", "ximagesink"],
                environment
            )
        );
        await displaysParent.ExpectNoMsgAsync(TimeSpan.FromSeconds(0.5));
        await set.Run.CloseAsync();
    }

    /// <summary>What a click lets a page ask for, what the page is answered, and whether the browser wants a window for
    /// that.</summary>
    [Theory]
    [InlineData("file", "cancelled")]
    [InlineData("folder", "cancelled")]
    [InlineData("open", "NotAllowedError")]
    [InlineData("save", "NotAllowedError")]
    [InlineData("full", "done")]
    [InlineData("lock", "done")]
    [InlineData("video", "done")]
    [InlineData("color", "done")]
    [InlineData("date", "done")]
    [InlineData("choice", "done")]
    [InlineData("print", "done")]
    [InlineData("screen", "NotAllowedError")]
    public async Task What_a_page_asks_for_by_a_click_is_not_seen_either(string ask, string answer)
    {
        await using var pages = await PageServer.StartAsync();
        var run = NewRun();
        var video = new VideoSettings
        {
            Width = Width,
            Height = Height,
            Framerate = 15,
        };
        var displaysParent = CreateTestProbe();
        var (display, sound) = await DisplayAndSoundAsync(run, video, displaysParent);
        var set = new Set(run, display, displaysParent);
        var page = pages["/clicked?" + ask];
        var chromium = await ChromiumProcess.LaunchAsync(
            Launcher,
            run,
            Host.Executable,
            BrowserArguments.For(
                new BrowserSetting(
                    Width,
                    Height,
                    BrowserProfile.Create(run, 1, page, false, []),
                    await Host.SandboxedAsync(),
                    BrowserHost.SmallSharedMemory
                )
            ),
            ChromiumProcess.EnvironmentOf(run, display.Display, display.AuthorityFile, sound.Server, null)
        );

        // Not as a session's page, which nobody can click: neither the display's pointer nor DevTools reaches that.
        var limit = TimeSpan.FromSeconds(20);
        var connection = await BrowserConnection.OpenAsync(chromium, limit, (_, _) => { });
        await connection.AskPageAsync("Page.navigate", limit, ("url", page.OriginalString));
        await AssertRedAsync(set);
        foreach (var type in (string[])["mousePressed", "mouseReleased"])
        {
            // Not answered as long as the page waits for a window.
            var click = new Dictionary<string, object>
            {
                ["type"] = type,
                ["x"] = 300,
                ["y"] = 150,
                ["button"] = "left",
                ["clickCount"] = 1,
            };
            await connection.Page.SendAsync("Input.dispatchMouseEvent", click, waitForCallback: false);
        }

        var pictures = await PicturesAsync(set, frames: 60, framerate: 30);
        await AwaitConditionAsync(() => Task.FromResult(pages.Told.Count > 0), limit);
        Output?.WriteLine($"asked {ask}: {string.Join(' ', pages.Told)}; windows told: {displaysParent.HasMessages}");
        Assert.Equal($"?{ask}={answer}", Assert.Single(pages.Told));
        foreach (var picture in pictures)
        {
            AssertRed(picture);
        }
        await AssertRedAsync(set);
        await run.CloseAsync();
    }

    [Fact]
    public async Task A_page_finds_what_it_would_find_in_a_persons_browser()
    {
        await using var pages = await PageServer.StartAsync();
        var set = await StartAsync(pages["/self"]);
        await Within<PageLoaded>(set.Parent, "the page");
        var told = await pages.SelfAsync();
        Assert.Equal("", told["boxes"].ToString());
        Assert.Equal(
            ("false", "denied", "48000"),
            (told["webdriver"].ToString(), told["notification"].ToString(), told["rate"].ToString())
        );
        Assert.Equal(("true", "true"), (told["webgl"].ToString(), told["webgl2"].ToString()));
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task An_address_is_sent_as_a_browser_sends_the_same_text()
    {
        const string Target = "/page?sig=%7E%41~&j={a}&p=100%&q=[|]^`&e=%e9";
        await using var pages = await PageServer.StartAsync();
        var set = await StartAsync(pages.Verbatim(Target));
        await Within<PageLoaded>(set.Parent, "the page");
        Assert.Contains(Target, pages.Targets);
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task A_name_and_a_password_in_the_address_open_a_locked_page()
    {
        await using var pages = await PageServer.StartAsync();
        var set = await StartAsync(
            new Uri(pages["/locked"].ToString().Replace("http://", "http://user:pass@", StringComparison.Ordinal))
        );
        await Within<PageLoaded>(set.Parent, "the page");
        await set.Run.CloseAsync();
    }

    [Fact]
    public async Task A_page_is_reached_by_the_proxy_and_its_address_is_sent_as_it_is()
    {
        await using var pages = await PageServer.StartAsync();
        var problems = new List<string>();
        var proxy = BrowserProxy.Read(pages["/"].GetLeftPart(UriPartial.Authority), "", _ => null, problems, []);
        Assert.Empty(problems);
        var set = await StartAsync(new Uri("http://far.example/page?a=%7E{b}"), new BrowserNetwork(proxy, []));
        await Within<PageLoaded>(set.Parent, "the page");
        Assert.Contains("http://far.example/page?a=%7E{b}", pages.Targets);
        await set.Run.CloseAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_of_an_authority_of_ones_own_is_trusted_by_the_option_and_not_without(bool told)
    {
        using var authority = new PrivateAuthority();
        using var server = authority.Issue();
        await using var pages = await PageServer.StartAsync(server);

        var set = await StartAsync(
            pages["/page"],
            new BrowserNetwork(BrowserProxy.None, told ? [Convert.ToBase64String(authority.Certificate.RawData)] : [])
        );

        if (told)
        {
            await Within<PageLoaded>(set.Parent, "the page");
        }
        else
        {
            Assert.Contains(
                "ERR_CERT_AUTHORITY_INVALID",
                (await Within<PartFailed>(set.Parent, "the failure")).Message,
                StringComparison.Ordinal
            );
        }
        await set.Run.CloseAsync();
    }

    private Task AssertRedAsync(Set set) =>
        AwaitAssertAsync(
            async () =>
            {
                AssertRed(await PictureAsync(set));
            },
            TimeSpan.FromSeconds(5),
            TimeSpan.FromMilliseconds(200)
        );
}
