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
    [InlineData("http_proxy=http://proxy.example:3128", "--proxy-server=http=http://proxy.example:3128")]
    [InlineData("HTTP_PROXY=proxy.example:3128", "--proxy-server=http=http://proxy.example:3128")]
    [InlineData("https_proxy=http://proxy.example", "--proxy-server=https=http://proxy.example:80")]
    [InlineData("HTTPS_PROXY=https://proxy.example/", "--proxy-server=https=https://proxy.example:443")]
    [InlineData("http_proxy=a:1 https_proxy=b:2", "--proxy-server=http=http://a:1;https=http://b:2")]
    [InlineData(
        "all_proxy=socks5h://proxy.example",
        "--proxy-server=http=socks5://proxy.example:1080;https=socks5://proxy.example:1080"
    )]
    [InlineData("all_proxy=socks4://p http_proxy=a:1", "--proxy-server=http=http://a:1;https=socks4://p:1080")]
    [InlineData("http_proxy=http://[::1]:3128", "--proxy-server=http=http://[::1]:3128")]
    [InlineData(
        "http_proxy=a:1 no_proxy=example.org,.example.net,10.0.0.0/8",
        "--proxy-server=http=http://a:1 --proxy-bypass-list=example.org;*.example.org;example.net;*.example.net;10.0.0.0/8"
    )]
    [InlineData(
        "http_proxy=a:1 no_proxy=192.168.1.7,*.lan,[fd00::1]:8080",
        "--proxy-server=http=http://a:1 --proxy-bypass-list=192.168.1.7;*.lan;[fd00::1]:8080"
    )]
    [InlineData(
        "http_proxy=a:1 no_proxy=fd00::1,::1,fd00::/8",
        "--proxy-server=http=http://a:1 --proxy-bypass-list=[fd00::1];[::1];fd00::/8"
    )]
    [InlineData(
        "ALL_PROXY=socks://127.0.0.1:1080/",
        "--proxy-server=http=socks5://127.0.0.1:1080;https=socks5://127.0.0.1:1080"
    )]
    [InlineData("http_proxy=a:1 no_proxy=*", "--no-proxy-server")]
    [InlineData("http_proxy=", "--no-proxy-server")]
    [InlineData("", "--no-proxy-server")]
    [InlineData("http_proxy=a:1 Media:Proxy=none", "--no-proxy-server")]
    [InlineData("http_proxy=a:1 Media:Proxy=http://b:2", "--proxy-server=http=http://b:2;https=http://b:2")]
    [InlineData(
        "no_proxy=a.example Media:Proxy=b:2 Media:NoProxy=c.example",
        "--proxy-server=http=http://b:2;https=http://b:2 --proxy-bypass-list=c.example;*.c.example"
    )]
    public void The_option_counts_first_and_then_the_usual_variables(string settings, string switches) =>
        Assert.Equal(switches.Split(' '), Read(settings).Proxy.Arguments);

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
        "--no-proxy-server",
        "The variable http_proxy has a name or a password in it"
    )]
    [InlineData(
        "http_proxy=http://someone:secret@proxy.example https_proxy=b:2",
        "--proxy-server=https=http://b:2",
        "The variable http_proxy has a name or a password in it"
    )]
    [InlineData(
        "all_proxy=socks4a://proxy.example",
        "--no-proxy-server",
        "The variable all_proxy is no proxy's address."
    )]
    [InlineData(
        "https_proxy=ftp://proxy.example no_proxy=<local>",
        "--no-proxy-server",
        "The variable https_proxy is no proxy's address."
    )]
    [InlineData(
        "http_proxy=a:1 no_proxy=<local>,b.example",
        "--proxy-server=http=http://a:1 --proxy-bypass-list=b.example;*.b.example",
        "The variable no_proxy has an entry that is no host"
    )]
    [InlineData(
        "Media:Proxy=b:2 no_proxy=a;--b=c'd",
        "--proxy-server=http=http://b:2;https=http://b:2 --proxy-bypass-list=a;*.a",
        "The variable no_proxy has an entry that is no host"
    )]
    [InlineData("Media:Proxy=none http_proxy=http://someone:secret@a no_proxy=<local>", "--no-proxy-server", null)]
    [InlineData(
        "Media:Proxy=b:2 http_proxy=http://someone:secret@a",
        "--proxy-server=http=http://b:2;https=http://b:2",
        null
    )]
    [InlineData("no_proxy=<local>", "--no-proxy-server", null)]
    public void A_variable_that_cannot_be_used_is_warned_of_and_not_used(
        string settings,
        string switches,
        string? warning
    )
    {
        var network = Read(settings, out var problems, out var warnings);
        Assert.Empty(problems);
        Assert.Equal(switches.Split(' '), network.Proxy.Arguments);
        if (warning is null)
        {
            Assert.Empty(warnings);
            return;
        }

        Assert.StartsWith(warning, Assert.Single(warnings), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", warnings[0], StringComparison.Ordinal);
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
