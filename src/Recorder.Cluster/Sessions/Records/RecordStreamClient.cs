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
    /// <param name="way">The port, the ticket, and the key.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The way; null when the other node cannot be reached in this way.</returns>
    public static async Task<RecordWay?> ConnectAsync(
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

        // A node of an earlier build offers no key. What is secret is then read in messages.
        var secret = system.Settings.Setup.Get<DotNettySslSetup>().HasValue;
        if (secret && way.Key is not { Length: RecordSeal.KeyBytes })
        {
            return null;
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host, way.Port, limit.Token);
            await socket.SendAsync(way.Ticket.ToByteArray(), limit.Token);
            return new RecordWay(
                new NetworkStream(socket, ownsSocket: true),
                secret ? new RecordSeal(way.Key!) : null
            );
        }
        catch (Exception error)
            when (error
                    is IOException
                        or SocketException
                        or OperationCanceledException
            )
        {
            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    private static RecordWay? Own(ActorSystem system, RecordStreamOpened way)
    {
        try
        {
            return RecordStreams.Of(system).Server?.Take(way.Ticket) is { } file ? new RecordWay(file, null) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Reading in messages tells the reason.
            return null;
        }
    }
}
