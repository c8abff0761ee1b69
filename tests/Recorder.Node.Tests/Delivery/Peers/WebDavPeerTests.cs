using System.Globalization;
using System.Security.Cryptography;

namespace Recorder.Node.Tests.Delivery.Peers;

/// <summary>Transfers to nginx.</summary>
[Trait("ring", "media")]
public sealed class WebDavPeerTests(DavServer server) : PeerTests, IClassFixture<DavServer>
{
    private readonly string _folder = Guid.NewGuid().ToString("N");

    public static TheoryData<string, string, string> Wrong =>
        new()
        {
            { "Secret", "another-password", "refuses User and its secret (401)" },
            { "Endpoint", "http://127.0.0.1:1/", "the connection failed" },
            { "Endpoint", "nowhere", "is not there (409" },
            { "Authorities", "none", "its certificate is not accepted" },
            { "Authorities", "no-file.pem", "cannot be read as certificates" },
        };

    private string Target => Path.Join(server.Files, _folder, Name);

    [Fact]
    public async Task A_record_gets_there_whole_whatever_happens_on_the_way()
    {
        using var proxy = new CuttingProxy(server.Port);
        foreach (var cut in new[] { 100L, 1_000, 6_000_000, 11_900_000 })
        {
            proxy.CutAfter = cut;
            var cutShort = await SendAsync(server.Options(_folder, proxy.Port));
            Assert.True(cutShort.MayPass, cutShort.Problem);
            Assert.False(File.Exists(Target));
        }
        (proxy.CutAfter, proxy.TurnAt) = (null, 7_000_000);
        var turned = await SendAsync(server.Options(_folder, proxy.Port));
        Assert.Contains("other bytes", turned.Problem, StringComparison.Ordinal);
        Assert.False(File.Exists(Target));

        Assert.Null((await SendAsync(server.Options(_folder, proxy.Port))).Problem);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Target)!));
    }

    [Fact]
    public async Task A_server_that_takes_no_byte_any_more_ends_the_attempt()
    {
        using var proxy = new CuttingProxy(server.Port) { Drip = TimeSpan.FromSeconds(30) };
        var options = server.Options(_folder, proxy.Port);
        options.Timeout = TimeSpan.FromSeconds(2);

        var report = await SendAsync(options);

        Assert.Contains("nothing moved for 2 s", report.Problem, StringComparison.Ordinal);
        Assert.True(report.MayPass);
    }

    [Fact]
    public async Task A_certificate_of_an_authority_of_ones_own_is_accepted_when_the_authority_is_given()
    {
        var options = server.Options(_folder);
        options.Endpoint = Secure;
        options.Authorities = server.Authority;

        Assert.Null((await SendAsync(options)).Problem);
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
    }

    [Fact]
    public async Task A_record_that_is_too_long_for_the_server_is_told_before_it_is_sent()
    {
        var content = RandomNumberGenerator.GetBytes(16 << 20);
        await File.WriteAllBytesAsync(Source, content);

        var report = await SendAsync(
            server.Options(_folder),
            Record with
            {
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(content)),
            }
        );

        Assert.Contains("client_max_body_size", report.Problem, StringComparison.Ordinal);
        Assert.True(report.MayPass);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Bad_input_says_what_to_do_and_may_pass(string option, string value, string told)
    {
        var options = server.Options(_folder);
        switch (option)
        {
            case "Secret":
                options.Secret = value;
                break;
            case "Endpoint" when value == "nowhere":
                options.Endpoint += "nowhere";
                break;
            case "Endpoint":
                options.Endpoint = value;
                break;
            default:
                options.Endpoint = Secure;
                options.Authorities = value == "none" ? "" : Path.Join(server.Root, value);
                break;
        }

        var report = await SendAsync(options);

        Assert.StartsWith("Destination", report.Problem, StringComparison.Ordinal);
        Assert.Contains(told, report.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("-password", report.Problem, StringComparison.Ordinal);
        Assert.True(report.MayPass);
    }

    private string Secure => string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{server.SecurePort}/");
}
