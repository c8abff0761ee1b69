using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;

namespace Recorder.Node.Gateway;

/// <summary>Passes bytes on between two streams.</summary>
internal static class Relay
{
    private const int Piece = 64 * 1024;

    /// <summary>How long one direction may last after the other one has ended. A browser ends its direction only when
    /// it wants no more.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromMinutes(5);

    /// <summary>Passes bytes on in both directions, until both have ended.</summary>
    public static async Task BothAsync(Stream near, Stream far, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var there = OneAsync(near, far, ended.Token);
        var back = OneAsync(far, near, ended.Token);
        await Task.WhenAny(there, back);
        await LetEndAsync(there, back, ended);
    }

    /// <summary>Passes bytes on in one direction until their end, and then ends the other stream.</summary>
    /// <exception cref="IOException">A stream has broken.</exception>
    public static async Task OneAsync(Stream from, Stream to, CancellationToken cancellation)
    {
        while (true)
        {
            // A connection that waits holds no buffer.
            _ = await from.ReadAsync(Memory<byte>.Empty, cancellation);
            var buffer = ArrayPool<byte>.Shared.Rent(Piece);
            try
            {
                var count = await from.ReadAsync(buffer, cancellation);
                if (count == 0)
                {
                    break;
                }
                await to.WriteAsync(buffer.AsMemory(0, count), cancellation);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
        await EndAsync(to);
    }

    /// <summary>Waits for both directions of a connection, of which one has ended.</summary>
    /// <param name="there">One direction.</param>
    /// <param name="back">The other direction.</param>
    /// <param name="ended">Ends the direction that is left.</param>
    public static async Task LetEndAsync(Task there, Task back, CancellationTokenSource ended)
    {
        if (there.IsFaulted || back.IsFaulted)
        {
            // Half a connection is of no use when the other half has broken.
            await ended.CancelAsync();
        }
        else
        {
            ended.CancelAfter(LastWords);
        }
        await Task.WhenAll(there, back);
    }

    /// <summary>Tells the peer that nothing more comes.</summary>
    public static async Task EndAsync(Stream stream)
    {
        switch (stream)
        {
            case NetworkStream network:
                network.Socket.Shutdown(SocketShutdown.Send);
                break;
            case SslStream tls:
                await tls.ShutdownAsync();
                break;
        }
    }
}
