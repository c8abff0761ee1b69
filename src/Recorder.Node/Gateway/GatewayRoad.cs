using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Recorder.Cluster.Network;
using Recorder.Worker.Network;

namespace Recorder.Node.Gateway;

/// <summary>A connection to a server, or to the operator's proxy that stands before the server.</summary>
/// <param name="Stream">The connection.</param>
/// <param name="WholeHeads">Whether heads are passed on as they came, because the peer is a proxy for HTTP.</param>
internal sealed record Far(Stream Stream, bool WholeHeads) : IDisposable
{
    /// <summary>The connection's mark, for one to this machine.</summary>
    public IDisposable? Mark { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stream.Dispose();
        Mark?.Dispose();
    }
}

/// <summary>
/// The way from a gateway to servers: directly, to an address that the policy has allowed, or by the operator's proxy,
/// which resolves the name by itself. The proxy is the operator's own, so the policy does not concern it.
/// </summary>
/// <param name="gate">Resolves names and lets allowed addresses through.</param>
/// <param name="proxyOf">The operator's proxy for a tunnel or for http, a host and a port; null: none.</param>
/// <param name="guard">Why an address is refused although the policy allows it; null when it is not.</param>
/// <param name="connections">Remembers connections to this machine.</param>
/// <param name="trust">Whose certificates a proxy for https may show.</param>
internal sealed class GatewayRoad(
    AddressGate gate,
    Func<bool, string, int, Uri?> proxyOf,
    Func<IPAddress, int, string?> guard,
    PageConnections connections,
    ProxyTrust trust
)
{
    /// <summary>Connects.</summary>
    /// <param name="asked">What the browser wants to reach.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="RefusedAddressException">The policy refuses the host.</exception>
    /// <exception cref="SocketException">The host does not answer.</exception>
    /// <exception cref="IOException">The operator's proxy refuses.</exception>
    public async Task<Far> ConnectAsync(RequestHead asked, CancellationToken cancellation)
    {
        if (proxyOf(asked.Tunnel, asked.Host, asked.Port) is { } proxy)
        {
            return gate.Policy.WhyRefused(asked.Host, asked.Port) is { } refused
                ? throw new RefusedAddressException(refused)
                : await ByProxyAsync(proxy, asked, cancellation);
        }
        var allowed = await gate.ResolveAsync(asked.Host, asked.Port, cancellation);
        foreach (var address in allowed)
        {
            if (guard(address, asked.Port) is { } why)
            {
                throw new RefusedAddressException(why);
            }
        }
        var stream = await FarConnection.ToAsync(allowed, asked.Port, cancellation);
        return new Far(stream, WholeHeads: false)
        {
            Mark =
                stream.Socket.RemoteEndPoint is IPEndPoint far
                && stream.Socket.LocalEndPoint is IPEndPoint local
                && (IPAddress.IsLoopback(far.Address) || OwnAddresses.Has(far.Address))
                    ? connections.Remember(local)
                    : null,
        };
    }

    private async Task<Far> ByProxyAsync(Uri proxy, RequestHead asked, CancellationToken cancellation)
    {
        var addresses = IPAddress.TryParse(proxy.DnsSafeHost, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(proxy.DnsSafeHost, cancellation);
        Stream stream = await FarConnection.ToAsync(addresses, proxy.Port, cancellation);
        try
        {
            switch (proxy.Scheme)
            {
                case "socks5":
                    await Socks5Async(stream, asked, cancellation);
                    return new Far(stream, WholeHeads: false);
                case "socks4":
                    await Socks4Async(stream, asked, cancellation);
                    return new Far(stream, WholeHeads: false);
                case "https":
                    var tls = new SslStream(stream);
                    stream = tls;
                    await tls.AuthenticateAsClientAsync(
                        trust.OptionsFor(proxy.DnsSafeHost),
                        cancellation
                    );
                    break;
            }
            if (asked.Tunnel)
            {
                await TunnelAsync(stream, asked, cancellation);
            }
            return new Far(stream, WholeHeads: !asked.Tunnel);
        }
        catch (System.Security.Authentication.AuthenticationException error)
        {
            await stream.DisposeAsync();
            throw new IOException(
                $"The certificate of the proxy of Media:Proxy is not trusted, or is not for {proxy.DnsSafeHost}. Add the certificate of the proxy's authority to the file of Media:Authorities",
                error
            );
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static async Task TunnelAsync(Stream stream, RequestHead asked, CancellationToken cancellation)
    {
        var server = string.Create(
            CultureInfo.InvariantCulture,
            $"{(asked.Host.Contains(':', StringComparison.Ordinal) ? $"[{asked.Host}]" : asked.Host)}:{asked.Port}"
        );
        await stream.WriteAsync(
            Encoding.Latin1.GetBytes($"CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n\r\n"),
            cancellation
        );
        // Byte by byte, since what follows the answer is the server's.
        List<byte> answer = [];
        var one = new byte[1];
        while (RequestHead.EndIn(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(answer)) < 0)
        {
            if (answer.Count >= RequestHead.Longest || await stream.ReadAsync(one, cancellation) == 0)
            {
                throw new IOException("The proxy of Media:Proxy broke the connection off.");
            }
            answer.Add(one[0]);
        }
        var status = Encoding.Latin1.GetString([.. answer]).Split("\r\n")[0].Split(' ');
        if (status.Length < 2 || !status[1].StartsWith('2'))
        {
            throw new IOException(
                $"The proxy of Media:Proxy answered {(status.Length < 2 ? "nothing that is HTTP" : status[1])}."
            );
        }
    }

    // RFC 1928: no name and no password, the proxy resolves the name.
    private static async Task Socks5Async(Stream stream, RequestHead asked, CancellationToken cancellation)
    {
        await stream.WriteAsync(new byte[] { 5, 1, 0 }, cancellation);
        var answer = new byte[262];
        await stream.ReadExactlyAsync(answer.AsMemory(0, 2), cancellation);
        var host = IPAddress.TryParse(asked.Host, out var literal)
            ? [(byte)(literal.AddressFamily == AddressFamily.InterNetwork ? 1 : 4), .. literal.GetAddressBytes()]
            : new byte[] { 3, (byte)asked.Host.Length }.Concat(Encoding.Latin1.GetBytes(asked.Host)).ToArray();
        byte[] call = [5, 1, 0, .. host, (byte)(asked.Port >> 8), (byte)asked.Port];
        if (answer[1] == 0)
        {
            await stream.WriteAsync(call, cancellation);
            await stream.ReadExactlyAsync(answer.AsMemory(0, 5), cancellation);
        }
        if (answer[1] != 0)
        {
            throw new IOException($"The proxy of Media:Proxy refused ({answer[1]}).");
        }
        var rest = answer[3] switch
        {
            1 => 4 - 1,
            3 => answer[4],
            _ => 16 - 1,
        };
        await stream.ReadExactlyAsync(answer.AsMemory(5, rest + 2), cancellation);
    }

    // SOCKS 4a: the proxy resolves the name.
    private static async Task Socks4Async(Stream stream, RequestHead asked, CancellationToken cancellation)
    {
        byte[] call =
        [
            4,
            1,
            (byte)(asked.Port >> 8),
            (byte)asked.Port,
            0,
            0,
            0,
            1,
            0,
            .. Encoding.Latin1.GetBytes(asked.Host),
            0,
        ];
        await stream.WriteAsync(call, cancellation);
        var answer = new byte[8];
        await stream.ReadExactlyAsync(answer, cancellation);
        if (answer[1] != 90)
        {
            throw new IOException($"The proxy of Media:Proxy refused ({answer[1]}).");
        }
    }
}
