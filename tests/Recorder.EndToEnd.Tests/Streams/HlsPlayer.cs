using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Recorder.EndToEnd.Tests.Streams;

/// <summary>A page that plays a session's live playlist with hls.js, from its beginning and full-screen: of another
/// origin than the node, as a site's player is.</summary>
internal sealed class HlsPlayer : IAsyncDisposable
{
    private const string Page = """
        <!doctype html><title>player</title><style>html,body{margin:0;background:#000;overflow:hidden}video{width:100vw;height:100vh;object-fit:fill}</style>
        <video muted autoplay playsinline></video><script src="/hls.js"></script><script>
        const video = document.querySelector('video'), hls = new Hls({ startPosition: 0 });
        hls.loadSource('PLAYLIST'); hls.attachMedia(video);
        video.ontimeupdate = () => navigator.sendBeacon('/played', String(video.currentTime));
        </script>
        """;

    private readonly WebApplication _application;

    private double _playedSeconds;

    private HlsPlayer(WebApplication application) => this._application = application;

    /// <summary>Where <c>deploy/install-dependencies --test</c> puts hls.js.</summary>
    public static string Library { get; } =
        Path.GetFullPath(
            Path.Combine(
                Path.GetDirectoryName(
                    typeof(RecorderNode)
                        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                        .Single(data => data.Key == "RecorderExecutable")
                        .Value
                )!,
                "../../../../../artifacts/player/node_modules/hls.js/dist/hls.min.js"
            )
        );

    public Uri Address => new(_application.Urls.Single());

    /// <summary>The player's origin, which the node has to allow.</summary>
    public string Origin => Address.GetLeftPart(UriPartial.Authority);

    /// <summary>What is played by whoever opens the page from now on.</summary>
    public Uri? Playlist { get; set; }

    /// <summary>How far into the playlist the player has come.</summary>
    public TimeSpan Played => TimeSpan.FromSeconds(Volatile.Read(ref _playedSeconds));

    public static async Task<HlsPlayer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var player = new HlsPlayer(application);
        application.MapGet(
            "/",
            () =>
                Results.Content(
                    Page.Replace("PLAYLIST", player.Playlist?.ToString(), StringComparison.Ordinal),
                    "text/html"
                )
        );
        application.MapPost(
            "/played",
            async (HttpRequest request) =>
            {
                using var reader = new StreamReader(request.Body);
                var told = await reader.ReadToEndAsync();
                Volatile.Write(ref player._playedSeconds, double.Parse(told, CultureInfo.InvariantCulture));
            }
        );
        application.MapGet("/hls.js", () => Results.File(Library, "text/javascript"));
        await application.StartAsync();
        return player;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}

/// <summary>A fact that needs hls.js; skipped where npm could not bring it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithPlayerAttribute : FactAttribute
{
    public FactWithPlayerAttribute()
    {
        if (!File.Exists(HlsPlayer.Library))
        {
            Skip =
                $"hls.js is not at {HlsPlayer.Library}: deploy/install-dependencies --test could not bring it with npm.";
        }
    }
}
