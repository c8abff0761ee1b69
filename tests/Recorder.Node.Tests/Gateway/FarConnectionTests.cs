using System.Net;
using System.Net.Sockets;
using Recorder.Node.Gateway;

namespace Recorder.Node.Tests.Gateway;

/// <summary>Connections to a host of several addresses.</summary>
[Trait("ring", "actor")]
public sealed class FarConnectionTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly IPAddress Closed = IPAddress.Parse("127.0.0.2");

    private readonly TcpListener _server = new(IPAddress.Loopback, 0);

    public FarConnectionTests() => _server.Start();

    private int Port => ((IPEndPoint)_server.LocalEndpoint).Port;

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task An_address_that_refuses_gives_way_to_the_next()
    {
        using var stream = await FarConnection
            .ToAsync([Closed, IPAddress.Loopback], Port, CancellationToken.None)
            .WaitAsync(Limit);
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)stream.Socket.RemoteEndPoint!).Address);
    }

    [Fact]
    public async Task An_address_that_is_silent_gives_way_to_the_next_and_its_try_is_ended()
    {
        using var full = new SilentServer(Closed, Port);
        using var stream = await FarConnection
            .ToAsync([Closed, IPAddress.Loopback], Port, CancellationToken.None)
            .WaitAsync(Limit);
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)stream.Socket.RemoteEndPoint!).Address);
    }

    [Fact]
    public async Task When_all_refuse_the_last_refusal_is_told()
    {
        var port = Port;
        _server.Stop();
        var error = await Assert.ThrowsAsync<SocketException>(() =>
            FarConnection.ToAsync([Closed, IPAddress.Loopback], port, CancellationToken.None).WaitAsync(Limit)
        );
        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
    }

    [Fact]
    public async Task Attempts_end_with_the_call()
    {
        using var first = new SilentServer(Closed, Port);
        using var second = new SilentServer(IPAddress.Parse("127.0.0.3"), Port);
        using var ended = new CancellationTokenSource();
        var connecting = FarConnection.ToAsync([Closed, IPAddress.Parse("127.0.0.3")], Port, ended.Token);
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(Limit));
    }

    /// <summary>A port that neither answers nor refuses: its queue of connections is full.</summary>
    private sealed class SilentServer : IDisposable
    {
        private readonly List<Socket> _sockets = [];

        public SilentServer(IPAddress address, int port)
        {
            var listener = New();
            listener.Bind(new IPEndPoint(address, port));
            listener.Listen(0);
            // Linux takes one connection more than the queue is long, and ignores further ones.
            for (var taken = 0; taken < 3; taken++)
            {
                var waiting = New();
                waiting.Blocking = false;
                try
                {
                    waiting.Connect(address, port);
                }
                catch (SocketException error) when (error.SocketErrorCode == SocketError.WouldBlock)
                {
                    // On its way.
                }
            }
        }

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

        private Socket New()
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(socket);
            return socket;
        }
    }
}
