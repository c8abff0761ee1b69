using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Recorder.Node.Tests.Browsing;

/// <summary>A small web server with the pages of a test.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private PageServer(WebApplication app) => _app = app;

    /// <summary>How often <c>/page</c>, or <c>/never</c>, which takes the connection and never answers, was asked for.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The address of a page.</summary>
    public Uri this[string path] => new(new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), path);

    public static async Task<PageServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new PageServer(builder.Build());
        server.Map();
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }

    private void Map()
    {
        Page("/page", "<h1>page</h1>");
        Page("/red", "<style>html{background:#ff0000}</style>");
        Page("/tall", "<style>html{background:#ff0000} body{height:300vh; width:300vw; margin:0}</style>");
        Page("/image", "<h1>page</h1><img src='/never'>");
        Page("/alert", "<h1>page</h1><script>alert('one'); confirm('two'); prompt('three'); window.onbeforeunload = () => 'stay';</script>");
        Page("/popup", "<style>html{background:#ff0000}</style><script>window.open('/page'); fetch('/page');</script><iframe src='/file' style='border:0'></iframe>");
        Page("/hang", "<h1>page</h1><script>if (!localStorage.hung) { localStorage.hung = 1; setTimeout(() => { while (true) {} }, 1500); }</script>");
        _app.MapGet("/missing", () => Results.Text("<h1>gone</h1>", "text/html", statusCode: 404));
        _app.MapGet("/file", () => Results.Bytes(new byte[1 << 20], "application/octet-stream", "file.bin"));
        _app.MapGet("/never", async context =>
        {
            Interlocked.Increment(ref _requests);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
    }

    private void Page(string path, string body) => _app.MapGet(path, () =>
    {
        if (path == "/page")
            Interlocked.Increment(ref _requests);
        return Results.Content($"<!doctype html><title>{path}</title>{body}", "text/html");
    });
}
