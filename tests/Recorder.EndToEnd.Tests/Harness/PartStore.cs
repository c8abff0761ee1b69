using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Recorder.EndToEnd.Tests.Harness;

/// <summary>As much of an S3 store as uploads in parts need, and a page whose picture is noise, so that records grow
/// fast.</summary>
internal sealed class PartStore : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<int, byte[]>> _uploads = new();

    private PartStore()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder
            .WebHost.UseUrls("http://127.0.0.1:0")
            .ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>The finished objects by their keys.</summary>
    public ConcurrentDictionary<string, byte[]> Objects { get; } = new();

    public Uri Address =>
        new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>A page of noise with a tone.</summary>
    public Uri Page => new(Address, "/noise");

    public static async Task<PartStore> StartAsync()
    {
        var store = new PartStore();
        await store._app.StartAsync();
        return store;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext call)
    {
        if (call.Request.Path == "/noise")
        {
            call.Response.ContentType = "text/html";
            await call.Response.WriteAsync(Noise);
            return;
        }
        var query = call.Request.Query;
        var key = call.Request.Path.Value![1..].Split('/', 2).ElementAtOrDefault(1) ?? "";
        var id = query["uploadId"].ToString();
        var body = new MemoryStream();
        await call.Request.Body.CopyToAsync(body, call.RequestAborted);
        var answer = "";
        switch (call.Request.Method)
        {
            case "HEAD" or "GET" when id.Length == 0:
                call.Response.StatusCode = 404;
                return;
            case "GET":
                answer = string.Concat(
                    _uploads[id]
                        .OrderBy(part => part.Key)
                        .Select(part =>
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"<Part><PartNumber>{part.Key}</PartNumber><ETag>{Tag(part.Value)}</ETag><Size>{part.Value.Length}</Size></Part>"
                            )
                        )
                );
                answer = $"<ListPartsResult><IsTruncated>false</IsTruncated>{answer}</ListPartsResult>";
                break;
            case "POST" when query.ContainsKey("uploads"):
                id = Guid.NewGuid().ToString("N");
                _uploads[id] = new();
                answer = $"<InitiateMultipartUploadResult><Key>{key}</Key><UploadId>{id}</UploadId></InitiateMultipartUploadResult>";
                break;
            case "POST":
                Objects[key] = [.. _uploads[id].OrderBy(part => part.Key).SelectMany(part => part.Value)];
                answer = $"<CompleteMultipartUploadResult><Key>{key}</Key><ETag>\"none\"</ETag></CompleteMultipartUploadResult>";
                break;
            case "PUT" when id.Length > 0:
                _uploads[id][int.Parse(query["partNumber"]!, CultureInfo.InvariantCulture)] = body.ToArray();
                call.Response.Headers.ETag = Tag(body.ToArray());
                break;
            case "PUT":
                Objects[key] = body.ToArray();
                call.Response.Headers.ETag = Tag(body.ToArray());
                break;
            default:
                call.Response.StatusCode = 204;
                return;
        }
        await call.Response.WriteAsync(answer);
    }

#pragma warning disable CA5351 // S3 defines its tags so.
    private static string Tag(byte[] content) => $"\"{Convert.ToHexStringLower(MD5.HashData(content))}\"";
#pragma warning restore CA5351

    private const string Noise = """
        <!doctype html><title>Noise</title><body style="margin:0"><canvas id="c" width="320" height="180" style="width:100vw;height:100vh;image-rendering:pixelated"></canvas>
        <script>
        const context = c.getContext("2d"), image = context.createImageData(320, 180), words = new Uint32Array(image.data.buffer);
        setInterval(() => { for (let i = 0; i < words.length; i++) words[i] = Math.random() * 0xffffff | 0xff000000; context.putImageData(image, 0, 0); }, 66);
        </script>
        """;
}
