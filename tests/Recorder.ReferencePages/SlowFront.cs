using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Recorder.ReferencePages;

/// <summary>
/// In front of an RTMP server of the loopback address: what the client says goes on at once; what the server says is kept back for a time, once in each connection, from
/// the first piece on in which certain words stand. So a server is made slow to answer at whatever step.
/// </summary>
public sealed class SlowFront : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly int behind;
    private readonly byte[] words;
    private readonly int nth;
    private readonly TimeSpan delay;
    private readonly Task accepting;
    private int connections;

    /// <summary>Takes connections from now on.</summary>
    /// <param name="behind">The server's port.</param>
    /// <param name="words">The words of its answer, in ASCII; none: its first bytes, which are the handshake.</param>
    /// <param name="nth">In how many pieces they have to stand, from 1.</param>
    /// <param name="delay">For how long the answer is kept back.</param>
    public SlowFront(int behind, string words, int nth, TimeSpan delay)
    {
        this.behind = behind;
        this.words = Encoding.ASCII.GetBytes(words);
        this.nth = nth;
        this.delay = delay;
        listener.Start();
        accepting = AcceptAsync();
    }

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
            await server.ConnectAsync(IPAddress.Loopback, behind, end.Token).ConfigureAwait(false);
            await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream(), end.Token), AnswerAsync(server.GetStream(), client.GetStream())).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException)
        {
            // One of the two has gone.
        }
    }

    private async Task AnswerAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 << 10];
        var met = 0;
        while (await from.ReadAsync(buffer, end.Token).ConfigureAwait(false) is > 0 and var count)
        {
            if (buffer.AsSpan(0, count).IndexOf(words) >= 0 && ++met == nth)
            {
                await Task.Delay(delay, end.Token).ConfigureAwait(false);
            }

            await to.WriteAsync(buffer.AsMemory(0, count), end.Token).ConfigureAwait(false);
        }
    }
}
