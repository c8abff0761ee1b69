using System.Net;
using System.Net.Sockets;

namespace Recorder.Cluster.Network;

/// <summary>Connections for HTTP clients that call where others tell them to. A host is resolved once for a connection,
/// and the connection is made to what was resolved, so that a name that changes meanwhile leads nowhere else.</summary>
/// <param name="policy">Which addresses may be called.</param>
public sealed class AllowedConnection(NetworkPolicy policy)
{
    /// <summary>Connects; a <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <param name="context">What the client wants to reach.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="RefusedAddressException">The policy refuses every address of the host.</exception>
    public async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(context);
        var address = context.InitialRequestMessage.RequestUri!;
        var host = context.DnsEndPoint.Host;
        var resolved = IPAddress.TryParse(host, out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(host, cancellation);
        string? refused = null;
        Exception? failed = null;
        foreach (var candidate in resolved)
        {
            if (policy.WhyRefused(address, candidate) is { } why)
            {
                refused = why;
                continue;
            }
            var socket = new Socket(candidate.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(candidate, context.DnsEndPoint.Port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception error)
            {
                socket.Dispose();
                if (error is not SocketException)
                {
                    throw;
                }
                failed = error;
            }
        }
        throw failed ?? new RefusedAddressException(refused ?? $"The host {host} has no address.");
    }
}

/// <summary>An address that the policy refuses.</summary>
/// <param name="message">The reason, as a sentence.</param>
public sealed class RefusedAddressException(string message) : IOException(message);
