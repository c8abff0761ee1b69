using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Recorder.Harness;

/// <summary>What a receiver of webhooks has been sent.</summary>
/// <param name="Headers">The headers, by their names in lower case.</param>
/// <param name="Body">The body.</param>
internal sealed record Received(IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Id => Headers["webhook-id"];
}

/// <summary>A receiver of webhooks that answers by script. Each answer is what the receiver writes before it closes the
/// connection; null: nothing, and the connection stays open.</summary>
internal sealed class ScriptedReceiver : IAsyncDisposable
{
    public const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    public const string Broken = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    public const string Gone = "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    public const string Busy =
        "HTTP/1.1 503 Busy\r\nRetry-After: 77\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    public const string CutOff = "HTTP/1.1 200 OK\r\nContent-Length: 200\r\nConnection: close\r\n\r\nthis is not all";
    public const string Elsewhere =
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly Func<Received, string?> _answer;
    private readonly Task _accepting;

    public ScriptedReceiver(Func<Received, string?> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Url => $"http://127.0.0.1:{Port}/hook";

    public ConcurrentQueue<Received> Heard { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting;
        _ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_ended.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            // The receiver ends.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var received = await ReadAsync(stream);
                Heard.Enqueue(received);
                if (_answer(received) is { } answer)
                {
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), _ended.Token);
                    return;
                }
                await Task.Delay(Timeout.Infinite, _ended.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or IOException or SocketException)
            {
                // The sender has gone, or the receiver ends.
            }
        }
    }

    private async Task<Received> ReadAsync(NetworkStream stream)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (!Encoding.ASCII.GetString([.. bytes.TakeLast(4)]).Equals("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _ended.Token) == 0)
            {
                throw new IOException("The call broke off.");
            }
            bytes.Add(one[0]);
        }
        var headers = Encoding
            .ASCII.GetString([.. bytes])
            .Split("\r\n")
            .Skip(1)
            .Where(line => line.Contains(':', StringComparison.Ordinal))
            .Select(line => line.Split(':', 2))
            .ToDictionary(pair => pair[0].ToLowerInvariant(), pair => pair[1].Trim());
        var body = new byte[int.Parse(headers["content-length"], CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, _ended.Token);
        return new Received(headers, Encoding.UTF8.GetString(body));
    }
}
