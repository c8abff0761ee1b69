using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Recorder.Node.Tests.Delivery.S3;

/// <summary>A small S3 store in this process, which does wrong by a script.</summary>
[SuppressMessage(
    "Security",
    "CA5351:Do Not Use Broken Cryptographic Algorithms",
    Justification = "S3 defines its tags so."
)]
internal sealed class FakeStore : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Fault> _faults = new();
    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(16);

    private FakeStore()
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
    public ConcurrentDictionary<string, (byte[] Content, string Tag, string? Hash)> Objects { get; } = new();

    /// <summary>The names of the records of objects that were sent while their record grew, by their keys.</summary>
    public ConcurrentDictionary<string, string> Records { get; } = new();

    /// <summary>The unfinished uploads by their ids.</summary>
    public ConcurrentDictionary<string, Upload> Uploads { get; } = new();

    /// <summary>How often each part of each upload was confirmed.</summary>
    public ConcurrentDictionary<(string Upload, int Part), int> Confirmed { get; } = new();

    /// <summary>How many uploads were completed.</summary>
    public int Completed { get; private set; }

    /// <summary>Whether the store encrypts with keys of a key service. Its tags look like sums and are none.</summary>
    public bool KeyService { get; set; }

    /// <summary>Whether the store makes and tells the SHA-256 of what it has, when it is sent one.</summary>
    public bool TellsSums { get; set; }

    /// <summary>Whether the credentials may only write.</summary>
    public bool WriteOnly { get; set; }

    /// <summary>The code of a refusal of every request, or null.</summary>
    public string? Always { get; set; }

    /// <summary>What stands in every message of an error.</summary>
    public string Echo { get; set; } = "By the script.";

    /// <summary>How many objects were read back.</summary>
    public int ReadBack { get; private set; }

    /// <summary>Called when a script kills the node.</summary>
    public Action Kill { get; set; } = () => { };

    /// <summary>The address.</summary>
    public string Address =>
        _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public static async Task<FakeStore> StartAsync()
    {
        var store = new FakeStore();
        await store._app.StartAsync();
        return store;
    }

    /// <summary>Lets the next requests that write go wrong, and forgets an earlier script.</summary>
    public void Script(IEnumerable<Fault> faults)
    {
        _faults.Clear();
        foreach (var fault in faults)
        {
            _faults.Enqueue(fault);
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext call)
    {
        var query = call.Request.Query;
        var key = call.Request.Path.Value![1..].Split('/', 2).ElementAtOrDefault(1) ?? "";
        var upload = query["uploadId"].ToString();
        if (KeyService)
        {
            call.Response.Headers["x-amz-server-side-encryption"] = "aws:kms";
        }
        if (Always is { } code)
        {
            await ErrorAsync(call, code == "NoSuchBucket" ? 404 : 403, code);
            return;
        }
        switch (call.Request.Method)
        {
            case "HEAD" or "GET" when WriteOnly:
                await ErrorAsync(call, 403, "AccessDenied");
                return;
            case "GET" when upload.Length == 0 && !query.ContainsKey("uploads"):
                ReadBack++;
                await call.Response.Body.WriteAsync(Objects[key].Content);
                return;
            case "HEAD":
                await HeadAsync(call, key);
                return;
            case "GET":
                await ListAsync(call, upload);
                return;
            case "DELETE":
                Uploads.TryRemove(upload, out _);
                call.Response.StatusCode = 204;
                return;
            default:
                break;
        }

        var fault = _faults.TryDequeue(out var next) ? next : Fault.None;
        var body = await BodyAsync(call, fault);
        if (body is null)
        {
            return;
        }
        switch (fault)
        {
            case Fault.Refused:
                await ErrorAsync(call, 403, "AccessDenied");
                return;
            case Fault.Broken:
                await ErrorAsync(call, 400, "BadDigest");
                return;
            case Fault.NodeKilled:
                Kill();
                call.Abort();
                return;
            default:
                break;
        }
        await CarryOutAsync(call, key, upload, body, fault);
    }

    private static async Task<byte[]?> BodyAsync(HttpContext call, Fault fault)
    {
        var body = new MemoryStream();
        if (fault == Fault.CutInTheBody)
        {
            await call.Request.Body.ReadAtLeastAsync(new byte[1000], 1000, throwOnEndOfStream: false);
            call.Abort();
            return null;
        }
        await call.Request.Body.CopyToAsync(body, call.RequestAborted);
        return body.ToArray();
    }

    private async Task CarryOutAsync(HttpContext call, string key, string upload, byte[] body, Fault fault)
    {
        if (fault == Fault.WrongBytes && body.Length > 0)
        {
            body[body.Length / 2] ^= 1;
        }
        var query = call.Request.Query;
        var answer = "";
        if (query.ContainsKey("uploads"))
        {
            var id = Guid.NewGuid().ToString("N");
            Uploads[id] = new Upload(key, call.Request.Headers["x-amz-meta-recorder-sha256"], new());
            Records[key] = call.Request.Headers["x-amz-meta-recorder-record"].ToString();
            answer =
                $"<InitiateMultipartUploadResult><Bucket>records</Bucket><Key>{key}</Key><UploadId>{id}</UploadId></InitiateMultipartUploadResult>";
        }
        else if (query.ContainsKey("partNumber"))
        {
            if (!Uploads.TryGetValue(upload, out var known))
            {
                await ErrorAsync(call, 404, "NoSuchUpload");
                return;
            }
            var number = int.Parse(query["partNumber"]!, CultureInfo.InvariantCulture);
            known.Parts[number] = body;
            if (fault != Fault.WrongBytes && fault != Fault.CutBeforeTheAnswer)
            {
                Confirmed.AddOrUpdate((upload, number), 1, (_, times) => times + 1);
            }
            call.Response.Headers.ETag = Tag(body);
            TellSum(call, body);
        }
        else if (upload.Length > 0)
        {
            if (!Uploads.TryRemove(upload, out var known))
            {
                await ErrorAsync(call, 404, "NoSuchUpload");
                return;
            }
            Completed++;
            if (fault == Fault.WrongBytes)
            {
                known.Parts.Values.First()[0] ^= 1;
            }
            var md5s = known.Parts.Values.SelectMany(MD5.HashData).ToArray();
            var tag = $"{Tag(md5s)[..^1]}-{known.Parts.Count}\"";
            Objects[key] = ([.. known.Parts.Values.SelectMany(part => part)], tag, known.Hash);
            var sums = known.Parts.Values.SelectMany(SHA256.HashData).ToArray();
            var sum = TellsSums
                ? $"<ChecksumSHA256>{Convert.ToBase64String(SHA256.HashData(sums))}-{known.Parts.Count}</ChecksumSHA256>"
                : "";
            answer =
                $"<CompleteMultipartUploadResult><Key>{key}</Key><ETag>{tag}</ETag>{sum}</CompleteMultipartUploadResult>";
        }
        else
        {
            Objects[key] = (body, Tag(body), call.Request.Headers["x-amz-meta-recorder-sha256"]);
            call.Response.Headers.ETag = Tag(body);
            TellSum(call, body);
        }
        if (fault == Fault.CutBeforeTheAnswer)
        {
            call.Abort();
            return;
        }
        await call.Response.WriteAsync(answer);
    }

    private async Task HeadAsync(HttpContext call, string key)
    {
        if (!Objects.TryGetValue(key, out var found))
        {
            call.Response.StatusCode = 404;
            return;
        }
        call.Response.ContentLength = found.Content.Length;
        call.Response.Headers.ETag = found.Tag;
        call.Response.Headers["x-amz-meta-recorder-sha256"] = found.Hash;
        if (Records.GetValueOrDefault(key) is { Length: > 0 } record)
        {
            call.Response.Headers["x-amz-meta-recorder-record"] = record;
        }
        await call.Response.CompleteAsync();
    }

    private async Task ListAsync(HttpContext call, string upload)
    {
        if (call.Request.Query.ContainsKey("uploads"))
        {
            var uploads = string.Concat(
                Uploads.Select(one => $"<Upload><Key>{one.Value.Key}</Key><UploadId>{one.Key}</UploadId></Upload>")
            );
            await call.Response.WriteAsync($"<ListMultipartUploadsResult>{uploads}</ListMultipartUploadsResult>");
            return;
        }
        if (!Uploads.TryGetValue(upload, out var known))
        {
            await ErrorAsync(call, 404, "NoSuchUpload");
            return;
        }
        var parts = string.Concat(
            known.Parts.Select(part =>
                $"<Part><PartNumber>{part.Key}</PartNumber><ETag>{Tag(part.Value)}</ETag><Size>{part.Value.Length}</Size></Part>"
            )
        );
        await call.Response.WriteAsync($"<ListPartsResult><IsTruncated>false</IsTruncated>{parts}</ListPartsResult>");
    }

    private void TellSum(HttpContext call, byte[] body)
    {
        if (TellsSums && call.Request.Headers.ContainsKey("x-amz-checksum-sha256"))
        {
            call.Response.Headers["x-amz-checksum-sha256"] = Convert.ToBase64String(SHA256.HashData(body));
        }
    }

    private Task ErrorAsync(HttpContext call, int status, string code)
    {
        call.Response.StatusCode = status;
        call.Response.ContentType = "application/xml";
        return call.Response.WriteAsync($"<Error><Code>{code}</Code><Message>{Echo}</Message></Error>");
    }

    private string Tag(byte[] content) =>
        $"\"{Convert.ToHexStringLower(MD5.HashData(KeyService ? [.. _salt, .. content] : content))}\"";

    /// <summary>An unfinished upload.</summary>
    internal sealed record Upload(string Key, string? Hash, SortedDictionaryOfParts Parts);

    /// <summary>Parts in their order; several are written at a time.</summary>
    internal sealed class SortedDictionaryOfParts : IEnumerable<KeyValuePair<int, byte[]>>
    {
        private readonly ConcurrentDictionary<int, byte[]> _parts = new();

        public int Count => _parts.Count;

        public IEnumerable<byte[]> Values => this.Select(part => part.Value);

        public byte[] this[int number]
        {
            set => _parts[number] = value;
        }

        public IEnumerator<KeyValuePair<int, byte[]>> GetEnumerator() =>
            _parts.OrderBy(part => part.Key).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
