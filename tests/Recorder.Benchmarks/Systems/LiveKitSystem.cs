using Recorder.Benchmarks.Processes;
using Recorder.Harness;

namespace Recorder.Benchmarks.Systems;

/// <summary>
/// LiveKit egress' way for a web page to a file, from livekit/egress at e948d1eb (August 2026). Display, sink and
/// Chromium come from <c>pkg/pipeline/source/web.go</c>. The elements come from
/// <c>pkg/pipeline/builder/{video,audio,file}.go</c>, with the queues of <c>pkg/gstreamer/builder.go</c>. The defaults
/// come from <c>pkg/config/{pipeline,service}.go</c>: 3 s of queue, main profile, AAC 128 kbit/s at 44.1 kHz. Size,
/// rate and bit rate are as LiveKit's "advanced" options would set them. gst-launch-1.0 runs the pipeline on this
/// machine's GStreamer. LiveKit has GStreamer 1.24 and encodes AAC with <c>faac</c>. Debian has no <c>faac</c>, so
/// <c>avenc_aac</c> stands in.
/// </summary>
internal sealed class LiveKitSystem : PeerSystem
{
    private const string Sink = "egress";

    /// <summary><c>BuildQueue</c> with <c>defaultPipelineLatency</c>.</summary>
    private static readonly string[] Queue =
    [
        "queue",
        "max-size-time=3000000000",
        "max-size-bytes=0",
        "max-size-buffers=0",
    ];

    /// <summary>The same for a live source.</summary>
    private static readonly string[] LeakyQueue = [.. Queue, "leaky=downstream"];

    /// <inheritdoc />
    public override string Name => "livekit";

    /// <inheritdoc />
    protected override string SinkModule =>
        $"module-null-sink sink_name={Sink} sink_properties=device.description={Sink}";

    /// <summary><c>enable_chrome_sandbox</c> is false by default.</summary>
    protected override bool Sandbox => false;

    /// <summary>There is none in its image.</summary>
    protected override bool WindowManager => false;

    /// <inheritdoc />
    protected override IReadOnlyList<string> DisplayArguments(RecordingFormat format) =>
        ["-screen", "0", $"{format.Width}x{format.Height}x24", "-ac", "-nolisten", "tcp", "-nolisten", "unix"];

    /// <inheritdoc />
    protected override IReadOnlyList<string> BrowserArguments(RecordingFormat format) =>
        [
            "--no-first-run",
            "--no-default-browser-check",
            "--disable-gpu",
            "--disable-infobars",
            "--excludeSwitches=enable-automation",
            "--disable-background-networking",
            "--enable-features=NetworkService,NetworkServiceInProcess",
            "--disable-background-timer-throttling",
            "--disable-backgrounding-occluded-windows",
            "--disable-breakpad",
            "--disable-client-side-phishing-detection",
            "--disable-default-apps",
            "--disable-dev-shm-usage",
            "--disable-extensions",
            "--disable-features=AudioServiceOutOfProcess,site-per-process,Translate,TranslateUI,BlinkGenPropertyTrees",
            "--disable-hang-monitor",
            "--disable-ipc-flooding-protection",
            "--disable-popup-blocking",
            "--disable-prompt-on-repost",
            "--disable-renderer-backgrounding",
            "--disable-sync",
            "--force-color-profile=srgb",
            "--metrics-recording-only",
            "--safebrowsing-disable-auto-update",
            "--password-store=basic",
            "--use-mock-keychain",
            "--kiosk",
            "--disable-translate",
            "--autoplay-policy=no-user-gesture-required",
            "--window-position=0,0",
            $"--window-size={format.Width},{format.Height}",
            // Beyond theirs: Debian's Chromium would say in a bar that --no-sandbox is not supported.
            "--test-type",
        ];

    /// <inheritdoc />
    protected override (string Executable, IReadOnlyList<string> Arguments) CaptureLine(
        RecordingFormat format,
        string display,
        string record
    ) =>
        (
            "gst-launch-1.0",
            [
                "-e",
                "ximagesrc",
                $"display-name={display}",
                "use-damage=false",
                "show-pointer=false",
                "!",
                .. LeakyQueue,
                "!",
                "videoconvert",
                "!",
                "videorate",
                "skip-to-first=true",
                "!",
                $"video/x-raw,framerate={format.FrameRate}/1",
                "!",
                "tee",
                "!",
                .. Queue,
                "!",
                "x264enc",
                "speed-preset=veryfast",
                "vbv-buf-capacity=2000",
                $"bitrate={format.VideoBitrate}",
                "!",
                "video/x-h264,profile=main,multiview-mode=mono",
                "!",
                .. LeakyQueue,
                "!",
                "mux.video_0",
                "pulsesrc",
                $"device={Sink}.monitor",
                "!",
                "audiorate",
                "skip-to-first=true",
                "tolerance=3000000",
                "!",
                .. LeakyQueue,
                "!",
                "audioconvert",
                "!",
                "audioresample",
                "!",
                "audio/x-raw,format=S16LE,layout=interleaved,rate=44100,channels=2",
                "!",
                "audioconvert",
                "!",
                "avenc_aac",
                "bitrate=128000",
                "!",
                .. LeakyQueue,
                "!",
                "mux.audio_0",
                "mp4mux",
                "name=mux",
                "!",
                "filesink",
                $"location={record}",
                "sync=false",
            ]
        );

    /// <inheritdoc />
    protected override Task EndCaptureAsync(ChildProcess capture)
    {
        Signals.Send(capture.Id, Signals.Interrupt);
        return Task.CompletedTask;
    }
}
