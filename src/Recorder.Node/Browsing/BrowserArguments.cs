using System.Collections.Immutable;
using System.Globalization;

namespace Recorder.Node.Browsing;

/// <summary>The facts that decide the browser's command line.</summary>
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
    /// <summary>The switches by which the browser reaches pages.</summary>
    public ImmutableArray<string> Road { get; init; } = [];

    /// <summary>How many pixels of the display a pixel of the page takes.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>The switches that the settings of the page need.</summary>
    public ImmutableArray<string> OfPage { get; init; } = [];

    /// <summary>Whether a page may close itself, as a rule of its session allows.</summary>
    public bool MayClose { get; init; }

    /// <summary>Whether WebRTC tells the page the addresses of this host.</summary>
    public bool LocalPeers { get; init; }

    /// <summary>Whether WebRTC may use UDP, which goes around the gateway.</summary>
    public bool PeerUdp { get; init; } = true;
}

/// <summary>The browser's command line.</summary>
internal static class BrowserArguments
{
    /// <summary>
    /// The switches for a page that fills the display, plays at once, is never slowed down, and shows only its own
    /// content. Each switch is described in Chromium's <c>chrome_switches.cc</c>, <c>content_switches.cc</c> or the
    /// list of <c>headless</c>.
    /// </summary>
    public static ImmutableArray<string> For(BrowserSetting setting)
    {
        var arguments = ImmutableArray.CreateBuilder<string>();
        arguments.AddRange(
            "--remote-debugging-pipe",
            $"--user-data-dir={setting.ProfileFolder}",
            // Show only the page, at the exact size.
            "--kiosk",
            "--window-position=0,0",
            string.Create(CultureInfo.InvariantCulture, $"--window-size={setting.Width},{setting.Height}"),
            string.Create(CultureInfo.InvariantCulture, $"--force-device-scale-factor={setting.Scale:0.##}"),
            "--hide-scrollbars",
            "--no-first-run",
            "--no-default-browser-check",
            "--hide-crash-restore-bubble",
            "--disable-infobars",
            "--deny-permission-prompts",
            "--block-new-web-contents",
            "--password-store=basic",
            "--noerrdialogs",
            // Play sound and picture at once, and never slow the page down because nobody looks.
            "--autoplay-policy=no-user-gesture-required",
            "--disable-background-timer-throttling",
            "--disable-renderer-backgrounding",
            "--disable-backgrounding-occluded-windows",
            "--disable-hang-monitor",
            // The CPU draws everything, WebGL too: without the second switch, a page gets no WebGL context. The switch
            // is called unsafe because the drawing is then not separate from the GPU process. The page's code stays in
            // its sandbox.
            "--disable-gpu",
            "--enable-unsafe-swiftshader",
            // AutomationControlled: navigator.webdriver is false, because some meetings turn away a browser that says
            // true. WebAuth: pages learn that there are no security keys.
            "--disable-blink-features=AutomationControlled,WebAuth",
            // Allow only the page's own traffic.
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
            "--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication,CertificateTransparencyComponentUpdater,"
                + "InterestFeedContentSuggestions,DialMediaRouteProvider,GlobalMediaControls,HardwareMediaKeyHandling,MediaSessionService,"
                + "CalculateNativeWinOcclusion"
                // A page may show the browser's own payment window once without a click.
                + ",WebPayments"
                // Chromium's own way is to tell pages names of mDNS in place of addresses.
                + (setting.LocalPeers ? ",WebRtcHideLocalIpsWithMdns" : "")
        );
        if (!setting.PeerUdp)
        {
            arguments.Add("--webrtc-ip-handling-policy=disable_non_proxied_udp");
        }
        if (!setting.Sandboxed)
        {
            // --test-type removes the bar that warns about the missing sandbox.
            arguments.AddRange("--no-sandbox", "--test-type");
        }
        if (setting.SmallSharedMemory)
        {
            arguments.Add("--disable-dev-shm-usage");
        }
        if (setting.MayClose)
        {
            // Otherwise only windows that a script has opened may be closed by a script, and the recorder opens this
            // one.
            arguments.Add("--blink-settings=allowScriptsToCloseWindows=true");
        }
        arguments.AddRange(setting.Road);
        arguments.AddRange(setting.OfPage);
        arguments.Add("about:blank");
        return arguments.ToImmutable();
    }
}
