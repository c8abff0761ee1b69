using System.Net.Sockets;
using System.Text;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>An HTTP client that never comes to the end of its request, and is just fast enough for the
/// server.</summary>
internal sealed class SlowCaller : IAsyncDisposable
{
    /// <summary>Bytes a second. The server sends clients away that are slower than 240, also on a busy
    /// machine.</summary>
    private const int Speed = 1000;

    private readonly TcpClient _client = new();
    private readonly CancellationTokenSource _end = new();
    private Task _sending = Task.CompletedTask;

    private SlowCaller() { }

    /// <summary>Whether the server still waits for the rest of the request.</summary>
    public bool Waits =>
        !_sending.IsCompleted && !(_client.Client.Poll(0, SelectMode.SelectRead) && _client.Client.Available == 0);

    /// <summary>What the server has answered; empty while it waits.</summary>
    public string Answer
    {
        get
        {
            var answer = new byte[_client.Client.Available];
            return Encoding.ASCII.GetString(answer, 0, answer.Length > 0 ? _client.Client.Receive(answer) : 0);
        }
    }

    /// <summary>Begins a start of a recording whose body takes minutes.</summary>
    public static async Task<SlowCaller> CallAsync(Uri address)
    {
        var caller = new SlowCaller();
        await caller._client.ConnectAsync(address.Host, address.Port);
        await caller._client.GetStream()
            .WriteAsync(
                Encoding.ASCII.GetBytes(
                    $"POST /api/start HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: 65000\r\n\r\n"
                )
            );
        caller._sending = caller.SendAsync();
        return caller;
    }

    public async ValueTask DisposeAsync()
    {
        if (_end.IsCancellationRequested)
        {
            return;
        }
        await _end.CancelAsync();
        try
        {
            await _sending;
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // The end of the test, or the server has hung up.
        }
        _client.Dispose();
        _end.Dispose();
    }

    private async Task SendAsync()
    {
        var blanks = Encoding.ASCII.GetBytes(new string(' ', Speed / 4));
        while (true)
        {
            await _client.GetStream().WriteAsync(blanks, _end.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(250), _end.Token);
        }
    }
}
