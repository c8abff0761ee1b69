using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Recorder.Cluster.Network;
using Recorder.Node.Gateway;
using Recorder.Worker.Network;

namespace Recorder.Node.Tests.Gateway;

/// <summary>A gateway as a browser uses it, without a browser.</summary>
[Trait("ring", "actor")]
public sealed class PageGatewayTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly PageConnections _connections = new();
    private readonly Names _names = new();
    private readonly PrivateAuthority _authority = new();
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private PageGateway? _gateway;

    public PageGatewayTests() => _server.Start();

    private int Port => ((IPEndPoint)_server.LocalEndpoint).Port;

    public ValueTask DisposeAsync()
    {
        _gateway?.Dispose();
        _server.Dispose();
        _authority.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_tunnel_passes_bytes_on_and_each_end_of_it()
    {
        using var near = await CallAsync($"CONNECT 127.0.0.1:{Port} HTTP/1.1\r\n\r\nearly ");
        using var far = await AcceptAsync();
        Assert.StartsWith("HTTP/1.1 200", await HeadAsync(near), StringComparison.Ordinal);
        Assert.True(_connections.Has((IPEndPoint)far.Socket.RemoteEndPoint!), "The gateway does not know its own.");

        await WriteAsync(near, "question");
        near.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal("early question", await ToEndAsync(far));

        // The other direction is still open.
        await WriteAsync(far, "answer");
        far.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal("answer", await ToEndAsync(near));
    }

    [Fact]
    public async Task Requests_of_one_connection_go_to_one_server_without_the_host_before_the_path()
    {
        using var near = await CallAsync(
            $"GET http://127.0.0.1:{Port}/one HTTP/1.1\r\nHost: a\r\nProxy-Connection: keep-alive\r\n\r\n"
        );
        using var far = await AcceptAsync();
        Assert.Equal("GET /one HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", await HeadAsync(far));
        await WriteAsync(far, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await HeadAsync(near), StringComparison.Ordinal);

        await WriteAsync(near, $"POST http://127.0.0.1:{Port}/two HTTP/1.1\r\nContent-Length: 4\r\n\r\nbo");
        await WriteAsync(near, "dy");
        Assert.Equal("POST /two HTTP/1.1\r\nContent-Length: 4\r\n\r\n", await HeadAsync(far));
        Assert.Equal("body", await TextAsync(far, 4));

        // A request for another server may not reach this one.
        await WriteAsync(near, $"GET http://127.0.0.1:{Port + 1}/three HTTP/1.1\r\n\r\n");
        Assert.Equal("", await ToEndAsync(far));
    }

    [Fact]
    public async Task A_connection_that_becomes_another_protocol_is_passed_on_as_it_is()
    {
        using var near = await CallAsync($"GET http://127.0.0.1:{Port}/ HTTP/1.1\r\nUpgrade: echo\r\n\r\nfirst");
        using var far = await AcceptAsync();
        Assert.Contains("Upgrade: echo", await HeadAsync(far), StringComparison.Ordinal);
        Assert.Equal("first", await TextAsync(far, 5));
        await WriteAsync(far, "HTTP/1.1 101 Switching\r\n\r\nGET http://x/ HTTP/1.1\r\n\r\n");
        await HeadAsync(near);
        Assert.Equal("GET http://x/ HTTP/1.1\r\n\r\n", await TextAsync(near, 26));
        await WriteAsync(near, "\r\n\r\nmore");
        Assert.Equal("\r\n\r\nmore", await TextAsync(far, 8));
    }

    [Fact]
    public async Task Large_bodies_arrive_whole_in_both_directions()
    {
        var up = RandomNumberGenerator.GetBytes(8 * 1024 * 1024);
        var down = RandomNumberGenerator.GetBytes(8 * 1024 * 1024);
        using var near = await CallAsync(
            $"POST http://127.0.0.1:{Port}/ HTTP/1.1\r\nContent-Length: {up.Length}\r\n\r\n"
        );
        var sending = near.WriteAsync(up).AsTask();
        using var far = await AcceptAsync();
        await HeadAsync(far);
        Assert.Equal(SHA256.HashData(up), SHA256.HashData(await BytesAsync(far, up.Length)));
        await sending.WaitAsync(Limit);

        var answering = far.WriteAsync(down).AsTask();
        Assert.Equal(SHA256.HashData(down), SHA256.HashData(await BytesAsync(near, down.Length)));
        await answering.WaitAsync(Limit);
    }

    [Theory]
    [InlineData("CONNECT 10.9.8.7:443 HTTP/1.1", "HTTP/1.1 403", "private network")]
    [InlineData("CONNECT 169.254.169.254:80 HTTP/1.1", "HTTP/1.1 403", "metadata")]
    [InlineData("CONNECT inside.example:443 HTTP/1.1", "HTTP/1.1 403", "inside.example is resolved to 10.1.1.1")]
    [InlineData("CONNECT [::ffff:169.254.169.254]:80 HTTP/1.1", "HTTP/1.1 403", "metadata")]
    [InlineData("CONNECT 127.0.34.70:80 HTTP/1.1", "HTTP/1.1 403", "gateways")]
    [InlineData("CONNECT 127.0.0.1:34569 HTTP/1.1", "HTTP/1.1 403", "other nodes")]
    [InlineData("CONNECT nowhere.example:443 HTTP/1.1", "HTTP/1.1 502", "net::ERR_NAME_NOT_RESOLVED")]
    [InlineData("GET http://10.9.8.7/ HTTP/1.1", "", "private network")]
    [InlineData("GET http://inside.example/ HTTP/1.1", "", "RECORDER_NETWORK_ALLOW=inside.example:80")]
    [InlineData("GET http://nowhere.example/ HTTP/1.1", "", "net::ERR_NAME_NOT_RESOLVED")]
    public async Task What_may_not_be_reached_is_a_connection_that_fails(string line, string answer, string reason)
    {
        using var near = await CallAsync(line + "\r\n\r\n");
        var told = await ToEndAsync(near);
        Assert.True(answer.Length == 0 ? told.Length == 0 : told.StartsWith(answer, StringComparison.Ordinal), told);
        Assert.Contains(reason, _gateway!.Troubles.Latest, StringComparison.Ordinal);
        Assert.Equal(!reason.StartsWith("net::", StringComparison.Ordinal), _gateway.Troubles.TakeRefused() is not null);
    }

    [Fact]
    public async Task A_closed_port_is_told_in_the_words_of_a_browser()
    {
        _server.Stop();
        using var near = await CallAsync($"CONNECT 127.0.0.1:{1} HTTP/1.1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 502", await ToEndAsync(near), StringComparison.Ordinal);
        Assert.Equal("net::ERR_CONNECTION_REFUSED", _gateway!.Troubles.Find("127.0.0.1", 1));
    }

    [Fact]
    public async Task A_name_that_leads_elsewhere_the_second_time_leads_nowhere()
    {
        _names.Answers = new(["127.0.0.1", "10.1.1.1"]);
        using (var near = await CallAsync($"CONNECT rebinding.example:{Port} HTTP/1.1\r\n\r\n"))
        {
            using var far = await AcceptAsync();
            Assert.StartsWith("HTTP/1.1 200", await HeadAsync(near), StringComparison.Ordinal);
        }
        Assert.Single(_names.Answers);
        using var again = await CallAsync($"CONNECT rebinding.example:{Port} HTTP/1.1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403", await ToEndAsync(again), StringComparison.Ordinal);
        Assert.False(_server.Pending());
    }

    [Fact]
    public async Task A_head_may_come_byte_by_byte_and_may_not_be_without_end()
    {
        using (var near = await CallAsync(""))
        {
            foreach (var one in $"CONNECT 127.0.0.1:{Port} HTTP/1.1\r\n\r\n")
            {
                await WriteAsync(near, $"{one}");
            }
            using var far = await AcceptAsync();
            Assert.StartsWith("HTTP/1.1 200", await HeadAsync(near), StringComparison.Ordinal);
        }
        foreach (var bad in new[] { "GET / HTTP/1.1\r\n\r\n", "\u0016\u0003\u0001\r\n\r\n", new string('x', 70_000) })
        {
            using var near = await CallAsync(bad);
            Assert.Equal("", await ToEndAsync(near));
        }
    }

    [Fact]
    public async Task A_closed_gateway_leaves_no_connection_open()
    {
        using var near = await CallAsync($"CONNECT 127.0.0.1:{Port} HTTP/1.1\r\n\r\n");
        using var far = await AcceptAsync();
        await HeadAsync(near);
        var local = (IPEndPoint)far.Socket.RemoteEndPoint!;

        _gateway!.Dispose();

        Assert.Equal("", await ToEndAsync(far));
        Assert.Equal("", await ToEndAsync(near));
        Assert.False(_connections.Has(local), "A closed connection is still remembered.");
    }

    [Theory]
    [InlineData("http")]
    [InlineData("socks5")]
    [InlineData("socks4")]
    public async Task The_operators_proxy_is_asked_by_name_and_never_for_what_is_refused(string scheme)
    {
        Open(new Uri($"{scheme}://127.0.0.1:{Port}"));
        using (var refused = await CallAsync("CONNECT 127.0.0.1.nip.example:443 HTTP/1.1\r\n\r\n"))
        {
            // The proxy resolves names, so only what the name itself says is known here.
            using var asked = await AcceptAsync();
        }
        using (var refused = await CallAsync("CONNECT 169.254.169.254:443 HTTP/1.1\r\n\r\n"))
        {
            Assert.StartsWith("HTTP/1.1 403", await ToEndAsync(refused), StringComparison.Ordinal);
        }

        using var near = await CallAsync("CONNECT far.example:443 HTTP/1.1\r\n\r\n");
        using var far = await AcceptAsync();
        switch (scheme)
        {
            case "http":
                Assert.Equal(
                    "CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443\r\n\r\n",
                    await HeadAsync(far)
                );
                await WriteAsync(far, "HTTP/1.1 200 OK\r\n\r\n");
                break;
            case "socks5":
                Assert.Equal([5, 1, 0], await BytesAsync(far, 3));
                await far.WriteAsync(new byte[] { 5, 0 });
                Assert.Equal([5, 1, 0, 3, 11, .. "far.example"u8, 1, 187], await BytesAsync(far, 18));
                await far.WriteAsync(new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 });
                break;
            default:
                Assert.Equal([4, 1, 1, 187, 0, 0, 0, 1, 0, .. "far.example"u8, 0], await BytesAsync(far, 21));
                await far.WriteAsync(new byte[] { 0, 90, 0, 0, 0, 0, 0, 0 });
                break;
        }
        Assert.StartsWith("HTTP/1.1 200", await HeadAsync(near), StringComparison.Ordinal);
        await WriteAsync(near, "through");
        Assert.Equal("through", await TextAsync(far, 7));
    }

    [Fact]
    public async Task A_proxy_for_http_gets_the_head_as_the_browser_wrote_it()
    {
        Open(new Uri($"http://127.0.0.1:{Port}"));
        using var near = await CallAsync("GET http://far.example/a?b=%7E{c} HTTP/1.1\r\nProxy-Connection: close\r\n\r\n");
        using var far = await AcceptAsync();
        Assert.Equal(
            "GET http://far.example/a?b=%7E{c} HTTP/1.1\r\nProxy-Connection: close\r\n\r\n",
            await HeadAsync(far)
        );
    }

    [Theory]
    [InlineData("trusted", null)]
    [InlineData("another name", "is not trusted")]
    [InlineData("another authority", "Add the certificate of the proxy's authority to the file of Media:Authorities")]
    public async Task A_proxy_for_https_may_show_a_certificate_of_the_authorities_that_browsers_trust(
        string certificate,
        string? refused
    )
    {
        Open(new Uri($"https://127.0.0.1:{Port}"));
        using var stranger = new PrivateAuthority();
        using var shown = certificate switch
        {
            "trusted" => _authority.Issue(),
            "another name" => _authority.Issue("proxy.example"),
            _ => stranger.Issue(),
        };
        using var near = await CallAsync("CONNECT far.example:443 HTTP/1.1\r\n\r\n");
        await using var far = new SslStream(await AcceptAsync());
        if (refused is null)
        {
            await far.AuthenticateAsServerAsync(shown).WaitAsync(Limit);
            Assert.Equal("CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443\r\n\r\n", await HeadAsync(far));
            await WriteAsync(far, "HTTP/1.1 200 OK\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200", await HeadAsync(near), StringComparison.Ordinal);
            return;
        }
        // With TLS 1.3 the server's own handshake may be over before the client refuses.
        var served = far.AuthenticateAsServerAsync(shown);
        Assert.StartsWith("HTTP/1.1 502", await ToEndAsync(near), StringComparison.Ordinal);
        Assert.Contains(refused, _gateway!.Troubles.Latest, StringComparison.Ordinal);
        await served.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(Limit);
    }

    [Fact]
    public void An_end_that_has_two_connections_is_remembered_until_both_are_closed()
    {
        var local = new IPEndPoint(IPAddress.Loopback, 40_000);
        var first = _connections.Remember(local);
        var second = _connections.Remember(local);
        first.Dispose();
        first.Dispose();
        Assert.True(_connections.Has(local));
        second.Dispose();
        Assert.False(_connections.Has(local));
    }

    private void Open(Uri? proxy = null)
    {
        var policy = NetworkPolicy.Read(NetworkRules.None with { Allow = ["127.0.0.0/8"] }, [], _ => false);
        _gateway ??= PageGateway.Open(
            new GatewayRoad(
                new AddressGate(policy, _names),
                (_, _, _) => proxy,
                new NodePorts(34569).WhyRefused,
                _connections,
                new ProxyTrust([Convert.ToBase64String(_authority.Certificate.RawData)])
            )
        );
    }

    private async Task<NetworkStream> CallAsync(string said)
    {
        Open();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(PageGateway.Address, _gateway!.Port));
        var stream = new NetworkStream(socket, ownsSocket: true);
        await WriteAsync(stream, said);
        return stream;
    }

    private async Task<NetworkStream> AcceptAsync() =>
        new(await _server.AcceptSocketAsync().WaitAsync(Limit), ownsSocket: true);

    private static async Task WriteAsync(Stream stream, string text) =>
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text));

    private static async Task<string> HeadAsync(Stream stream)
    {
        List<byte> read = [];
        var one = new byte[1];
        while (!Encoding.Latin1.GetString([.. read]).EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one).AsTask().WaitAsync(Limit);
            read.Add(one[0]);
        }
        return Encoding.Latin1.GetString([.. read]);
    }

    private static async Task<byte[]> BytesAsync(NetworkStream stream, int count)
    {
        var read = new byte[count];
        await stream.ReadExactlyAsync(read).AsTask().WaitAsync(Limit);
        return read;
    }

    private static async Task<string> TextAsync(NetworkStream stream, int count) =>
        Encoding.Latin1.GetString(await BytesAsync(stream, count));

    private static async Task<string> ToEndAsync(NetworkStream stream)
    {
        using var all = new MemoryStream();
        try
        {
            await stream.CopyToAsync(all).WaitAsync(Limit);
        }
        catch (IOException)
        {
            // A reset is an end too.
        }
        return Encoding.Latin1.GetString(all.ToArray());
    }

    private sealed class Names : IHostResolver
    {
        /// <summary>The answers for a name that changes.</summary>
        public Queue<string> Answers { get; set; } = new();

        public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation) =>
            host switch
            {
                "inside.example" => Told("10.1.1.1"),
                "rebinding.example" => Told(Answers.Dequeue()),
                _ => throw new SocketException((int)SocketError.HostNotFound),
            };

        private static Task<IReadOnlyList<IPAddress>> Told(string address) =>
            Task.FromResult<IReadOnlyList<IPAddress>>([IPAddress.Parse(address)]);
    }
}
