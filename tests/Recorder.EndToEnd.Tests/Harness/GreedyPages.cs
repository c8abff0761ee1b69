using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Recorder.EndToEnd.Tests.Harness;

/// <summary>Pages that begin to take when the test says so. Each stops by itself: after 2.4 GB of memory, 600 threads,
/// 500 MB of disk, or 6 s.</summary>
internal sealed class GreedyPages : IAsyncDisposable
{
    private const string Memory =
        "const timer = setInterval(() => kept.push(new Uint8Array(2e7).fill(7)) < 120 || clearInterval(timer), 50)";

    private const string Threads =
        "const timer = setInterval(() => kept.push(new Worker('data:text/javascript,')) < 600 || clearInterval(timer), 20)";

    private const string Disk = """
        const bytes = new Uint8Array(2e6);
        for (let at = 0; at < 2e6; at += 65536) crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65536, 2e6)));
        caches.open('a').then(async cache => {
            for (let n = 0; n < 250; n++) await cache.put('/' + n, new Response(bytes));
        })
        """;

    private const string Flood = """
        const shader = (gl, kind, text) => { const s = gl.createShader(kind); gl.shaderSource(s, text); gl.compileShader(s); return s; };
        const end = performance.now() + 6000;
        for (let n = 0; n < 8; n++) {
            const gl = new OffscreenCanvas(512, 512).getContext('webgl');
            if (!gl) continue;
            const program = gl.createProgram();
            gl.attachShader(program, shader(gl, gl.VERTEX_SHADER, 'attribute vec2 p; void main() { gl_Position = vec4(p, 0, 1); }'));
            gl.attachShader(program, shader(gl, gl.FRAGMENT_SHADER,
                'precision highp float; void main() { float a = 0.; for (int i = 0; i < 200; i++) a += sin(a + gl_FragCoord.x); gl_FragColor = vec4(a); }'));
            gl.linkProgram(program); gl.useProgram(program);
            gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
            gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 3, -1, -1, 3]), gl.STATIC_DRAW);
            gl.enableVertexAttribArray(0); gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
            kept.push(gl);
        }
        const canvas = document.body.appendChild(document.createElement('canvas'));
        canvas.width = canvas.height = 2000;
        const drawn = canvas.getContext('2d');
        const flood = () => {
            for (const gl of kept) gl.drawArrays(gl.TRIANGLES, 0, 3);
            for (let n = 0; n < 200; n++) { drawn.fillStyle = `rgb(${n},0,0)`; drawn.fillRect(n, n, 2000, 2000); console.log('flood', n); }
            for (let n = 0; n < 20; n++) fetch('/nothing').catch(() => {});
            if (performance.now() < end) setTimeout(flood);
        };
        flood()
        """;

    private readonly WebApplication _application;
    private readonly SemaphoreSlim _go = new(0);

    private GreedyPages(WebApplication application) => _application = application;

    /// <summary>The page that takes what the name says: memory, threads, disk, or flood.</summary>
    /// <param name="name">The page's name.</param>
    public Uri this[string name] => new(new Uri(_application.Urls.Single()), "/" + name);

    /// <summary>Lets the page that waits begin.</summary>
    public void Go() => _go.Release();

    public static async Task<GreedyPages> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var pages = new GreedyPages(application);
        application.MapGet("/go", (HttpContext context) => pages._go.WaitAsync(context.RequestAborted));
        foreach (
            var (name, script) in new[]
            {
                ("memory", Memory),
                ("threads", Threads),
                ("disk", Disk),
                ("flood", Flood),
            }
        )
        {
            var page =
                $"<!doctype html><title>{name}</title><body><script>const kept = []; fetch('/go').then(() => {{ {script} }})</script>";
            application.MapGet("/" + name, () => Results.Content(page, "text/html"));
        }
        await application.StartAsync();
        return pages;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _go.Dispose();
    }
}
