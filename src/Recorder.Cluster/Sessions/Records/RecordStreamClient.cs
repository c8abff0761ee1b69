using System.Net.Security;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Remote.Transport.DotNetty;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>Connects an edge to the <see cref="RecordStreamServer"/> of another node.</summary>
public static class RecordStreamClient
{
    /// <summary>How long connecting may take. A port that a firewall closes does not answer.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Connects, and shows the ticket. What can be read then are the bytes of the ticket's part, and fewer
    /// when something stands in the way.</summary>
    /// <param name="system">The actor system of this node, which has the farm's key.</param>
    /// <param name="node">The cluster address of the other node; empty for this node, whose file is read
    /// itself.</param>
    /// <param name="way">The port, and the ticket.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The stream; null when the other node cannot be reached in this way.</returns>
    public static async Task<Stream?> ConnectAsync(
        ActorSystem system,
        string node,
        RecordStreamOpened way,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(way);
        if (node.Length == 0)
        {
            return Own(system, way);
        }
        if (!Address.TryParse(node, out var address) || address.Host is null)
        {
            return null;
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var stream = Stream.Null;
        try
        {
            await socket.ConnectAsync(address.Host, way.Port, limit.Token);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (system.Settings.Setup.Get<DotNettySslSetup>() is { HasValue: true, Value: var security })
            {
                var secured = new SslStream(stream);
                stream = secured;
                await secured.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = "recorder",
                        ClientCertificates = [security.Certificate],
                        RemoteCertificateValidationCallback = HasKeyOf(security),
                    },
                    limit.Token
                );
            }
            await stream.WriteAsync(way.Ticket.ToByteArray(), limit.Token);
            return stream;
        }
        catch (Exception error)
            when (error
                    is IOException
                        or SocketException
                        or OperationCanceledException
                        or System.Security.Authentication.AuthenticationException
            )
        {
            await stream.DisposeAsync();
            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    private static Stream? Own(ActorSystem system, RecordStreamOpened way)
    {
        try
        {
            return RecordStreams.Of(system).Server?.Take(way.Ticket);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Reading in messages tells the reason.
            return null;
        }
    }

    /// <summary>Accepts the other end of a connection when it has the farm's key, as all connections between nodes
    /// do.</summary>
    internal static RemoteCertificateValidationCallback HasKeyOf(DotNettySslSetup security)
    {
        var own = security.Certificate.PublicKey.ExportSubjectPublicKeyInfo();
        return (_, shown, _, _) =>
            shown is System.Security.Cryptography.X509Certificates.X509Certificate2 certificate
            && certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(own);
    }
}
