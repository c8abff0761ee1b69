using System.Net;
using System.Net.Sockets;

namespace Recorder.Node.Tests.Delivery.Peers;

/// <summary>Stands between a node and a server. Ends each connection after a number of bytes towards the server, lets
/// the bytes drip, or turns a bit over.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly int _server;

    /// <param name="server">The server's port.</param>
    public CuttingProxy(int server)
    {
        _server = server;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>After how many bytes towards the server each connection ends, both ways at once; null: never.</summary>
    public long? CutAfter { get; set; }

    /// <summary>At which byte towards the server a bit is turned over, once; null: never.</summary>
    public long? TurnAt { get; set; }

    /// <summary>The wait before each 16 KiB towards the server.</summary>
    public TimeSpan Drip { get; set; }

    /// <summary>How many bytes went towards the server, over all connections.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    private long _sent;

    public void Dispose()
    {
        _ended.Cancel();
        _listener.Dispose();
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await _listener.AcceptTcpClientAsync(_ended.Token));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _server, _ended.Token);
                var back = server.GetStream().CopyToAsync(client.GetStream(), _ended.Token);
                await Task.WhenAny(ForthAsync(client.GetStream(), server.GetStream()), back);
            }
            catch (Exception error)
                when (error
                        is IOException
                            or OperationCanceledException
                            or SocketException
                            or ObjectDisposedException
                )
            {
                // One of the two has gone.
            }
        }
    }

    private async Task ForthAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[16 * 1024];
        var carried = 0L;
        int read;
        while ((read = await from.ReadAsync(buffer, _ended.Token)) > 0)
        {
            if (Drip > TimeSpan.Zero)
            {
                await Task.Delay(Drip, _ended.Token);
            }
            if (TurnAt is { } at && at < carried + read)
            {
                buffer[Math.Max(0, at - carried)] ^= 1;
                TurnAt = null;
            }
            await to.WriteAsync(buffer.AsMemory(0, read), _ended.Token);
            carried += read;
            Interlocked.Add(ref _sent, read);
            if (carried >= CutAfter)
            {
                return;
            }
        }
    }
}
