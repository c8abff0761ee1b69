using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Recorder.Node.Browsing;
using Recorder.Node.Parts;

namespace Recorder.Node.Tests.Browsing;

/// <summary>How the options and the environment become the browser's way to its pages.</summary>
public sealed class BrowserProxyTests
{
    [Theory]
    [InlineData("http_proxy=http://proxy.example:3128", "http=http://proxy.example:3128")]
    [InlineData("HTTP_PROXY=proxy.example:3128", "http=http://proxy.example:3128")]
    [InlineData("https_proxy=http://proxy.example", "https=http://proxy.example:80")]
    [InlineData("HTTPS_PROXY=https://proxy.example/", "https=https://proxy.example:443")]
    [InlineData("http_proxy=a:1 https_proxy=b:2", "http=http://a:1;https=http://b:2")]
    [InlineData(
        "all_proxy=socks5h://proxy.example",
        "http=socks5://proxy.example:1080;https=socks5://proxy.example:1080"
    )]
    [InlineData("all_proxy=socks4://p http_proxy=a:1", "http=http://a:1;https=socks4://p:1080")]
    [InlineData("http_proxy=http://[::1]:3128", "http=http://[::1]:3128")]
    [InlineData(
        "http_proxy=a:1 no_proxy=example.org,.example.net,10.0.0.0/8",
        "http=http://a:1 but example.org;*.example.org;example.net;*.example.net;10.0.0.0/8"
    )]
    [InlineData(
        "http_proxy=a:1 no_proxy=192.168.1.7,*.lan,[fd00::1]:8080",
        "http=http://a:1 but 192.168.1.7;*.lan;[fd00::1]:8080"
    )]
    [InlineData(
        "http_proxy=a:1 no_proxy=fd00::1,::1,fd00::/8",
        "http=http://a:1 but [fd00::1];[::1];fd00::/8"
    )]
    [InlineData(
        "ALL_PROXY=socks://127.0.0.1:1080/",
        "http=socks5://127.0.0.1:1080;https=socks5://127.0.0.1:1080"
    )]
    [InlineData("http_proxy=a:1 no_proxy=*", "none")]
    [InlineData("http_proxy=", "none")]
    [InlineData("", "none")]
    [InlineData("http_proxy=a:1 Media:Proxy=none", "none")]
    [InlineData("http_proxy=a:1 Media:Proxy=http://b:2", "http=http://b:2;https=http://b:2")]
    [InlineData(
        "no_proxy=a.example Media:Proxy=b:2 Media:NoProxy=c.example",
        "http=http://b:2;https=http://b:2 but c.example;*.c.example"
    )]
    public void The_option_counts_first_and_then_the_usual_variables(string settings, string proxy) =>
        Assert.Equal(proxy, Read(settings).Proxy.ToString());

