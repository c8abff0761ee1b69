using System.Globalization;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Recorder.ReferencePages;

/// <summary>
/// Serves the pages that tests and benchmarks record, on a free port. Every page fills the window and has no scroll
/// bars. When its media runs, a page sets the title <c>playing</c> and <c>window.startedPlaying</c> (milliseconds since
/// the page's time origin).
/// </summary>
public sealed class ReferencePageServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly TaskCompletionSource _written;
    private readonly Channel<string> _reports;

    private ReferencePageServer(
        WebApplication application,
        Uri address,
        ReferenceClip? clip,
        TaskCompletionSource written,
        Channel<string> reports
    ) =>
        (this._application, Address, Clip, this._written, this._reports) = (
            application,
            address,
            clip,
            written,
            reports
        );

    /// <summary>Such as <c>http://127.0.0.1:41234/</c>.</summary>
    public Uri Address { get; }

    /// <summary>The clip that <c>/reference</c> plays; null where the server was started without one.</summary>
    public ReferenceClip? Clip { get; }

    /// <summary>The clip, full-screen, with its sound, in a loop. 404 where the server has no clip.</summary>
    public Uri Reference => At("reference");

    /// <summary>Several elements that move, turn and fade without pause, by CSS; no video, no sound.</summary>
    public Uri Animated => At("animated");

    /// <summary>A page that never changes and makes no sound.</summary>
    public Uri Silent => At("silent");

    /// <summary>A document that loads, with an image whose answer never comes: its load event does not fire.</summary>
    public Uri HangingResource => At("hanging-resource");

    /// <summary>Shows an alert, a confirm and a prompt while it loads, and asks before it is left.</summary>
    public Uri Dialog => At("dialog");

    /// <summary>Accepts the request and never answers.</summary>
    public Uri Never => At("never");

    /// <summary>Redirects to itself for ever.</summary>
    public Uri RedirectLoop => At("redirect-loop");

    /// <summary>
    /// A meeting inside one page: each participant's camera is a canvas with the barcode and the flash, its microphone
    /// an oscillator; both reach the picture and the loudspeaker only through an RTCPeerConnection (VP8, Opus).
    /// </summary>
    /// <param name="peers">2: one remote participant fills the page. 3: three participants in a grid
    /// (<see cref="PictureRegion.GridTile"/>).</param>
    /// <param name="width">Of each participant's picture, pixels.</param>
    /// <param name="height">Of each participant's picture, pixels.</param>
    /// <param name="frameRate">Of each participant's picture, frames a second.</param>
    public Uri WebRtc(int peers = 2, int width = 1280, int height = 720, int frameRate = 25)
    {
        if (peers is not (2 or 3))
        {
            throw new ArgumentOutOfRangeException(nameof(peers), peers, "The page knows 2 or 3 peers.");
        }
        return At(
            string.Create(
                CultureInfo.InvariantCulture,
                $"webrtc?peers={peers}&width={width}&height={height}&fps={frameRate}"
            )
        );
    }

    /// <summary>
    /// The time of day as a barcode: the number is the milliseconds since 1970 times <paramref name="pictures"/> /
    /// 1000, rounded down, modulo <see cref="FrameBarcode.Modulus"/>. No sound. Every browser of a host shows the same
    /// number at the same moment, and goes on without the server.
    /// </summary>
    /// <param name="pictures">Different pictures a second.</param>
    public Uri Clock(int pictures) => At(string.Create(CultureInfo.InvariantCulture, $"clock?fps={pictures}"));

    /// <summary>
    /// The time of day as in <see cref="Clock"/>; from the fourth second on the page writes to its console, 1 kB a
    /// line, and makes a request with every hundredth line.
    /// </summary>
    /// <param name="pictures">Different pictures a second.</param>
    /// <param name="lines">How many lines.</param>
    /// <param name="within">Within how many seconds.</param>
    public Uri ChattyClock(int pictures, int lines, int within) =>
        At(string.Create(CultureInfo.InvariantCulture, $"clock?fps={pictures}&lines={lines}&within={within}"));

    /// <summary>Completes when a <see cref="ChattyClock"/> has written its last line.</summary>
    public Task Written => _written.Task;

    /// <summary>A page whose script never ends, so that it answers nothing.</summary>
    public Uri Spins => At("spins");

    /// <summary>A page that leads to an address that no browser opens, as soon as it is there.</summary>
    public Uri LeadsNowhere => At("leads-nowhere");

    /// <summary>Steady tones, see <see cref="ToneBreaks.OfThePage"/>, one that rises slowly, and a picture that stands
    /// still.</summary>
    public Uri Tone => At("tone");

    /// <summary>A meeting in small: lobby, beginning and end at given seconds; the page itself says what there
    /// is.</summary>
    /// <param name="times">The parameters, such as <c>lobby=2&amp;begin=3</c>.</param>
    public Uri Meeting(string times) => At("meeting?" + times);

    /// <summary>A meeting's door: a bar with a question, a name, a list and a button. With <c>silent</c>, the page asks
    /// for no camera. With <c>user</c>, the page wants the user <c>recorder</c> and the password <c>let me
    /// in</c>.</summary>
    /// <param name="query">The parameters, or nothing.</param>
    public Uri Door(string query = "") => At("door?" + query);

    /// <summary>A page that behaves as the client of a kind of meeting does, in the points that the profile of that
    /// name
    /// uses.</summary>
    /// <param name="profile">The name of the profile.</param>
    /// <param name="times">The parameters of the page, such as <c>lobby=1&amp;over=4</c>.</param>
    public Uri Client(string profile, string times) => At($"client/{profile}/room?{times}");

    /// <summary>What the pages of <see cref="Door"/> and <see cref="Client"/> have seen once they were entered, in
    /// JSON.</summary>
    public ChannelReader<string> Reports => _reports.Reader;

    /// <summary>One plain colour.</summary>
    public Uri Color(byte red, byte green, byte blue) => At($"color?rgb={red:x2}{green:x2}{blue:x2}");

    /// <summary>Answers with this status, 200–599, and, where the status allows a body, a short HTML
    /// document.</summary>
    public Uri Status(int code) => At(string.Create(CultureInfo.InvariantCulture, $"status/{code}"));

    /// <summary>Starts the server.</summary>
    /// <param name="clip">What <c>/reference</c> plays.</param>
    /// <param name="host">The address of this machine to serve on.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static async Task<ReferencePageServer> StartAsync(
        ReferenceClip? clip = null,
        string host = "127.0.0.1",
        CancellationToken cancellationToken = default
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://{host}:0");
        // Requests that are never answered must not hold up the end of a test.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Services.AddSingleton<IHostLifetime, GuestLifetime>();
        var application = builder.Build();
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reports = Channel.CreateUnbounded<string>();
        Map(application, clip, written);
        DoorPage.Map(application, reports.Writer);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        return new ReferencePageServer(application, new Uri(application.Urls.Single()), clip, written, reports);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private Uri At(string path) => new(Address, path);

    private static void Map(WebApplication application, ReferenceClip? clip, TaskCompletionSource written)
    {
        foreach (var page in new[] { "animated", "webrtc", "silent", "color", "clock", "dialog", "tone", "meeting" })
        {
            application.MapGet($"/{page}", () => Page(page));
        }

        application.MapGet("/client/{kind}/{place}", () => Page("client"));
        if (clip is not null)
        {
            application.MapGet("/reference", () => Page("reference"));
            application.MapGet("/clip.mp4", () => Results.File(clip.Path, "video/mp4", enableRangeProcessing: true));
        }

        application.MapGet("/hanging-resource", () => Page("hanging-resource"));
        application.MapGet("/never", NeverAnswerAsync);
        application.MapGet("/redirect-loop", () => Results.Redirect("/redirect-loop"));
        application.MapGet(
            "/status/{code:int:range(200,599)}",
            (int code) =>
                code is 204 or 205 or 304
                    ? Results.StatusCode(code)
                    : Results.Text(
                        $"<!doctype html><title>{code}</title><h1>Status {code}</h1>",
                        "text/html",
                        statusCode: code
                    )
        );
        application.MapGet("/favicon.ico", () => Results.NoContent());
        application.MapGet(
            "/written",
            () =>
            {
                written.TrySetResult();
                return Results.NoContent();
            }
        );
        foreach (
            var (path, script) in new[]
            {
                ("/spins", "while (true);"),
                ("/leads-nowhere", "location.replace('http://127.0.0.1:9/')"),
            }
        )
        {
            application.MapGet(
                path,
                () =>
                    Results.Text(
                        $"<!doctype html><title>{path}</title><h1>{path}</h1><script>{script}</script>",
                        "text/html"
                    )
            );
        }
    }

    private static IResult Page(string name) => Results.Stream(Embedded(name), "text/html; charset=utf-8");

    /// <summary>The page of a name.</summary>
    internal static Stream Embedded(string name) =>
        typeof(ReferencePageServer).Assembly.GetManifestResourceStream($"Pages.{name}.html")
        ?? throw new InvalidOperationException($"The page {name} is not embedded in the assembly.");

    private static async Task NeverAnswerAsync(HttpContext context, IHostApplicationLifetime lifetime)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted,
            lifetime.ApplicationStopping
        );
        await Task.Delay(Timeout.InfiniteTimeSpan, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.Abort();
    }

    /// <summary>
    /// The server is a guest in a test or benchmark process. The default lifetime takes SIGINT and SIGTERM for itself,
    /// and the process would no longer end by them.
    /// </summary>
    private sealed class GuestLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
