using System.Net;
using System.Net.Sockets;
using Recorder.Worker.Network;

namespace Recorder.Cluster.Network;

/// <summary>Connections for HTTP clients that call where others tell them to. A host is resolved once for a connection,
/// and the connection is made to what was resolved, so that a name that changes meanwhile leads nowhere else.</summary>
/// <param name="policy">Which addresses may be called.</param>
/// <param name="resolver">Resolves names; null: the system does.</param>
public sealed class AllowedConnection(NetworkPolicy policy, IHostResolver? resolver = null)
{
    private readonly AddressGate _gate = new(policy, resolver ?? SystemResolver.Instance);

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
        SocketException? failed = null;
        foreach (
            var candidate in await _gate.ResolveAsync(context.InitialRequestMessage.RequestUri!, cancellation)
        )
        {
            var socket = new Socket(candidate.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(candidate, context.DnsEndPoint.Port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception error)
            {
                socket.Dispose();
                if (error is not SocketException refused)
                {
                    throw;
                }
                failed = refused;
            }
        }
        throw failed!;
    }
}
