using System.Net;
using System.Net.Sockets;

namespace Recorder.ReferencePages;

/// <summary>Stands before a server of the loopback address and passes on what goes each way, in its own
/// manner.</summary>
public abstract class LoopbackFront : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _behind;
    private Task _accepting = Task.CompletedTask;
    private int _connections;

    /// <summary>A front that takes no connections before <see cref="Begin"/>.</summary>
    /// <param name="behind">The server's port.</param>
    protected LoopbackFront(int behind) => this._behind = behind;

    /// <summary>The port on the loopback address.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections the front has taken.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _end.Dispose();
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Takes connections from now on.</summary>
    protected void Begin()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>What a client's stream is to the server: the same, or what is in it.</summary>
    protected virtual Task<Stream> AcceptedAsync(NetworkStream client, CancellationToken cancelled) =>
        Task.FromResult<Stream>(client);

    /// <summary>Passes on what the server says, until it is silent for good.</summary>
    protected virtual Task AnswerAsync(Stream server, Stream client, CancellationToken cancelled)
    {
        ArgumentNullException.ThrowIfNull(server);
        return server.CopyToAsync(client, cancelled);
    }

    /// <summary>Lets go of what it was made with.</summary>
    protected virtual void Close() { }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
                Interlocked.Increment(ref _connections);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // The front is at its end.
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var accepted = client;
        using var server = new TcpClient();
        try
        {
            var heard = await AcceptedAsync(client.GetStream(), _end.Token);
            await using var heardEnd = heard;
            await server.ConnectAsync(IPAddress.Loopback, _behind, _end.Token);
            var plain = server.GetStream();
            await Task.WhenAny(heard.CopyToAsync(plain, _end.Token), AnswerAsync(plain, heard, _end.Token));
        }
        catch (Exception error)
            when (error
                    is OperationCanceledException
                        or IOException
                        or SocketException
                        or System.Security.Authentication.AuthenticationException
            )
        {
            // The client does not like what it is shown, or one of the two has gone.
        }
    }
}