    [Theory]
    [InlineData("Media:Proxy=ftp://proxy.example", "Media:Proxy is no proxy's address.")]
    [InlineData("Media:Proxy=http://", "Media:Proxy is no proxy's address.")]
    [InlineData("Media:Proxy=http://a:1/path", "Media:Proxy is no proxy's address.")]
    [InlineData("Media:Proxy=a:99999", "Media:Proxy is no proxy's address.")]
    [InlineData("Media:Proxy=http://someone:secret@proxy.example:3128", "Media:Proxy has a name or a password in it")]
    [InlineData("Media:Proxy=none Media:NoProxy=<local>", "Media:NoProxy has an entry that is no host")]
    [InlineData("http_proxy=a:1 Media:NoProxy=a;--b=c'd", "Media:NoProxy has an entry that is no host")]
    public void What_cannot_be_used_is_told_without_a_secret(string settings, string problem)
    {
        Read(settings, out var problems, out var warnings);
        Assert.Empty(warnings);
        Assert.StartsWith(problem, Assert.Single(problems), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problems[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "http_proxy=http://someone:secret@proxy.example:3128",
        "none",
        "The variable http_proxy has a name or a password in it"
    )]
    [InlineData(
        "http_proxy=http://someone:secret@proxy.example https_proxy=b:2",
        "https=http://b:2",
        "The variable http_proxy has a name or a password in it"
    )]
    [InlineData(
        "all_proxy=socks4a://proxy.example",
        "none",
        "The variable all_proxy is no proxy's address."
    )]
    [InlineData(
        "https_proxy=ftp://proxy.example no_proxy=<local>",
        "none",
        "The variable https_proxy is no proxy's address."
    )]
    [InlineData(
        "http_proxy=a:1 no_proxy=<local>,b.example",
        "http=http://a:1 but b.example;*.b.example",
        "The variable no_proxy has an entry that is no host"
    )]
    [InlineData(
        "Media:Proxy=b:2 no_proxy=a;--b=c'd",
        "http=http://b:2;https=http://b:2 but a;*.a",
        "The variable no_proxy has an entry that is no host"
    )]
    [InlineData("Media:Proxy=none http_proxy=http://someone:secret@a no_proxy=<local>", "none", null)]
    [InlineData(
        "Media:Proxy=b:2 http_proxy=http://someone:secret@a",
        "http=http://b:2;https=http://b:2",
        null
    )]
    [InlineData("no_proxy=<local>", "none", null)]
    public void A_variable_that_cannot_be_used_is_warned_of_and_not_used(
        string settings,
        string proxy,
        string? warning
    )
    {
        var network = Read(settings, out var problems, out var warnings);
        Assert.Empty(problems);
        Assert.Equal(proxy, network.Proxy.ToString());
        if (warning is null)
        {
            Assert.Empty(warnings);
            return;
        }

        Assert.StartsWith(warning, Assert.Single(warnings), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", warnings[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("example.org", 443, true)]
    [InlineData("a.example.org", 443, true)]
    [InlineData("notexample.org", 443, false)]
    [InlineData("10.2.3.4", 80, true)]
    [InlineData("11.2.3.4", 80, false)]
    [InlineData("fd00::1", 8080, true)]
    [InlineData("fd00::1", 8081, false)]
    [InlineData("FD00:0::1", 8080, true)]
    [InlineData("fd12::9", 1, true)]
    [InlineData("b.lan", 1, true)]
    [InlineData("host.example", 81, true)]
    [InlineData("host.example", 82, false)]
    [InlineData("127.0.0.1", 80, true)]
    [InlineData("localhost", 80, true)]
    [InlineData("::1", 80, true)]
    public void Exceptions_and_this_machine_are_reached_without_the_proxy(string host, int port, bool direct)
    {
        var proxy = Read(
            "http_proxy=a:1 https_proxy=b:2 no_proxy=example.org,10.0.0.0/8,[fd00::1]:8080,fd12::/16,*.lan,host.example:81"
        ).Proxy;
        Assert.Equal(direct ? null : new Uri("http://a:1"), proxy.For(tunnel: false, host, port));
        Assert.Equal(direct ? null : new Uri("http://b:2"), proxy.For(tunnel: true, host, port));
    }

    [Fact]
    public void Authorities_of_a_file_are_trusted_and_a_file_without_any_is_refused()
    {
        using var key = ECDsa.Create();
        var made = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        made.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true)
        );
        using var authority = made.CreateSelfSigned(
            TimeProvider.System.GetUtcNow().AddDays(-1),
            TimeProvider.System.GetUtcNow().AddDays(1)
        );
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, authority.ExportCertificatePem());
            var network = BrowserNetwork.Read(
                new MediaOptions { Authorities = file },
                _ => null,
                out var problems,
                out _
            );
            Assert.Empty(problems);
            Assert.Equal(Convert.ToBase64String(authority.RawData), Assert.Single(network.Authorities));
            var preferences = JsonNode.Parse(BrowserProfile.PreferencesFor(network.Authorities))!;
            Assert.Equal(
                network.Authorities[0],
                (string?)Assert.Single(preferences["certificates"]!["ca_certificates"]!.AsArray())
            );

            File.WriteAllText(file, "nothing");
            BrowserNetwork.Read(new MediaOptions { Authorities = file }, _ => null, out problems, out _);
            Assert.Contains("has no certificate in it", Assert.Single(problems), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }

        BrowserNetwork.Read(new MediaOptions { Authorities = "/nowhere/ca.pem" }, _ => null, out var missing, out _);
        Assert.Contains(
            "/nowhere/ca.pem of Media:Authorities cannot be read",
            Assert.Single(missing),
            StringComparison.Ordinal
        );
    }

    private static BrowserNetwork Read(string settings) => Read(settings, out _, out _);

    private static BrowserNetwork Read(
        string settings,
        out IReadOnlyList<string> problems,
        out IReadOnlyList<string> warnings
    )
    {
        var values = settings
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(setting => setting.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        var options = new MediaOptions
        {
            Proxy = values.GetValueOrDefault("Media:Proxy", ""),
            NoProxy = values.GetValueOrDefault("Media:NoProxy", ""),
        };
        return BrowserNetwork.Read(options, values.GetValueOrDefault, out problems, out warnings);
    }
}
