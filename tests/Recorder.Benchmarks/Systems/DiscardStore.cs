using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Recorder.Benchmarks.Systems;

/// <summary>A store that speaks as much of S3 as an upload in parts needs, and keeps nothing. The store knows the file
/// that will come, so its answers cost no sums: what is measured is the sender.</summary>
[SuppressMessage(
    "Security",
    "CA5351:Do Not Use Broken Cryptographic Algorithms",
    Justification = "S3 defines its tags so."
)]
internal sealed class DiscardStore : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<string> _sums;
    private readonly long _length;
    private readonly ConcurrentDictionary<string, string?> _objects = new();
    private readonly ConcurrentDictionary<string, string> _hashes = new();

    private readonly long _bytesPerSecond;
    private readonly Lock _lock = new();
    private long _freeAt;

    private DiscardStore(List<string> sums, long length, long bytesPerSecond)
    {
        (_sums, _length, _bytesPerSecond) = (sums, length, bytesPerSecond);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.Run(AnswerAsync);
    }

    /// <summary>Where the store answers.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>How many bytes of parts have come.</summary>
    public long Received => Interlocked.Read(ref _received);

    private long _received;

    /// <summary>Starts the store for one file.</summary>
    /// <param name="file">The file that will come.</param>
    /// <param name="partSize">The length of its parts, in bytes.</param>
    /// <param name="bytesPerSecond">The speed of the line to the store; 0: as fast as can be.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<DiscardStore> StartAsync(
        string file,
        int partSize,
        long bytesPerSecond,
        CancellationToken cancellation
    )
    {
        var sums = new List<string>();
        await using var source = File.OpenRead(file);
        var part = new byte[partSize];
        int read;
        while ((read = await source.ReadAtLeastAsync(part, partSize, throwOnEndOfStream: false, cancellation)) > 0)
        {
            sums.Add(Convert.ToHexStringLower(MD5.HashData(part.AsSpan(0, read))));
        }
        var store = new DiscardStore(sums, source.Length, bytesPerSecond);
        await store._app.StartAsync(cancellation);
        return store;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext call)
    {
        var query = call.Request.Query;
        var key = call.Request.Path.Value!;
        call.Response.ContentType = "application/xml";
        switch (call.Request.Method)
        {
            case "HEAD":
                Head(call, key);
                return;
            case "GET":
                await call.Response.WriteAsync(
                    query.ContainsKey("uploads") ? "<ListMultipartUploadsResult/>" : "<ListPartsResult/>"
                );
                return;
            case "DELETE":
                call.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            case "PUT":
                await DiscardAsync(call);
                var number = int.Parse(query["partNumber"].ToString(), CultureInfo.InvariantCulture);
                call.Response.Headers.ETag = $"\"{_sums[number - 1]}\"";
                return;
            case "POST" when query.ContainsKey("uploads"):
                _hashes[key] = call.Request.Headers["x-amz-meta-recorder-sha256"].ToString();
                await call.Response.WriteAsync(
                    "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
                );
                return;
            default:
                _objects[key] = TagOf();
                await call.Response.WriteAsync(
                    $"<CompleteMultipartUploadResult><ETag>\"{TagOf()}\"</ETag></CompleteMultipartUploadResult>"
                );
                return;
        }
    }

    private void Head(HttpContext call, string key)
    {
        if (!_objects.TryGetValue(key, out var tag))
        {
            call.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        call.Response.Headers.ETag = $"\"{tag}\"";
        call.Response.Headers["x-amz-meta-recorder-sha256"] = _hashes[key];
        call.Response.ContentLength = _length;
    }

    private async Task DiscardAsync(HttpContext call)
    {
        while (true)
        {
            var read = await call.Request.BodyReader.ReadAsync(call.RequestAborted);
            Interlocked.Add(ref _received, read.Buffer.Length);
            var wait = Line(read.Buffer.Length);
            call.Request.BodyReader.AdvanceTo(read.Buffer.End);
            if (wait > TimeSpan.FromMilliseconds(2))
            {
                await Task.Delay(wait, call.RequestAborted);
            }
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>How long the line is busy with what has come.</summary>
    private TimeSpan Line(long bytes)
    {
        if (_bytesPerSecond == 0)
        {
            return TimeSpan.Zero;
        }
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();
            _freeAt = Math.Max(now, _freeAt) + (long)((double)bytes / _bytesPerSecond * Stopwatch.Frequency);
            return Stopwatch.GetElapsedTime(now, _freeAt);
        }
    }

    private string TagOf() =>
        $"{Convert.ToHexStringLower(MD5.HashData([.. _sums.SelectMany(Convert.FromHexString)]))}-{_sums.Count}";
}
