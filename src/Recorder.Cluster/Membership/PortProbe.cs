using System.Net.Sockets;
using Akka.Actor;

namespace Recorder.Cluster.Membership;

/// <summary>Opens a connection to a node's remoting port and closes it again.</summary>
internal static class PortProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(800);

    /// <summary>The outcome of one connection.</summary>
    public static async Task<ProbeOutcome> TryAsync(Address node)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(node.Host, node.Port!.Value, limit.Token);
            return ProbeOutcome.Accepted;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode == SocketError.ConnectionRefused
                ? ProbeOutcome.Refused
                : ProbeOutcome.NoAnswer;
        }
        catch (OperationCanceledException)
        {
            return ProbeOutcome.NoAnswer;
        }
    }
}
