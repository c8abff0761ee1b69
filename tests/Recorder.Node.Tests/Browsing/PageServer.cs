using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Recorder.Node.Tests.Browsing;

/// <summary>A small web server with the pages of a test.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    /// <summary>
    /// Asks for all that a browser would answer with a dialog, a bubble, a picker or another program, without a
    /// person's click; each but the last ask leaves the page where it is. When a second and a half has passed it
    /// fetches <c>/page</c>.
    /// </summary>
    private const string Asks = """
        <style>html{background:#ff0000} body{margin:0} iframe{border:0; opacity:0; position:fixed}</style><body><script>
        const asks = [
          () => print(), () => fetch('/locked'), () => frame('/locked'), () => frame('tel:1'), () => frame('magnet:?x'),
          () => navigator.mediaDevices.getDisplayMedia(), () => navigator.mediaDevices.getUserMedia({ audio: true, video: true }),
          () => navigator.credentials.get({ publicKey: { challenge: new Uint8Array(16) } }), () => navigator.credentials.get({ password: true }),
          () => navigator.credentials.create({ publicKey: { challenge: new Uint8Array(16), rp: { name: 'x' },
            user: { id: new Uint8Array(8), name: 'a', displayName: 'a' }, pubKeyCredParams: [{ type: 'public-key', alg: -7 }] } }),
          () => navigator.credentials.get({ identity: { providers: [{ configURL: location.origin + '/page', clientId: '1' }] } }),
          () => Notification.requestPermission(), () => navigator.geolocation.getCurrentPosition(() => 0), () => navigator.requestMIDIAccess({ sysex: true }),
          () => navigator.registerProtocolHandler('web+x', '/?%s'), () => queryLocalFonts(), () => getScreenDetails(), () => showOpenFilePicker(),
          () => navigator.usb.requestDevice({ filters: [] }), () => navigator.serial.requestPort(), () => navigator.hid.requestDevice({ filters: [] }),
          () => navigator.bluetooth.requestDevice({ acceptAllDevices: true }), () => document.documentElement.requestFullscreen(),
          () => document.body.requestPointerLock(), () => documentPictureInPicture.requestWindow(), () => open('/red', 'x', 'width=300,height=200'),
          () => moveTo(50, 50), () => resizeTo(300, 200), () => input('file').click(), () => input('color').showPicker(), () => input('date').showPicker(),
          () => new PaymentRequest([{ supportedMethods: 'https://localhost/p' }], { total: { label: 'x', amount: { currency: 'EUR', value: '1' } } }).show(),
          () => link('mailto:a@localhost').click(), () => link('data:text/plain,x', 'x.bin').click(), () => location = 'zoommtg://x',
        ];
        function frame(src) { document.body.append(Object.assign(document.createElement('iframe'), { src })); }
        function input(type) { const made = Object.assign(document.createElement('input'), { type }); made.style.opacity = 0; document.body.append(made); return made; }
        function link(href, download) { const made = Object.assign(document.createElement('a'), { href }); if (download) made.download = download; document.body.append(made); return made; }
        for (const ask of asks) try { const asked = ask(); if (asked && asked.catch) asked.catch(() => 0); } catch (refused) { }
        setTimeout(() => fetch('/page'), 1500);
        </script>
        """;

    /// <summary>A page that asks for what its query says when somebody clicks, and tells the result.</summary>
    private const string Clicked = """
        <style>html{background:#ff0000} body{margin:0; height:100vh} input,select,video,canvas{opacity:0; position:fixed; pointer-events:none}</style><body><script>
        const made = (name, more) => { const one = Object.assign(document.createElement(name), more); document.body.append(one); return one; };
        const closed = one => new Promise((_, refuse) => one.addEventListener('cancel', () => refuse({ name: 'cancelled' })));
        const asks = {
          file: () => { const one = made('input', { type: 'file' }); one.click(); return closed(one); },
          folder: () => { const one = made('input', { type: 'file', webkitdirectory: true }); one.click(); return closed(one); },
          open: () => showOpenFilePicker(),
          save: () => showSaveFilePicker(),
          full: () => document.documentElement.requestFullscreen(),
          lock: () => document.body.requestPointerLock(),
          window: () => documentPictureInPicture.requestWindow({ width: 300, height: 200 }),
          video: async () => {
            const canvas = made('canvas', { width: 64, height: 64 }); canvas.getContext('2d').fillRect(0, 0, 64, 64);
            const video = made('video', { muted: true, srcObject: canvas.captureStream() }); await video.play(); return video.requestPictureInPicture();
          },
          popup: () => open('/page', 'x', 'width=300,height=200') ?? Promise.reject({ name: 'none' }),
          color: () => made('input', { type: 'color' }).showPicker(), date: () => made('input', { type: 'date' }).showPicker(),
          choice: () => { const one = made('select'); one.append(new Option('a'), new Option('b')); one.showPicker(); },
          print: () => print(), screen: () => navigator.mediaDevices.getDisplayMedia({ video: true }),
        };
        const ask = location.search.slice(1), tell = how => fetch('/tell?' + ask + '=' + how);
        onclick = async () => {
          if (!navigator.userActivation.isActive) { tell('no-gesture'); return; }
          try { await asks[ask](); tell('done'); } catch (refused) { tell(refused.name); }
        };
        </script>
        """;

    /// <summary>A page that tells what it finds: of each script one character that is drawn as a missing one is
    /// drawn.</summary>
    private const string Self = """
        <script>
        function drawn(text) {
          const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 64 }), context = canvas.getContext('2d', { willReadFrequently: true });
          context.font = '40px sans-serif'; context.fillText(text, 4, 48); return context.getImageData(0, 0, 64, 64).data.join();
        }
        const missing = drawn('\u{F0123}'), boxes = [...'中語한हไবதአעعააհខລမසཀગਪ౧ಕമଓ€Ωя'].filter(one => drawn(one) === missing);
        const told = { webdriver: navigator.webdriver, notification: Notification.permission, rate: new AudioContext().sampleRate, boxes: boxes.join(''),
          webgl: !!document.createElement('canvas').getContext('webgl'), webgl2: !!document.createElement('canvas').getContext('webgl2') };
        fetch('/told?' + new URLSearchParams(told));
        </script>
        """;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _told = new();
    private readonly ConcurrentQueue<string> _targets = new();
    private readonly TaskCompletionSource<IQueryCollection> _self = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private readonly SemaphoreSlim _go = new(0);
    private int _requests;

    private PageServer(WebApplication app) => _app = app;

    /// <summary>How often <c>/page</c>, or <c>/never</c>, which takes the connection and never answers, was asked
    /// for.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Lets the page that waits for <c>/go</c>, or the first that will, go on.</summary>
    public void Go() => _go.Release();

    /// <summary>What pages have told: the query of each <c>/tell?…</c>, in the order of their coming.</summary>
    public IReadOnlyCollection<string> Told => _told;

    /// <summary>What was asked for, each as it stood in the request's first line.</summary>
    public IEnumerable<string> Targets => _targets;

    /// <summary>The address of a page, its text left as it is.</summary>
    public Uri Verbatim(string target) => new(this["/"].GetLeftPart(UriPartial.Authority) + target);

    /// <summary>What the page <c>/self</c> has told of itself.</summary>
    /// <exception cref="TimeoutException">Nothing, within 20 s.</exception>
    public Task<IQueryCollection> SelfAsync() => _self.Task.WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>The address of a page.</summary>
    public Uri this[string path] =>
        new(
            new Uri(
                _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()
            ),
            path
        );

    /// <param name="certificate">Of a server with encryption; null: without.</param>
    public static async Task<PageServer> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        if (certificate is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
            builder.WebHost.ConfigureKestrel(kestrel =>
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate))
            );
        }

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
        _app.Use(
            (context, next) =>
            {
                _targets.Enqueue(context.Features.Get<IHttpRequestFeature>()!.RawTarget);
                return next(context);
            }
        );
        Page("/asks", Asks);
        Page("/clicked", Clicked);
        Page("/self", Self);
        Page(
            "/hover",
            "<style>html{background:#ff0000} div{position:fixed; inset:0} div:hover{background:#00ff00}</style><div title='tip'></div><script>setTimeout(() => fetch('/page'), 1500)</script>"
        );
        _app.MapGet(
            "/told",
            context =>
            {
                _self.TrySetResult(context.Request.Query);
                return Task.CompletedTask;
            }
        );
        _app.MapGet(
            "/locked",
            context =>
            {
                // The name "user" and the password "pass".
                if (context.Request.Headers.Authorization == "Basic dXNlcjpwYXNz")
                {
                    return context.Response.WriteAsync("open");
                }
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"a\", Digest realm=\"a\", nonce=\"b\"";
                return Task.CompletedTask;
            }
        );
        Page("/page", "<h1>page</h1>");
        Page("/red", "<style>html{background:#ff0000}</style>");
        Page("/tall", "<style>html{background:#ff0000} body{height:300vh; width:300vw; margin:0}</style>");
        Page("/image", "<h1>page</h1><img src='/never'>");
        Page(
            "/alert",
            "<h1>page</h1><script>alert('one'); confirm('two'); prompt('three'); window.onbeforeunload = () => 'stay';</script>"
        );
        Page(
            "/popup",
            "<style>html{background:#ff0000}</style><script>window.open('/page'); fetch('/page');</script><iframe src='/file' style='border:0'></iframe>"
        );
        Page(
            "/hang",
            "<h1>page</h1><script>if (!localStorage.hung) { localStorage.hung = 1; setTimeout(() => { while (true) {} }, 1500); }</script>"
        );
        Page(
            "/gesture",
            """
            <h1>page</h1><script>
            let seen = false; const active = setInterval(() => seen ||= navigator.userActivation.isActive || navigator.userActivation.hasBeenActive, 20);
            setTimeout(() => fetch('/tell?gesture=' + seen), 2500);
            </script>
            """
        );
        Page(
            "/dialogs",
            """
            <style>html{background:#ff0000}</style><script>
            setInterval(() => alert(1), 5);
            setTimeout(() => {
              open('/page'); document.body.append(Object.assign(document.createElement('iframe'), { src: '/dialog', style: 'border:0' }));
              fetch('/tell?answers=' + [alert('a'), confirm('b'), prompt('c', 'd'), alert.name, alert.length].join('|'));
            }, 300);
            </script>
            """
        );
        Page("/dialog", "<style>html{background:#ff0000}</style><script>alert('framed')</script>");
        Page("/script", "<h1>page</h1><script src='/never'></script>");
        Page("/away", "<h1>page</h1><script>location.replace('http://127.0.0.1:9/')</script>");
        Page("/away-loaded", "<h1>page</h1><script>onload = () => location.replace('http://127.0.0.1:9/')</script>");
        Page("/away-refresh", "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'><h1>page</h1>");
        Page("/away-missing", "<h1>page</h1><script>location.href = '/missing'</script>");
        Page(
            "/away-later",
            "<h1>page</h1><script>setTimeout(() => location.replace('http://127.0.0.1:9/'), 3000)</script>"
        );
        Page(
            "/huge",
            """
            <h1>page</h1><script>
              const huge = 'x'.repeat(2e6);
              String.prototype.slice = String.prototype.substring = String.prototype.toString = () => huge;
              Array.from = Array.prototype.slice = Array.prototype.map = () => Array(50).fill(huge);
              for (let i = 0; i < 50; i++) {
                Object.defineProperty(Array.prototype, i, { set(v) { Object.defineProperty(this, i, { value: huge, enumerable: true }); } });
              }
              let asked = 0;
              Object.defineProperty(window, Symbol.for('recorder.words'), { value: {
                started: false, onStart() {},
                take: async () => { if (++asked === 20) fetch('/tell?asked'); return asked % 2 ? Array(50).fill(huge) : Promise.reject(Error(huge)); },
              } });
            </script>
            """
        );
        Page("/missing-later", "<h1>page</h1><script>setTimeout(() => location.href = '/missing', 3000)</script>");
        Page(
            "/busy",
            "<h1>page</h1><script>setTimeout(() => { for (const until = Date.now() + 3000; Date.now() < until;); fetch('/tell?over') }, 1500)</script>"
        );
        Page("/hoards-memory", "<script>const kept = []; setInterval(() => kept.push(new Uint8Array(2e7).fill(7)), 50)</script>");
        Page("/hoards-threads", "<script>const kept = []; setInterval(() => { if (kept.length < 300) kept.push(new Worker('data:text/javascript,')) }, 20)</script>");
        Page(
            "/hoards-disk",
            "<script>let n = 0; caches.open('a').then(cache => setInterval(() => { if (n < 300) cache.put('/' + n++, new Response(new Uint8Array(2e6).map((_, i) => i * i))) }, 100))</script>"
        );
        Page("/spin", "<h1>page</h1><script>while (true);</script>");
        Page("/close", "<h1>page</h1><script>close(); open('', '_self'); close(); onload = () => close();</script>");
        Page(
            "/close-later",
            "<h1>page</h1><script>fetch('/go').then(() => { close(); open('', '_self').close(); setTimeout(() => fetch('/tell?still-there'), 1500) })</script>"
        );
        _app.MapGet(
            "/go",
            context => _go.WaitAsync(context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default)
        );
        Page(
            "/bye",
            "<h1>page</h1><script>onpagehide = () => { navigator.sendBeacon('/tell?bye'); fetch('/tell?kept', { keepalive: true }); }</script>"
        );
        Page("/bye-for-ever", "<h1>page</h1><script>onpagehide = () => { while (true); }</script>");
        _app.MapMethods(
            "/tell",
            ["GET", "POST"],
            context =>
            {
                _told.Enqueue(context.Request.QueryString.Value ?? "");
                return Task.CompletedTask;
            }
        );
        _app.MapGet("/empty", () => Results.NoContent());
        _app.MapGet("/empty-error", () => Results.StatusCode(500));
        _app.MapGet(
            "/endless",
            async context =>
            {
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync(
                    "<!doctype html><style>html{background:#ff0000}</style><h1>page</h1>"
                );
                await context.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted)
                    .ContinueWith(_ => { }, TaskScheduler.Default);
            }
        );
        _app.MapGet("/missing", () => Results.Text("<h1>gone</h1>", "text/html", statusCode: 404));
        _app.MapGet("/file", () => Results.Bytes(new byte[1 << 20], "application/octet-stream", "file.bin"));
        _app.MapGet(
            "/never",
            async context =>
            {
                Interlocked.Increment(ref _requests);
                await Task.Delay(Timeout.Infinite, context.RequestAborted)
                    .ContinueWith(_ => { }, TaskScheduler.Default);
            }
        );
    }

    private void Page(string path, string body) =>
        _app.MapGet(
            path,
            () =>
            {
                if (path == "/page")
                {
                    Interlocked.Increment(ref _requests);
                }
                return Results.Content($"<!doctype html><title>{path}</title>{body}", "text/html");
            }
        );
}
