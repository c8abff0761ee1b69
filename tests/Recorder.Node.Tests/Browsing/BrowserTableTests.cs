using System.Text.Json.Nodes;
using Recorder.Node.Browsing;

namespace Recorder.Node.Tests.Browsing;

/// <summary>The decisions around the browser that need no browser.</summary>
public sealed class BrowserTableTests
{
    private static readonly BrowserSetting Setting = new(
        1280,
        720,
        "/run/p",
        Sandboxed: true,
        SmallSharedMemory: false
    );
    private static readonly Uri Page = new("https://user:secret@example.org:8443/room/1?token=secret#part");

    [Fact]
    public void The_window_has_the_exact_size_of_the_display_and_the_sandbox_stays_on()
    {
        var arguments = BrowserArguments.For(Setting);
        Assert.Contains("--window-size=1280,720", arguments);
        Assert.Contains("--user-data-dir=/run/p", arguments);
        Assert.Contains("--kiosk", arguments);
        Assert.DoesNotContain("--no-sandbox", arguments);
        Assert.DoesNotContain("--test-type", arguments);
        Assert.DoesNotContain("--disable-dev-shm-usage", arguments);
        Assert.Equal("about:blank", arguments[^1]);
        Assert.Single(arguments, argument => argument.StartsWith("--disable-features=", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, true, false, false)]
    [InlineData(true, true, true, false)]
    [InlineData(false, false, false, true)]
    public void A_page_learns_addresses_of_the_host_only_when_its_session_asks(
        bool localPeers,
        bool udp,
        bool tells,
        bool byGatewayAlone
    )
    {
        var arguments = BrowserArguments.For(Setting with { LocalPeers = localPeers, PeerUdp = udp });
        Assert.Equal(
            tells,
            Assert
                .Single(arguments, argument => argument.StartsWith("--disable-features=", StringComparison.Ordinal))
                .Contains("WebRtcHideLocalIpsWithMdns", StringComparison.Ordinal)
        );
        Assert.Equal(byGatewayAlone, arguments.Contains("--webrtc-ip-handling-policy=disable_non_proxied_udp"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_may_close_itself_only_where_a_rule_of_its_session_is_about_that(bool may) =>
        Assert.Equal(
            may,
            BrowserArguments
                .For(Setting with { MayClose = may })
                .Contains("--blink-settings=allowScriptsToCloseWindows=true")
        );

    [Fact]
    public void Without_a_sandbox_no_bar_warns_of_it()
    {
        var arguments = BrowserArguments.For(Setting with { Sandboxed = false });
        Assert.Contains("--no-sandbox", arguments);
        Assert.Contains("--test-type", arguments);
    }

    [Fact]
    public void Little_shared_memory_is_not_used() =>
        Assert.Contains("--disable-dev-shm-usage", BrowserArguments.For(Setting with { SmallSharedMemory = true }));

    [Fact]
    public void A_page_is_told_nothing_of_automation_and_may_draw_in_three_dimensions()
    {
        var arguments = BrowserArguments.For(Setting);
        Assert.Contains("--enable-unsafe-swiftshader", arguments);
        Assert.DoesNotContain("--disable-notifications", arguments);
        Assert.StartsWith(
            "--disable-blink-features=AutomationControlled",
            Assert.Single(
                arguments,
                argument => argument.StartsWith("--disable-blink-features", StringComparison.Ordinal)
            ),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("https://user:secret@example.org/room", "https://example.org:443")]
    [InlineData("http://user@example.org:8080/room", "http://example.org:8080")]
    [InlineData("https://user:secret@[2001:db8::1]/room", "https://[2001:db8::1]:443")]
    [InlineData("https://example.org/room", null)]
    public void A_name_and_a_password_are_for_the_server_of_their_own_address(string page, string? server)
    {
        var state = JsonNode.Parse(BrowserProfile.LocalStateFor(new Uri(page), server is not null))!["auth"]!;
        Assert.Equal("", (string?)state["schemes"]);
        Assert.Equal(
            server is null ? [] : [server],
            state["http_auth_allowed_for_origins"]!.AsArray().Select(origin => (string?)origin)
        );
    }

    [Theory]
    [InlineData("net::ERR_NAME_NOT_RESOLVED", "net::ERR_NAME_NOT_RESOLVED")]
    [InlineData("net::ERR_CONNECTION_REFUSED at https://example.org/", "net::ERR_CONNECTION_REFUSED")]
    [InlineData("net::ERR_ABORTED", "net::ERR_ABORTED, the server's answer holds no document")]
    [InlineData(
        "Protocol error: Cannot navigate to invalid URL.\n at",
        "Protocol error: Cannot navigate to invalid URL"
    )]
    [InlineData("", "the browser does not say why")]
    public void A_failed_load_is_told_with_the_browsers_reason_and_no_secret(string message, string reason) =>
        Assert.Equal(
            $"The page https://example.org:8443/room/1 did not load: {reason}.",
            PageFailure.OfBrowser(Page, message)
        );

    [Theory]
    [InlineData(200, null)]
    [InlineData(304, null)]
    [InlineData(399, null)]
    [InlineData(400, "The page https://example.org:8443/room/1 did not load: the server answered 400 Bad Request.")]
    [InlineData(
        503,
        "The page https://example.org:8443/room/1 did not load: the server answered 503 Service Unavailable."
    )]
    [InlineData(0, null)]
    [InlineData(599, "The page https://example.org:8443/room/1 did not load: the server answered 599.")]
    public void A_status_of_400_or_above_is_not_the_page(int status, string? failure) =>
        Assert.Equal(failure, PageFailure.OfStatus(Page, status));

    [Fact]
    public void A_page_that_never_answers_is_told_with_the_limit() =>
        Assert.Equal(
            "The page https://example.org:8443/room/1 did not answer within 2.5 s.",
            PageFailure.OfSilence(Page, TimeSpan.FromSeconds(2.5))
        );

    [Theory]
    [InlineData("Execution context was destroyed, most likely because of a navigation", true)]
    [InlineData("Cannot find default execution context", true)]
    [InlineData("Inspected target navigated or closed", true)]
    [InlineData("Protocol error(Runtime.evaluate): Target closed.", false)]
    public void A_page_on_its_way_to_another_document_is_alive(string message, bool alive) =>
        Assert.Equal(alive, BrowserPage.IsNavigation(message));

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 1, false)]
    [InlineData(2, 2, true)]
    [InlineData(3, 4, true)]
    [InlineData(4, 8, true)]
    [InlineData(5, 15, true)]
    [InlineData(1000, 15, true)]
    public void A_lost_browser_is_started_again_for_ever_with_bounded_pauses(int failures, int seconds, bool fresh)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), BrowserRetry.Pause(failures));
        Assert.Equal(fresh, BrowserRetry.FreshProfile(failures));
    }
}
