using System.Net;
using System.Net.Sockets;
using Recorder.Cluster.Network;
using Recorder.Worker.Network;

namespace Recorder.Cluster.Tests.Network;

/// <summary>Where pages and streams may go, however the host is written.</summary>
public sealed class WhereToGoTests
{
    private static readonly IPAddress OwnPublic = IPAddress.Parse("93.184.216.99");
    private static readonly IPAddress OwnPrivate = IPAddress.Parse("10.0.0.5");

    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://127.8.9.1:8080/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f000001/")]
    [InlineData("http://0x7f.1/")]
    [InlineData("http://0177.0.0.1/")]
    [InlineData("http://017700000001/")]
    [InlineData("http://127.1/")]
    [InlineData("http://0/")]
    [InlineData("http://0.0.0.0/")]
    [InlineData("http://127.0.0.1./")]
    [InlineData("http://127。0。0。1/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[::]/")]
    [InlineData("http://[0:0:0:0:0:0:0:1]/")]
    [InlineData("http://[::ffff:127.0.0.1]/")]
    [InlineData("http://[::ffff:7f00:1]/")]
    [InlineData("http://[::127.0.0.1]/")]
    [InlineData("http://[::ffff:0:127.0.0.1]/")]
    [InlineData("http://[64:ff9b::127.0.0.1]/")]
    [InlineData("http://[64:ff9b:1::127.0.0.1]/")]
    [InlineData("http://[2002:7f00:1::]/")]
    [InlineData("http://[2001:db8::5efe:7f00:1]/")]
    [InlineData("http://localhost/")]
    [InlineData("http://LOCALHOST:9000/")]
    [InlineData("http://localhost./")]
    [InlineData("http://a.localhost/")]
    [InlineData("http://localhost.localdomain/")]
    [InlineData("http://ip6-localhost/")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://169.254.170.2/")]
    [InlineData("http://100.100.100.200/")]
    [InlineData("http://168.63.129.16/")]
    [InlineData("http://[fd00:ec2::254]/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    [InlineData("http://2852039166/")]
    [InlineData("http://169.254.1.1/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://10.1.2.3/")]
    [InlineData("http://192.168.0.1/")]
    [InlineData("http://172.31.255.255/")]
    [InlineData("http://100.64.1.1/")]
    [InlineData("http://[fd12::1]/")]
    [InlineData("http://224.0.0.1/")]
    [InlineData("http://255.255.255.255/")]
    [InlineData("http://240.0.0.1/")]
    [InlineData("http://[ff02::1]/")]
    [InlineData("http://93.184.216.99/")]
    public void A_host_that_is_not_public_is_refused_however_it_is_written(string address)
    {
        var page = new Uri(address);
        var refused = Policy().WhyRefused(page.IdnHost, page.Port);
        Assert.Contains("RECORDER_NETWORK_ALLOW=", refused, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://93.184.216.34/")]
    [InlineData("http://[2606:2800:220:1::1]/")]
    [InlineData("http://example.org:8080/")]
    [InlineData("http://172.32.0.1/")]
    [InlineData("http://100.128.0.1/")]
    [InlineData("http://localhost.example.org/")]
    [InlineData("http://notlocalhost/")]
    public void A_host_of_the_public_internet_may_be_reached(string address)
    {
        var page = new Uri(address);
        Assert.Null(Policy().WhyRefused(page.IdnHost, page.Port));
    }

    [Theory]
    [InlineData("127.0.0.1.x.1")]
    [InlineData("0x7f.0x")]
    [InlineData("1.2.3.4.5")]
    [InlineData("08.0.0.1")]
    [InlineData("１２７.0.0.1")]
    [InlineData("")]
    public void A_host_that_a_browser_might_read_as_an_address_is_refused(string host) =>
        Assert.Contains("no valid host", Policy().WhyRefused(host, 80), StringComparison.Ordinal);

    [Theory]
    [InlineData("http://127.0.0.1:8080/", "RECORDER_NETWORK_ALLOW=127.0.0.0/8)")]
    [InlineData("http://localhost:8080/", "RECORDER_NETWORK_ALLOW=127.0.0.0/8)")]
    [InlineData("http://[::1]/", "RECORDER_NETWORK_ALLOW=::1)")]
    [InlineData("http://10.1.2.3/", "RECORDER_NETWORK_ALLOW=10.1.2.3:80)")]
    [InlineData("http://10.1.2.3/", "RECORDER_NETWORK_PRIVATE=true")]
    [InlineData("https://[fd12::1]/", "RECORDER_NETWORK_ALLOW=[fd12::1]:443)")]
    [InlineData("http://169.254.169.254/", "RECORDER_NETWORK_ALLOW=169.254.169.254:80)")]
    public void The_refusal_names_the_entry_that_lets_the_address_through(string address, string entry)
    {
        var page = new Uri(address);
        var refused = Policy().WhyRefused(page.IdnHost, page.Port)!;
        Assert.Contains(entry, refused, StringComparison.Ordinal);
        var listed = refused.Split("RECORDER_NETWORK_ALLOW=")[1].Split(')')[0];
        Assert.Null(Policy(listed).WhyRefused(page.IdnHost, page.Port));
    }

    [Fact]
    public void The_refusal_of_a_name_names_the_name()
    {
        var refused = Policy().WhyRefused("meet.lan", 443, IPAddress.Parse("192.168.1.7"))!;
        Assert.Contains("meet.lan is resolved to 192.168.1.7", refused, StringComparison.Ordinal);
        Assert.Contains("RECORDER_NETWORK_ALLOW=meet.lan:443)", refused, StringComparison.Ordinal);
        Assert.Null(Policy("meet.lan:443").WhyRefused("meet.lan", 443, IPAddress.Parse("192.168.1.7")));
        Assert.NotNull(Policy("meet.lan:443").WhyRefused("meet.lan", 80, IPAddress.Parse("192.168.1.7")));
    }

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("fd12::1", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("10.0.0.5", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("100.100.100.200", false)]
    [InlineData("fe80::1", false)]
    public void The_option_for_private_networks_allows_neither_this_machine_nor_metadata(string address, bool allowed)
    {
        var policy = NetworkPolicy.Read(NetworkRules.None with { Private = true }, [], IsOwn);
        Assert.Equal(allowed, policy.WhyRefused("meet.lan", 443, IPAddress.Parse(address)) is null);
    }

    [Theory]
    [InlineData("meet.lan", "meet.lan", "10.1.2.3")]
    [InlineData("meet.lan.", "meet.lan", "10.1.2.3")]
    [InlineData("meet.lan", "*.lan", "10.1.2.3")]
    [InlineData("meet.lan", "10.0.0.0/8", "10.1.2.3")]
    [InlineData("meet.lan", "10.1.2.3:443", "10.1.2.3")]
    [InlineData("meet.lan", "10.1.2.3", "::ffff:10.1.2.3")]
    [InlineData("example.org", "0.0.0.0/0", "93.184.216.34")]
    public void Deny_wins(string host, string denied, string resolved)
    {
        var rules = new NetworkRules(["*.lan", "10.0.0.0/8", "0.0.0.0/0"], [denied], Private: true);
        var policy = NetworkPolicy.Read(rules, [], IsOwn);
        var refused = policy.WhyRefused(host, 443, IPAddress.Parse(resolved));
        Assert.Contains("Network:Deny", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void A_typo_in_Deny_is_told()
    {
        List<string> problems = [];
        NetworkPolicy.Read(NetworkRules.None with { Deny = ["10.0.0.0/8", "10.0.0/8/8"] }, problems);
        Assert.Contains("Network:Deny has \"10.0.0/8/8\"", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("1.2.3")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("10.0.0.1/99")]
    [InlineData("a_b.lan")]
    [InlineData("lan.")]
    [InlineData("[::1")]
    [InlineData("*.1")]
    public void An_entry_that_could_be_read_in_two_ways_is_no_entry(string entry)
    {
        List<string> problems = [];
        NetworkPolicy.Read([entry], problems);
        Assert.Single(problems);
    }

    /// <summary>Whatever is listed or denied, all forms of an address have the same fate.</summary>
    [Fact]
    public void All_forms_of_an_address_have_the_same_fate()
    {
        var random = new Random(20261201);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = new byte[4];
            random.NextBytes(bytes);
            bytes[0] = random.Next(3) switch
            {
                0 => bytes[0],
                1 => 10,
                _ => 127,
            };
            var plain = new IPAddress(bytes);
            var entry = $"{plain}/{random.Next(8, 33)}";
            var range = new IPNetwork(plain, 32);
            var rules = new NetworkRules(
                random.Next(2) == 0 ? [range.ToString()] : [],
                random.Next(3) == 0 ? [range.ToString()] : [],
                random.Next(2) == 0
            );
            var policy = NetworkPolicy.Read(rules, [], IsOwn);
            IPAddress[] forms =
            [
                plain.MapToIPv6(),
                new([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, .. bytes]),
                new([0x20, 0x02, .. bytes, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            ];
            var fate = policy.WhyRefused("example.org", 80, plain) is null;
            Assert.All(
                forms,
                form =>
                    Assert.True(
                        policy.WhyRefused("example.org", 80, form) is null == fate,
                        $"round {round}: {form} of {plain}, {entry}"
                    )
            );
            var number = ((uint)bytes[0] << 24) | ((uint)bytes[1] << 16) | ((uint)bytes[2] << 8) | bytes[3];
            Assert.Equal(fate, policy.WhyRefused($"{number}", 80) is null);
            Assert.Equal(fate, policy.WhyRefused($"0x{number:x}", 80) is null);
        }
    }

    /// <summary>No text makes the reader throw, and what it reads stands for what it says.</summary>
    [Fact]
    public void No_entry_makes_the_reader_throw()
    {
        const string letters = "0123456789abcdefx.:/[]*-_ %lanLAN";
        var random = new Random(20261202);
        for (var round = 0; round < 20_000; round++)
        {
            var entry = string.Concat(
                Enumerable.Range(0, random.Next(24)).Select(_ => letters[random.Next(letters.Length)])
            );
            List<string> problems = [];
            var rules = NetworkRules.None with { Allow = [entry], Deny = [entry] };
            var policy = NetworkPolicy.Read(rules, problems, IsOwn);
            Assert.True(problems.Count is 0 or 2, entry);
            _ = policy.WhyRefused(entry, 80);
            if (problems.Count == 0)
            {
                // Deny has all that Allow has.
                Assert.NotNull(policy.WhyRefused("127.0.0.1", 80));
            }
        }
    }

    [Fact]
    public async Task A_name_leads_to_its_allowed_addresses_alone()
    {
        var resolver = new StubResolver(["127.0.0.1", "93.184.216.34"], ["127.0.0.1"]);
        var gate = new AddressGate(Policy(), resolver);
        Assert.Equal(
            [IPAddress.Parse("93.184.216.34")],
            await gate.ResolveAsync("rebinding.example", 80, CancellationToken.None)
        );
        var refused = await Assert.ThrowsAsync<RefusedAddressException>(() =>
            gate.ResolveAsync("rebinding.example", 80, CancellationToken.None)
        );
        Assert.Contains("rebinding.example is resolved to 127.0.0.1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_of_this_machine_is_known_without_a_list()
    {
        Assert.True(OwnAddresses.Has(IPAddress.Loopback));
        Assert.False(OwnAddresses.Has(IPAddress.Parse("203.0.113.7")));
        Assert.Contains(
            "this machine",
            Policy().WhyRefused("meet.example", 443, OwnPublic),
            StringComparison.Ordinal
        );
    }

    private static bool IsOwn(IPAddress address) => address.Equals(OwnPublic) || address.Equals(OwnPrivate);

    private static NetworkPolicy Policy(params string[] allow) =>
        NetworkPolicy.Read(NetworkRules.None with { Allow = [.. allow] }, [], IsOwn);

    private sealed class StubResolver(params string[][] answers) : IHostResolver
    {
        private int _asked;

        public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation) =>
            _asked < answers.Length
                ? Task.FromResult<IReadOnlyList<IPAddress>>([.. answers[_asked++].Select(IPAddress.Parse)])
                : throw new SocketException((int)SocketError.HostNotFound);
    }
}
