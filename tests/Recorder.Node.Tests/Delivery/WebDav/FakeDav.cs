using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Recorder.Node.Tests.Delivery.WebDav;

/// <summary>A small WebDAV server in this process, with Nextcloud's uploads, which does wrong by a script.</summary>
internal sealed class FakeDav : IAsyncDisposable
{
    private const string Uploads = "/remote.php/dav/uploads/recorder/";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Fault> _faults = new();

    private FakeDav()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder
            .WebHost.UseUrls("http://127.0.0.1:0")
            .ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>The files by their paths.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    /// <summary>The folders by their paths, with a slash at the end.</summary>
    public ConcurrentDictionary<string, bool> Folders { get; } = new();

    /// <summary>How often each chunk was confirmed.</summary>
    public ConcurrentDictionary<string, int> Confirmed { get; } = new();

    /// <summary>How many files were read back.</summary>
    public int ReadBack { get; private set; }

    /// <summary>Whether PROPFIND is unknown, as to nginx without its extension.</summary>
    public bool NoPropFind { get; set; }

    /// <summary>Whether the server tells the hash of what it has written, as Nextcloud does when asked.</summary>
    public bool TellsHash { get; set; }

    /// <summary>Whether the server tells sums of its files, as ownCloud does.</summary>
    public bool TellsSums { get; set; }

    /// <summary>A status for every request that writes, or null.</summary>
    public int? Always { get; set; }

    /// <summary>Where redirects lead.</summary>
    public string? Location { get; set; }

    /// <summary>What stands in the header of who signs in; null: anybody.</summary>
    public string? Login { get; set; }

    /// <summary>Called when a script kills the node.</summary>
    public Action Kill { get; set; } = () => { };

    /// <summary>The address of the folder of records.</summary>
    public string Address =>
        _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()
        + "/remote.php/dav/files/recorder";

