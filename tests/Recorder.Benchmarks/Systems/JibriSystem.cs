using System.Globalization;
using Recorder.Benchmarks.Processes;

namespace Recorder.Benchmarks.Systems;

/// <summary>
/// Jibri's way: ffmpeg with x11grab. The line is <c>command-linux-recording</c> of
/// <c>src/main/resources/reference.conf</c> in jitsi/jibri at 62369d55 (August 2026). Where this machine asks for
/// something else: 25 frames/s, as all systems here record, for Jibri's default of 30; PulseAudio for sound, as
/// docker-jitsi-meet's <c>jibri.conf</c> configures it, for the ALSA loopback of the Debian package, which needs a
/// kernel module; a plain Xvfb for Xorg with the dummy driver; no icewm, whose one act, to maximise the window, is done
/// once at the start. Its records are not held to a bit rate but to <c>-crf 25</c>; that is left as it is.
/// </summary>
/// <param name="encoding">The video options that changed in 2025.</param>
internal sealed class JibriSystem(JibriEncoding encoding) : PeerSystem
{
    /// <inheritdoc />
    public override string Name => encoding.Name;

    /// <inheritdoc />
    protected override string SinkModule => "module-null-sink sink_name=jibri";

    /// <summary>Jibri runs as the user <c>jibri</c> and sets no <c>--no-sandbox</c>.</summary>
    protected override bool Sandbox => true;

    /// <summary>icewm.</summary>
    protected override bool WindowManager => true;

    /// <inheritdoc />
    protected override IReadOnlyList<string> DisplayArguments(RecordingFormat format) =>
        ["-screen", "0", $"{format.Width}x{format.Height}x24", "-ac", "-nolisten", "tcp"];

    /// <summary>
    /// <c>jibri.chrome.flags</c> of the same file, then what chromedriver adds (<c>kCommonSwitches</c> and
    /// <c>kDesktopSwitches</c> of Chromium's <c>chrome/test/chromedriver/chrome_launcher.cc</c>; without
    /// <c>enable-automation</c>, whose bar Jibri's installation hides by policy), then the size, which its window
    /// manager would give.
    /// </summary>
    protected override IReadOnlyList<string> BrowserArguments(RecordingFormat format) =>
        [
            "--use-fake-ui-for-media-stream",
            "--start-maximized",
            "--kiosk",
            "--enabled",
            "--autoplay-policy=no-user-gesture-required",
            "--disable-popup-blocking",
            "--allow-pre-commit-input",
            "--disable-hang-monitor",
            "--disable-prompt-on-repost",
            "--disable-sync",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-client-side-phishing-detection",
            "--disable-default-apps",
            "--log-level=0",
            "--password-store=basic",
            "--use-mock-keychain",
            "--test-type=webdriver",
            "--no-service-autorun",
            "--window-position=0,0",
            $"--window-size={format.Width},{format.Height}",
        ];

    /// <inheritdoc />
    protected override (string Executable, IReadOnlyList<string> Arguments) CaptureLine(
        RecordingFormat format,
        string display,
        string record
    )
    {
        var rate = format.FrameRate.ToString(CultureInfo.InvariantCulture);
        return (
            "ffmpeg",
            [
                "-y",
                "-v",
                "info",
                "-f",
                "x11grab",
                "-draw_mouse",
                "0",
                "-r",
                rate,
                "-s",
                $"{format.Width}x{format.Height}",
                "-thread_queue_size",
                "4096",
                "-i",
                $"{display}.0+0,0",
                "-f",
                "pulse",
                "-thread_queue_size",
                "4096",
                "-i",
                "default",
                "-acodec",
                "aac",
                "-strict",
                "-2",
                "-ar",
                "44100",
                "-b:a",
                "128k",
                "-af",
                "aresample=async=1",
                "-c:v",
                "libx264",
                "-pix_fmt",
                "yuv420p",
                "-r",
                rate,
                "-crf",
                "25",
                .. encoding.Options,
                "-profile:v",
                "main",
                "-level",
                "3.1",
                "-timestamp",
                "now",
                "-f",
                "mp4",
                record,
            ]
        );
    }

    /// <summary>ffmpeg ends on the key q, which Jibri sends it.</summary>
    protected override async Task EndCaptureAsync(ChildProcess capture)
    {
        await capture.Input.WriteAsync('q');
        await capture.Input.FlushAsync();
    }
}

/// <summary>Jibri's encoder options for a file.</summary>
/// <param name="Name">Of the system.</param>
/// <param name="Options">ffmpeg's.</param>
internal sealed record JibriEncoding(string Name, IReadOnlyList<string> Options)
{
    /// <summary><c>video-params-recording</c> as it is today.</summary>
    public static JibriEncoding Today { get; } = new("jibri", ["-preset", "ultrafast"]);

    /// <summary>As it was until jitsi/jibri 3325e37 (February 2025); installations of that age record so.</summary>
    public static JibriEncoding Until2025 { get; } =
        new("jibri-2024", ["-preset", "veryfast", "-tune", "zerolatency", "-g", "60"]);
}
