using System.Collections.Immutable;
using System.Globalization;

namespace Recorder.Node.Browsing;

/// <summary>What decides over the browser's command line.</summary>
/// <param name="Width">Width of the display in pixels.</param>
/// <param name="Height">Height of the display in pixels.</param>
/// <param name="ProfileFolder">The folder of the profile.</param>
/// <param name="Sandboxed">Whether Chromium's sandbox works for the user the browser runs as.</param>
/// <param name="SmallSharedMemory">Whether /dev/shm is too small for a browser.</param>
internal sealed record BrowserSetting(
    int Width,
    int Height,
    string ProfileFolder,
    bool Sandboxed,
    bool SmallSharedMemory
)
{
    /// <summary>The way to the pages.</summary>
    public BrowserProxy Proxy { get; init; } = BrowserProxy.None;
}

/// <summary>The browser's command line.</summary>
internal static class BrowserArguments
{
    /// <summary>
    /// The switches for a page that fills the display, plays at once, is never slowed down, and shows nothing but
    /// itself. Each is described in Chromium's <c>chrome_switches.cc</c>, <c>content_switches.cc</c> or
    /// <c>headless</c>'s list.
    /// </summary>
    public static ImmutableArray<string> For(BrowserSetting setting)
    {
        var arguments = ImmutableArray.CreateBuilder<string>();
        arguments.AddRange(
            "--remote-debugging-pipe",
            $"--user-data-dir={setting.ProfileFolder}",
            // The page alone, at the exact size.
            "--kiosk",
            "--window-position=0,0",
            string.Create(CultureInfo.InvariantCulture, $"--window-size={setting.Width},{setting.Height}"),
            "--force-device-scale-factor=1",
            "--hide-scrollbars",
            "--no-first-run",
            "--no-default-browser-check",
            "--hide-crash-restore-bubble",
            "--disable-infobars",
            "--deny-permission-prompts",
            "--block-new-web-contents",
            "--password-store=basic",
            "--noerrdialogs",
            // Sound and picture at once, and never slower because nobody looks.
            "--autoplay-policy=no-user-gesture-required",
            "--disable-background-timer-throttling",
            "--disable-renderer-backgrounding",
            "--disable-backgrounding-occluded-windows",
            "--disable-hang-monitor",
            // Drawn by the CPU, WebGL too: without the second switch a page gets no context. It is called unsafe since
            // the drawing is no longer apart from the GPU process; the page's code stays in its sandbox.
            "--disable-gpu",
            "--enable-unsafe-swiftshader",
            // navigator.webdriver is false, since some meetings turn away who says true; and pages learn that there are
            // no security keys.
            "--disable-blink-features=AutomationControlled,WebAuth",
            // No traffic but the page's.
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-default-apps",
            "--disable-extensions",
            "--disable-sync",
            "--disable-pings",
            "--disable-domain-reliability",
            "--disable-breakpad",
            "--metrics-recording-only",
            "--disable-quic",
            // Of the last: peers on one host or network need each other's addresses, and mDNS is not to be had in most
            // containers.
            "--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication,CertificateTransparencyComponentUpdater,"
                + "InterestFeedContentSuggestions,DialMediaRouteProvider,GlobalMediaControls,HardwareMediaKeyHandling,MediaSessionService,"
                + "CalculateNativeWinOcclusion,WebRtcHideLocalIpsWithMdns"
        );
        if (!setting.Sandboxed)
        {
            // --test-type takes away the bar that warns of the missing sandbox.
            arguments.AddRange("--no-sandbox", "--test-type");
        }
        if (setting.SmallSharedMemory)
        {
            arguments.Add("--disable-dev-shm-usage");
        }
        arguments.AddRange(setting.Proxy.Arguments);
        arguments.Add("about:blank");
        return arguments.ToImmutable();
    }
}
