using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Node.Delivery;
using Recorder.Node.Delivery.Transfer;
using Recorder.Worker.Network;

namespace Recorder.Node.Tests.Delivery.Put;

[Trait("ring", "actor")]
public sealed class PutDestinationTests : IAsyncLifetime
{
    private const string Signed = "/bucket/a.mp4?X-Amz-Signature=hidden&X-Amz-Expires=60";

    private readonly string _root = Directory.CreateTempSubdirectory("recorder-put-").FullName;
    private readonly byte[] _content = RandomNumberGenerator.GetBytes(300_000);
    private readonly ConcurrentDictionary<string, byte[]> _stored = new();
    private IHeaderDictionary _headers = new HeaderDictionary();
    private Func<HttpContext, Task<bool>> _script = _ => Task.FromResult(false);
    private WebApplication _app = null!;

    private string Address =>
        _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    private FileToSend File =>
        new(Path.Join(_root, "a.mp4"), "2021/æ b.mp4", Convert.ToHexStringLower(SHA256.HashData(_content)));

    public async Task InitializeAsync()
    {
        await System.IO.File.WriteAllBytesAsync(File.Path, _content);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(async call =>
        {
            _headers = new HeaderDictionary(call.Request.Headers.ToDictionary());
            if (await _script(call))
            {
                return;
            }
            using var body = new MemoryStream();
            await call.Request.Body.CopyToAsync(body);
            _stored[call.Request.Path.Value!] = body.ToArray();
        });
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task A_callers_address_gets_the_file_by_one_put_with_its_length_and_sums()
    {
        Assert.Null((await SendAsync(Signed)).Problem);

        Assert.Equal(_content, _stored["/bucket/a.mp4"]);
        Assert.Equal(_content.Length, _headers.ContentLength);
        Assert.Equal("video/mp4", _headers.ContentType);
        Assert.Equal(16, Convert.FromBase64String(_headers.ContentMD5!).Length);
        Assert.Equal($"sha-256=:{Convert.ToBase64String(SHA256.HashData(_content))}:", _headers["Content-Digest"]);
    }

    [Fact]
    public async Task An_address_whose_signature_counts_every_header_gets_none_of_these()
    {
        Assert.Null((await SendAsync("/a?AWSAccessKeyId=k&Signature=hidden&Expires=9")).Problem);

        Assert.Equal(("", ""), (_headers.ContentType.ToString(), _headers.ContentMD5.ToString()));
    }

    [Fact]
    public async Task The_operators_own_address_gets_the_name_and_headers()
    {
        var report = await SendAsync(
            null,
            options =>
            {
                options.Secret = Address + "/up/{name}?sig=hidden";
                options.Headers = "x-ms-blob-type: BlockBlob; Content-Type: video/special";
            }
        );

        Assert.Null(report.Problem);
        Assert.Equal(_content, _stored["/up/2021/æ b.mp4"]);
        Assert.Equal(("BlockBlob", "video/special"), (_headers["x-ms-blob-type"].ToString(), _headers.ContentType.ToString()));
    }

    [Fact]
    public async Task A_callers_address_of_a_network_that_is_not_public_is_not_called_unless_it_is_allowed()
    {
        var report = await SendAsync(Signed, allow: []);

        Assert.Contains("Network:Allow", report.Problem, StringComparison.Ordinal);
        Assert.Empty(_stored);
    }

    [Fact]
    public async Task A_name_that_leads_to_this_machine_is_refused_where_the_connection_is_made()
    {
        // The range lets the name pass until the name has been resolved.
        var report = await SendAsync(null, address: new Uri($"http://localhost:{new Uri(Address).Port}/a?sig=hidden"), allow: ["10.0.0.0/8"]);

        Assert.Contains("Network:Allow", report.Problem, StringComparison.Ordinal);
        Assert.Empty(_headers);
    }

    [Fact]
    public async Task A_record_without_an_address_fails_for_good()
    {
        var report = await SendAsync(null);

        Assert.False(report.MayPass);
        Assert.Contains("gave no address for this record", report.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message>", "the address has expired (403, AccessDenied)", false)]
    [InlineData(403, "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>hidden</StringToSign>", "refuses the address (403, SignatureDoesNotMatch)", false)]
    [InlineData(403, "<Error><Code>RequestTimeTooSkewed</Code>", "refuses the time", false)]
    [InlineData(404, "<Error><Code>NoSuchBucket</Code>", "takes no file (404, NoSuchBucket)", false)]
    [InlineData(400, "<Error><Code>BadDigest</Code>", "received other bytes", true)]
    [InlineData(307, "", "redirect (307 to https://elsewhere.example)", false)]
    [InlineData(413, "", "takes no body of this length", true)]
    [InlineData(507, "", "no room left", true)]
    [InlineData(503, "hidden", "answered 503", true)]
    public async Task A_refusal_says_what_to_do_and_tells_nothing_of_the_address(
        int status,
        string body,
        string told,
        bool mayPass
    )
    {
        _script = async call =>
        {
            call.Response.StatusCode = status;
            call.Response.Headers.Location = "https://elsewhere.example/x?sig=hidden";
            await call.Response.WriteAsync(body);
            return true;
        };

        var report = await SendAsync(Signed);

        Assert.Contains(told, report.Problem, StringComparison.Ordinal);
        Assert.Equal(mayPass, report.MayPass);
        Assert.DoesNotContain("hidden", report.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("a.mp4", report.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_of_the_operators_address_may_pass_since_the_address_can_be_changed()
    {
        _script = call =>
        {
            call.Response.StatusCode = 403;
            return Task.FromResult(true);
        };

        Assert.True((await SendAsync(null, options => options.Secret = Address + "/{name}?sig=hidden")).MayPass);
    }

    [Fact]
    public async Task A_sum_of_the_store_that_is_another_one_is_no_delivery()
    {
        _script = call =>
        {
            call.Response.Headers["x-amz-request-id"] = "1";
            call.Response.Headers.ETag = "\"00000000000000000000000000000000\"";
            return Task.FromResult(false);
        };

        var report = await SendAsync(Signed);

        Assert.Contains("other bytes", report.Problem, StringComparison.Ordinal);
        Assert.True(report.MayPass);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_delivery_says_whether_the_server_told_a_sum(bool tells)
    {
        _script = call =>
        {
            if (tells)
            {
                call.Response.Headers.ContentMD5 = call.Request.Headers.ContentMD5;
            }
            return Task.FromResult(false);
        };

        var report = await SendAsync(Signed);

        Assert.Null(report.Problem);
        Assert.Equal(!tells, report.Unconfirmed);
        Assert.Equal(report, TransferReport.Of(report.ToLine()));
    }

    [Fact]
    public async Task A_record_beyond_the_callers_addresses_never_goes_to_the_operators_own()
    {
        var report = await SendAsync(
            null,
            options => options.Secret = Address + "/{name}",
            CallersAddress.None
        );

        Assert.False(report.MayPass);
        Assert.Contains("gave no address for this record", report.Problem, StringComparison.Ordinal);
        Assert.Empty(_stored);
    }

    [Fact]
    public async Task A_server_that_is_away_is_told_without_the_address_and_may_come_back()
    {
        var report = await SendAsync(null, address: new Uri("http://127.0.0.1:1/a?sig=hidden"));

        Assert.True(report.MayPass);
        Assert.Contains("the connection failed", report.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", report.Problem, StringComparison.Ordinal);
    }

    private Task<TransferReport> SendAsync(
        string? path,
        Action<DestinationOptions>? change = null,
        Uri? address = null,
        string[]? allow = null
    )
    {
        var options = new DestinationOptions { Kind = DestinationKind.Put, Timeout = TimeSpan.FromSeconds(20) };
        change?.Invoke(options);
        return TransferProcess.SendAsync(
            new TransferRequest(
                "upload",
                options,
                [File],
                0,
                Path.Join(_root, "upload-1.json"),
                path is null ? address : new Uri(Address + path)
            )
            {
                Network = NetworkRules.None with { Allow = [.. allow ?? ["127.0.0.1"]] },
            },
            Destinations.Make,
            TimeProvider.System,
            CancellationToken.None
        );
    }
}
