using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Recorder.Cluster.Network;

namespace Recorder.Node.Gateway;

/// <summary>
/// The only way of a session's browser to servers: a proxy for HTTP on a port of its own. The gateway resolves each
/// host once, and connects to what the policy allows of that, so a name that changes meanwhile leads nowhere else. A
/// browser that is refused sees a connection that fails.
/// </summary>
internal sealed class PageGateway : IDisposable
{
    /// <summary>The address of all gateways. It is not 127.0.0.1, so that a firewall can tell a browser's way to its
    /// gateway from its way to the other services of the machine.</summary>
    public static readonly IPAddress Address = IPAddress.Parse("127.0.34.70");

    /// <summary>More connections than a browser makes.</summary>
    private const int MostConnections = 512;

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan HeadLimit = TimeSpan.FromSeconds(30);
    private static readonly byte[] Connected = "HTTP/1.1 200 Connected\r\n\r\n"u8.ToArray();
    private static readonly byte[] Refused = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"u8.ToArray();
    private static readonly byte[] Unreachable = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

    private readonly GatewayRoad _road;
    private readonly Socket _listener;
    private readonly CancellationTokenSource _closed = new();
    private int _open;

    private PageGateway(GatewayRoad road, Socket listener) => (_road, _listener) = (road, listener);

    /// <summary>The gateway's port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Why servers could not be reached.</summary>
    public RoadTroubles Troubles { get; } = new();

    /// <summary>The browser's switches: everything goes by the gateway, addresses of this machine too.</summary>
    public IEnumerable<string> Arguments =>
        [
            string.Create(CultureInfo.InvariantCulture, $"--proxy-server=http://{Address}:{Port}"),
            "--proxy-bypass-list=<-loopback>",
        ];

    /// <summary>Opens a gateway on a free port.</summary>
    /// <param name="road">The way to servers.</param>
    /// <exception cref="SocketException">There is no free port.</exception>
    public static PageGateway Open(GatewayRoad road)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(new IPEndPoint(Address, 0));
            listener.Listen(128);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
        var gateway = new PageGateway(road, listener);
        _ = gateway.AcceptAsync();
        return gateway;
    }

    /// <summary>Closes the port and all connections.</summary>
    public void Dispose()
    {
        _closed.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            Socket near;
            try
            {
                near = await _listener.AcceptAsync(_closed.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // A connection that broke before it was accepted, or no file is free for the moment.
                await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None);
                continue;
            }
            if (Interlocked.Increment(ref _open) > MostConnections)
            {
                Interlocked.Decrement(ref _open);
                near.Dispose();
                continue;
            }
            near.NoDelay = true;
            _ = ServeAsync(near);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var near = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await ServeAsync(near, new HeadReader(near));
        }
        catch (Exception error)
            when (error
                    is IOException
                        or SocketException
                        or OperationCanceledException
                        or ObjectDisposedException
                        or InvalidOperationException
            )
        {
            // The browser or the server went away, which the other one sees.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task ServeAsync(NetworkStream near, HeadReader reader)
    {
        RequestHead? asked;
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token))
        {
            // A browser also opens connections ahead of need, and they wait for their first request.
            _ = await near.ReadAsync(Memory<byte>.Empty, _closed.Token);
            limit.CancelAfter(HeadLimit);
            asked = await reader.NextAsync(limit.Token) is { } head ? RequestHead.Read(head) : null;
        }
        if (asked is null || await ConnectAsync(near, asked) is not { } connected)
        {
            return;
        }
        using var far = connected;
        if (asked.Tunnel)
        {
            await near.WriteAsync(Connected, _closed.Token);
            await reader.FlushAsync(far.Stream, _closed.Token);
            await Relay.BothAsync(near, far.Stream, _closed.Token);
        }
        else
        {
            await AnswerAsync(near, reader, far, asked);
        }
    }

    private async Task<Far?> ConnectAsync(NetworkStream near, RequestHead asked)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token);
            limit.CancelAfter(ConnectLimit);
            var far = await _road.ConnectAsync(asked, limit.Token);
            Troubles.Reached(asked);
            return far;
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
        {
            Troubles.Failed(asked, error);
            if (asked.Tunnel)
            {
                // A page sees a failed tunnel as a connection that fails. An answer to http would be an answer of the
                // server, so there the connection is closed.
                await near.WriteAsync(error is RefusedAddressException ? Refused : Unreachable, _closed.Token);
                await Relay.EndAsync(near);
            }
            return null;
        }
    }

    /// <summary>Passes requests on one by one, and what the server answers as it comes.</summary>
    private async Task AnswerAsync(NetworkStream near, HeadReader reader, Far far, RequestHead first)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token);
        var back = Relay.OneAsync(far.Stream, near, ended.Token);
        var there = AskAsync(reader, far, first, near, ended.Token);
        await Task.WhenAny(there, back);
        await Relay.LetEndAsync(there, back, ended);
    }

    private static async Task AskAsync(
        HeadReader reader,
        Far far,
        RequestHead first,
        NetworkStream near,
        CancellationToken cancellation
    )
    {
        var asked = first;
        while (true)
        {
            await far.Stream.WriteAsync(far.WholeHeads ? asked.Whole : asked.ForServer, cancellation);
            if (asked.BodyLength is not { } length)
            {
                await reader.FlushAsync(far.Stream, cancellation);
                await Relay.OneAsync(near, far.Stream, cancellation);
                return;
            }
            await reader.CopyAsync(far.Stream, length, cancellation);
            if (await reader.NextAsync(cancellation) is not { } head)
            {
                await Relay.EndAsync(far.Stream);
                return;
            }
            // A connection leads to one server. A browser opens another connection for another server.
            asked =
                RequestHead.Read(head) is { } next && next.IsFor(first)
                    ? next
                    : throw new IOException("The next request is for another server.");
        }
    }
}
