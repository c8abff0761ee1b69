using System.Net;
using System.Net.Sockets;

namespace Recorder.Harness;

/// <summary>Stands between a client and a server. Can lose the connection, at once or at the answer to a commit, and
/// can fall silent.</summary>
internal sealed class LossyProxy : IDisposable
{
    private readonly int _server;
    private readonly List<Socket> _open = [];
    private readonly TaskCompletionSource _commitLost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TcpListener? _listener;
    private volatile bool _loseCommit;
    private volatile TaskCompletionSource _speaks = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LossyProxy(int server)
    {
        _server = server;
        _speaks.SetResult();
        Open(0);
    }

    public int Port { get; private set; }

    /// <summary>Done when a commit was carried out whose answer the client did not get.</summary>
    public Task CommitLost => _commitLost.Task;

    /// <summary>From here on nobody gets through.</summary>
    public void Cut()
    {
        Refuse();
        CloseAll();
    }

    /// <summary>From here on nobody new gets through; the connections that stand go on.</summary>
    public void Refuse()
    {
        _listener!.Stop();
        _listener = null;
    }

    /// <summary>From here on no byte gets through, either way. Connections stay open, and new ones are taken, as where
    /// a firewall drops packets.</summary>
    public void Silence() => _speaks = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From here on everybody gets through.</summary>
    public void Mend()
    {
        _speaks.TrySetResult();
        if (_listener is null)
        {
            Open(Port);
        }
    }

    /// <summary>The next commit reaches the server; its answer is lost together with the connection.</summary>
    public void LoseNextCommit() => _loseCommit = true;

    public void Dispose()
    {
        _listener?.Dispose();
        CloseAll();
        _speaks.TrySetResult();
    }

    private void Open(int port)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync(_listener);
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await listener.AcceptSocketAsync());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The listener was stopped.
        }
    }

    private async Task CarryAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        lock (_open)
        {
            _open.AddRange([client, server]);
        }
        try
        {
            await _speaks.Task;
            await server.ConnectAsync(IPAddress.Loopback, _server);
            var losing = false;
            var forth = PumpAsync(
                client,
                server,
                bytes =>
                {
                    losing |= _loseCommit && bytes.IndexOf("COMMIT"u8) >= 0;
                    return true;
                }
            );
            var back = PumpAsync(
                server,
                client,
                _ =>
                {
                    if (!losing)
                    {
                        return true;
                    }
                    _loseCommit = false;
                    _commitLost.TrySetResult();
                    return false;
                }
            );
            await Task.WhenAny(forth, back);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Cut, or the server is away.
        }
        finally
        {
            client.Dispose();
        }
    }

    private delegate bool Look(ReadOnlySpan<byte> bytes);

    private async Task PumpAsync(Socket from, Socket to, Look passes)
    {
        try
        {
            var buffer = new byte[65536];
            while (await from.ReceiveAsync(buffer) is > 0 and var count && passes(buffer.AsSpan(0, count)))
            {
                await _speaks.Task;
                await to.SendAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The other direction ended.
        }
    }

    private void CloseAll()
    {
        lock (_open)
        {
            _open.ForEach(socket => socket.Dispose());
            _open.Clear();
        }
    }
}