    public static async Task<FakeDav> StartAsync()
    {
        var server = new FakeDav();
        await server._app.StartAsync();
        return server;
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

    /// <summary>The path of a record.</summary>
    public static string PathOf(string name) => "/remote.php/dav/files/recorder/" + name;

    /// <summary>The folders of unfinished uploads.</summary>
    public IEnumerable<string> Unfinished =>
        Folders.Keys.Where(folder => folder.StartsWith(Uploads, StringComparison.Ordinal));

    public void Clear()
    {
        Files.Clear();
        Folders.Clear();
        Confirmed.Clear();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext call)
    {
        var path = call.Request.Path.Value!;
        if (Login is not null && call.Request.Headers.Authorization != Login)
        {
            call.Response.StatusCode = 401;
            return;
        }
        switch (call.Request.Method)
        {
            case "GET":
                ReadBack++;
                await ReadAsync(call, path, true);
                return;
            case "HEAD":
                await ReadAsync(call, path, false);
                return;
            case "PROPFIND":
                await TellAsync(call, path);
                return;
            case "DELETE":
                Remove(call, path);
                return;
            default:
                break;
        }
        if (Always is { } status)
        {
            call.Response.StatusCode = status;
            if (Location is not null)
            {
                call.Response.Headers.Location = Location;
            }
            return;
        }
        var fault = _faults.TryDequeue(out var next) ? next : Fault.None;
        if (fault == Fault.CutInTheBody)
        {
            await call.Request.Body.ReadAtLeastAsync(new byte[1000], 1000, throwOnEndOfStream: false);
            call.Abort();
            return;
        }
        var body = new MemoryStream();
        await call.Request.Body.CopyToAsync(body, call.RequestAborted);
        switch (fault)
        {
            case Fault.Refused:
                call.Response.StatusCode = 403;
                return;
            case Fault.Broken:
                call.Response.StatusCode = 500;
                return;
            case Fault.NodeKilled:
                Kill();
                call.Abort();
                return;
            default:
                break;
        }
        CarryOut(call, path, body.ToArray(), fault);
        if (fault == Fault.CutBeforeTheAnswer)
        {
            call.Abort();
        }
    }

    private void CarryOut(HttpContext call, string path, byte[] body, Fault fault)
    {
        switch (call.Request.Method)
        {
            case "MKCOL":
                call.Response.StatusCode =
                    !HasParent(path.TrimEnd('/')) ? 409
                    : Folders.TryAdd(path, true) ? 201
                    : 405;
                return;
            case "PUT":
                if (!HasParent(path))
                {
                    call.Response.StatusCode = 409;
                    return;
                }
                if (fault == Fault.WrongBytes && body.Length > 0)
                {
                    body[body.Length / 2] ^= 1;
                }
                Files[path] = body;
                if (TellsHash && call.Request.Headers["X-Hash"] == "sha256")
                {
                    call.Response.Headers["X-Hash-SHA256"] = Convert.ToHexStringLower(SHA256.HashData(body));
                }
                if (fault is Fault.None or Fault.CutInTheBody && path.StartsWith(Uploads, StringComparison.Ordinal))
                {
                    Confirmed.AddOrUpdate(path, 1, (_, times) => times + 1);
                }
                call.Response.StatusCode = 201;
                return;
            case "MOVE":
                MoveTo(call, path, fault);
                return;
            default:
                call.Response.StatusCode = 405;
                return;
        }
    }

    private void MoveTo(HttpContext call, string path, Fault fault)
    {
        var to = Uri.UnescapeDataString(new Uri(call.Request.Headers["Destination"].ToString()).AbsolutePath);
        if (Files.ContainsKey(to) && call.Request.Headers["Overwrite"] == "F")
        {
            call.Response.StatusCode = 412;
            return;
        }
        byte[]? content;
        if (path.EndsWith("/.file", StringComparison.Ordinal))
        {
            var folder = path[..^".file".Length];
            if (!Folders.ContainsKey(folder))
            {
                call.Response.StatusCode = 404;
                return;
            }
            content = [.. ChunksOf(folder).SelectMany(chunk => Files[chunk])];
            if (call.Request.Headers["OC-Total-Length"] != content.Length.ToString(CultureInfo.InvariantCulture))
            {
                call.Response.StatusCode = 400;
                return;
            }
            Remove(call, folder);
        }
        else if (!Files.TryRemove(path, out content))
        {
            call.Response.StatusCode = 404;
            return;
        }
        if (fault == Fault.WrongBytes && path.EndsWith("/.file", StringComparison.Ordinal))
        {
            content[0] ^= 1;
        }
        Files[to] = content;
        call.Response.StatusCode = 201;
    }

    private IEnumerable<string> ChunksOf(string folder) =>
        Files.Keys.Where(file => file.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private bool HasParent(string path)
    {
        var parent = path[..(path.LastIndexOf('/') + 1)];
        return parent is "/remote.php/dav/files/recorder/" or Uploads || Folders.ContainsKey(parent);
    }

    private void Remove(HttpContext call, string path)
    {
        var there = Folders.TryRemove(path, out _) | Files.TryRemove(path, out _);
        foreach (var file in ChunksOf(path).Where(_ => path.EndsWith('/')).ToList())
        {
            Files.TryRemove(file, out _);
        }
        call.Response.StatusCode = there ? 204 : 404;
    }

    private async Task ReadAsync(HttpContext call, string path, bool body)
    {
        if (!Files.TryGetValue(path, out var content))
        {
            call.Response.StatusCode = 404;
            return;
        }
        call.Response.ContentLength = content.Length;
        if (body)
        {
            await call.Response.Body.WriteAsync(content);
        }
    }

    private async Task TellAsync(HttpContext call, string path)
    {
        if (NoPropFind)
        {
            call.Response.StatusCode = 405;
            return;
        }
        var told = new StringBuilder("<?xml version=\"1.0\"?><d:multistatus xmlns:d=\"DAV:\" xmlns:oc=\"http://owncloud.org/ns\">");
        if (Files.TryGetValue(path, out var content))
        {
            told.Append(Of(path, content));
        }
        else if (Folders.ContainsKey(path))
        {
            told.Append($"<d:response><d:href>{path}</d:href><d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype></d:prop></d:propstat></d:response>");
            foreach (var file in ChunksOf(path).Where(_ => call.Request.Headers["Depth"] == "1"))
            {
                told.Append(Of(file, Files[file]));
            }
        }
        else
        {
            call.Response.StatusCode = 404;
            return;
        }
        call.Response.StatusCode = 207;
        await call.Response.WriteAsync(told.Append("</d:multistatus>").ToString());
    }

    private string Of(string path, byte[] content)
    {
        var sums = TellsSums
            ? $"<oc:checksums><oc:checksum>SHA1:{Convert.ToHexStringLower(Sha1(content))} ADLER32:00</oc:checksum></oc:checksums>"
            : "";
        return $"<d:response><d:href>{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}</d:href><d:propstat><d:prop><d:getcontentlength>{content.Length}</d:getcontentlength><d:resourcetype/>{sums}</d:prop></d:propstat></d:response>";
    }

    private static byte[] Sha1(byte[] content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(content);
        return hash.GetHashAndReset();
    }
}
