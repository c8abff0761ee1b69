using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Recorder.EndToEnd.Tests.Harness;

/// <summary>A page of one colour that asks, in a loop, for everything by which a browser shows a window of its own. It
/// tells each round.</summary>
internal sealed class HostilePage : IAsyncDisposable
{
    /// <summary>The colour of the whole page: red, green, blue.</summary>
    public static readonly (byte Red, byte Green, byte Blue) Color = (0x20, 0x40, 0x80);

    private const string Script = """
        const attempts = {
            capture: () => navigator.mediaDevices.getDisplayMedia({ video: true }),
            camera: () => navigator.mediaDevices.getUserMedia({ video: true, audio: true }),
            print: () => window.print(),
            open: () => showOpenFilePicker(),
            save: () => showSaveFilePicker(),
            folder: () => showDirectoryPicker(),
            file: () => input('file').click(),
            date: () => input('date').showPicker(),
            colour: () => input('color').click(),
            choice: () => document.querySelector('select').showPicker(),
            download: () => link('data:application/octet-stream,x', 'x.bin').click(),
            usb: () => navigator.usb.requestDevice({ filters: [] }),
            hid: () => navigator.hid.requestDevice({ filters: [] }),
            serial: () => navigator.serial.requestPort(),
            bluetooth: () => navigator.bluetooth.requestDevice({ acceptAllDevices: true }),
            midi: () => navigator.requestMIDIAccess({ sysex: true }),
            passkey: () => navigator.credentials.get({ publicKey: { challenge: new Uint8Array(32) } }),
            newPasskey: () => navigator.credentials.create({ publicKey: { challenge: new Uint8Array(32), rp: { name: 'r' },
                user: { id: new Uint8Array(8), name: 'u', displayName: 'u' }, pubKeyCredParams: [{ type: 'public-key', alg: -7 }] } }),
            password: () => navigator.credentials.store(new PasswordCredential({ id: 'a', password: 'b' })),
            identity: () => navigator.credentials.get({ identity: { providers: [{ configURL: location.origin + '/config', clientId: '1' }] } }),
            payment: () => new PaymentRequest([{ supportedMethods: location.origin + '/pay' }],
                { total: { label: 't', amount: { currency: 'EUR', value: '1.00' } } }).show(),
            protocol: () => navigator.registerProtocolHandler('web+hostile', location.origin + '/?%s'),
            otherProgram: () => frame('mailto:somebody@example.org'),
            thirdProgram: () => frame('hostile-program://run'),
            installation: () => window.dispatchEvent(new Event('beforeinstallprompt')),
            clipboard: () => navigator.clipboard.read(),
            clipboardText: () => navigator.clipboard.writeText('x'),
            fonts: () => queryLocalFonts(),
            idle: () => IdleDetector.requestPermission(),
            keyboard: () => navigator.keyboard.lock(),
            pointer: () => document.body.requestPointerLock(),
            fullscreen: () => document.documentElement.requestFullscreen(),
            leaveFullscreen: () => document.exitFullscreen(),
            screens: () => getScreenDetails(),
            notification: () => Notification.requestPermission(),
            place: () => navigator.geolocation.getCurrentPosition(() => {}, () => {}),
            share: () => navigator.share({ title: 'x', url: location.href }),
            dropper: () => new EyeDropper().open(),
            pictureInPicture: () => documentPictureInPicture.requestWindow(),
            speech: () => new webkitSpeechRecognition().start(),
            storage: () => navigator.storage.persist(),
            popup: () => window.open('/page', '', 'popup,width=300,height=200'),
            tab: () => window.open('/page'),
            alert: () => alert('hostile'),
            confirm: () => confirm('hostile'),
            prompt: () => prompt('hostile'),
            name: () => fetch('/name'),
            namedFrame: () => frame('/name'),
            find: () => window.find('hostile', false, false, true, false, true, true),
            away: () => { window.onbeforeunload = () => 'stay'; location.href = 'hostile:away'; },
            move: () => { window.moveTo(100, 100); window.resizeTo(200, 200); },
        };
        const input = type => Object.assign(document.querySelector('input'), { type });
        const link = (href, download) => Object.assign(document.createElement('a'), { href, download });
        const frame = src => { const f = document.querySelector('iframe'); f.src = src; };
        addEventListener('beforeinstallprompt', event => event.prompt?.());
        (async () => {
            for (let round = 1; ; round++) {
                const names = [];
                for (const [name, attempt] of Object.entries(attempts)) {
                    // What hangs is left behind.
                    await Promise.race([
                        Promise.resolve().then(attempt).then(() => names.push(name), () => {}),
                        new Promise(end => setTimeout(end, 50))]);
                }
                await fetch('/round?granted=' + names.join());
            }
        })();
        """;

    private readonly WebApplication _application;
    private readonly ConcurrentQueue<string> _rounds = new();

    private HostilePage(WebApplication application) => _application = application;

    /// <summary>The page.</summary>
    public Uri Address => new(new Uri(_application.Urls.Single()), "/page");

    /// <summary>What the page got in each round, in the page's own names.</summary>
    public IReadOnlyCollection<string> Rounds => _rounds;

    public static async Task<HostilePage> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var page = new HostilePage(application);
        var document = FormattableString.Invariant(
            $"<!doctype html><title>hostile</title><link rel=manifest href=/manifest><style>html,body{{margin:0;height:100%;background:#{Color.Red:x2}{Color.Green:x2}{Color.Blue:x2}}}input,select,iframe,a{{position:fixed;left:-999px}}</style><body><input><select><option>a<option>b</select><iframe></iframe><script>{Script}</script>"
        );
        application.MapGet("/page", () => Results.Content(document, "text/html"));
        application.MapGet(
            "/round",
            (string granted) =>
            {
                page._rounds.Enqueue(granted);
                return Results.Ok();
            }
        );
        application.MapGet(
            "/manifest",
            () => Results.Json(new { name = "hostile", start_url = "/page", display = "standalone" })
        );
        application.MapGet(
            "/name",
            (HttpContext context) =>
            {
                context.Response.Headers.WWWAuthenticate = "Basic realm=\"hostile\"";
                return Results.StatusCode(401);
            }
        );
        await application.StartAsync();
        return page;
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();
}
