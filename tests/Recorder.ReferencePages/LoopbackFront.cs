using System.Net;
using System.Net.Sockets;

namespace Recorder.ReferencePages;

/// <summary>Stands before a server of the loopback address and passes on what goes each way, in its own manner.</summary>
public abstract class LoopbackFront : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly int behind;
    private Task accepting = Task.CompletedTask;
    private int connections;

    /// <summary>A front that takes no connections before <see cref="Begin"/>.</summary>
    /// <param name="behind">The server's port.</param>
    protected LoopbackFront(int behind) => this.behind = behind;

    /// <summary>The port on the loopback address.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>How many connections it has taken.</summary>
    public int Connections => Volatile.Read(ref connections);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync().ConfigureAwait(false);
        listener.Stop();
        await accepting.ConfigureAwait(false);
        listener.Dispose();
        end.Dispose();
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Takes connections from now on.</summary>
    protected void Begin()
    {
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>What a client's stream is to the server: the same, or what is in it.</summary>
    protected virtual Task<Stream> AcceptedAsync(NetworkStream client, CancellationToken cancelled) => Task.FromResult<Stream>(client);

    /// <summary>Passes on what the server says, until it is silent for good.</summary>
    protected virtual Task AnswerAsync(Stream server, Stream client, CancellationToken cancelled)
    {
        ArgumentNullException.ThrowIfNull(server);
        return server.CopyToAsync(client, cancelled);
    }

    /// <summary>Lets go of what it was made with.</summary>
    protected virtual void Close()
    {
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await listener.AcceptTcpClientAsync(end.Token).ConfigureAwait(false)));
                Interlocked.Increment(ref connections);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // The front is at its end.
        }

        await Task.WhenAll(serving).ConfigureAwait(false);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var accepted = client;
        using var server = new TcpClient();
        try
        {
            var heard = await AcceptedAsync(client.GetStream(), end.Token).ConfigureAwait(false);
            await using var heardEnd = heard.ConfigureAwait(false);
            await server.ConnectAsync(IPAddress.Loopback, behind, end.Token).ConfigureAwait(false);
            var plain = server.GetStream();
            await Task.WhenAny(heard.CopyToAsync(plain, end.Token), AnswerAsync(plain, heard, end.Token)).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            // The client does not like what it is shown, or one of the two has gone.
        }
    }
}
