using System.Net;
using Recorder.Worker.Network;

namespace Recorder.Cluster.Tests.Network;

/// <summary>Which addresses may be called when others name them.</summary>
public sealed class NetworkPolicyTests
{
    [Theory]
    [InlineData("https://hooks.example.org/", "93.184.216.34", true)]
    [InlineData("https://hooks.example.org/", "2606:2800:220:1::1", true)]
    [InlineData("http://hooks.example.org/", "93.184.216.34", false)]
    [InlineData("https://hooks.example.org/", "127.0.0.1", false)]
    [InlineData("https://hooks.example.org/", "127.8.9.1", false)]
    [InlineData("https://hooks.example.org/", "0.0.0.0", false)]
    [InlineData("https://hooks.example.org/", "10.1.2.3", false)]
    [InlineData("https://hooks.example.org/", "172.16.0.1", false)]
    [InlineData("https://hooks.example.org/", "172.32.0.1", true)]
    [InlineData("https://hooks.example.org/", "192.168.1.1", false)]
    [InlineData("https://hooks.example.org/", "169.254.169.254", false)]
    [InlineData("https://hooks.example.org/", "100.64.0.1", false)]
    [InlineData("https://hooks.example.org/", "224.0.0.1", false)]
    [InlineData("https://hooks.example.org/", "255.255.255.255", false)]
    [InlineData("https://hooks.example.org/", "::1", false)]
    [InlineData("https://hooks.example.org/", "::", false)]
    [InlineData("https://hooks.example.org/", "::7f00:1", false)]
    [InlineData("https://hooks.example.org/", "64:ff9b:1::7f00:1", false)]
    [InlineData("https://hooks.example.org/", "2001:0:102:304::1", false)]
    [InlineData("https://hooks.example.org/", "2001:200::1", true)]
    [InlineData("https://hooks.example.org/", "fe80::1", false)]
    [InlineData("https://hooks.example.org/", "fd12::1", false)]
    [InlineData("https://hooks.example.org/", "::ffff:127.0.0.1", false)]
    [InlineData("https://hooks.example.org/", "::ffff:93.184.216.34", true)]
    [InlineData("https://hooks.example.org/", "64:ff9b::7f00:1", false)]
    [InlineData("https://hooks.example.org/", "2002:7f00:1::", false)]
    public void Without_an_entry_only_the_public_internet_by_https_is_called(
        string address,
        string resolved,
        bool allowed
    )
    {
        var refused = NetworkPolicy.PublicOnly.WhyRefused(new Uri(address), IPAddress.Parse(resolved));
        Assert.Equal(allowed, refused is null);
    }

    [Theory]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f.1/")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    [InlineData("http://example.org/")]
    [InlineData("ftp://example.org/")]
    [InlineData("file:///etc/passwd")]
    public void An_address_that_says_so_itself_is_refused_at_once(string address) =>
        Assert.NotNull(NetworkPolicy.PublicOnly.WhyRefused(new Uri(address)));

    [Theory]
    [InlineData("10.0.0.0/8", "http://hooks.example.org/", "10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "http://hooks.example.org/", "11.1.2.3", false)]
    [InlineData("10.1.2.3", "https://10.1.2.3/", "10.1.2.3", true)]
    [InlineData("10.1.2.3:8443", "https://10.1.2.3:8443/", "10.1.2.3", true)]
    [InlineData("10.1.2.3:8443", "https://10.1.2.3/", "10.1.2.3", false)]
    [InlineData("[::1]:8080", "http://[::1]:8080/", "::1", true)]
    [InlineData("::1", "http://[::1]:8080/", "::1", true)]
    [InlineData("fd00::/8", "https://hooks.lan/", "fd12::1", true)]
    [InlineData("hooks.lan", "http://hooks.lan/", "192.168.1.1", true)]
    [InlineData("HOOKS.lan:80", "http://hooks.LAN/", "192.168.1.1", true)]
    [InlineData("hooks.lan:80", "http://hooks.lan:81/", "192.168.1.1", false)]
    [InlineData("*.lan", "http://a.hooks.lan/", "192.168.1.1", true)]
    [InlineData("*.lan", "http://lan/", "192.168.1.1", false)]
    [InlineData("*.lan", "http://evillan/", "192.168.1.1", false)]
    [InlineData("127.0.0.1", "https://hooks.example.org/", "::ffff:127.0.0.1", true)]
    public void An_entry_allows_what_it_names(string entry, string address, string resolved, bool allowed)
    {
        var policy = Read(entry);
        Assert.Equal(allowed, policy.WhyRefused(new Uri(address), IPAddress.Parse(resolved)) is null);
        if (allowed)
        {
            Assert.Null(policy.WhyRefused(new Uri(address)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.0/33")]
    [InlineData("hooks.lan:0")]
    [InlineData("hooks.lan:99999")]
    [InlineData("https://hooks.lan")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("10.0.0.*")]
    public void An_entry_that_cannot_be_read_is_told(string entry)
    {
        var problems = new List<string>();
        NetworkPolicy.Read([entry], problems);
        Assert.Contains($"\"{entry}\"", Assert.Single(problems), StringComparison.Ordinal);
    }

    private static NetworkPolicy Read(string entry)
    {
        var problems = new List<string>();
        var policy = NetworkPolicy.Read([entry], problems);
        Assert.Empty(problems);
        return policy;
    }
}
