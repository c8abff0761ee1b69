using System.Net;
using System.Net.Sockets;

namespace Recorder.Node.Gateway;

/// <summary>Connects to the first of several addresses that answers (RFC 8305, in short): the next one is tried when
/// one fails, or is silent for a moment.</summary>
internal static class FarConnection
{
    private static readonly TimeSpan Head = TimeSpan.FromMilliseconds(250);

    /// <summary>Connects.</summary>
    /// <param name="addresses">The addresses, the best first.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellation">Ends the attempts.</param>
    /// <exception cref="SocketException">No address answers.</exception>
    public static async Task<NetworkStream> ToAsync(
        IReadOnlyList<IPAddress> addresses,
        int port,
        CancellationToken cancellation
    )
    {
        if (addresses.Count == 1)
        {
            return new NetworkStream(await OneAsync(addresses[0], port, cancellation), ownsSocket: true);
        }
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        List<Task<Socket>> tries = [];
        var next = 0;
        Exception? failed = null;
        try
        {
            while (next < addresses.Count || tries.Count > 0)
            {
                if (next < addresses.Count)
                {
                    tries.Add(OneAsync(addresses[next], port, done.Token));
                    next++;
                }
                var any = Task.WhenAny(tries);
                if (next < addresses.Count)
                {
                    await Task.WhenAny(any, Task.Delay(Head, done.Token));
                    if (!any.IsCompleted)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        continue;
                    }
                }
                var first = await any;
                tries.Remove(first);
                if (first.IsCompletedSuccessfully)
                {
                    return new NetworkStream(await first, ownsSocket: true);
                }
                cancellation.ThrowIfCancellationRequested();
                failed = first.Exception?.InnerException;
            }
            throw failed ?? new SocketException((int)SocketError.HostUnreachable);
        }
        finally
        {
            await done.CancelAsync();
            foreach (var late in tries)
            {
                _ = DropAsync(late);
            }
        }
    }

    /// <summary>Closes a connection that came too late.</summary>
    private static async Task DropAsync(Task<Socket> late)
    {
        try
        {
            (await late).Dispose();
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // The try was ended, or has failed by itself.
        }
    }

    private static async Task<Socket> OneAsync(IPAddress address, int port, CancellationToken cancellation)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
