using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Recorder.Harness.Fuzzing;

/// <summary>What came of many fuzzed calls.</summary>
/// <param name="Calls">How many were sent.</param>
/// <param name="Statuses">How often each status was answered; 0: the connection was closed without an answer.</param>
/// <param name="Faults">The calls that a node must not answer so, each with its seed.</param>
internal sealed record FuzzReport(int Calls, IReadOnlyDictionary<int, int> Statuses, IReadOnlyList<string> Faults);

/// <summary>Sends fuzzed calls to a node, each over a connection of its own.</summary>
/// <param name="address">The node.</param>
/// <param name="shape">The node's API.</param>
internal sealed class CallFuzzer(Uri address, ApiShape shape)
{
    private const int AtOnce = 8;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    /// <summary>How long a server may wait for bytes that do not come before the caller says so.</summary>
    private static readonly TimeSpan Missing = TimeSpan.FromMilliseconds(200);

    /// <summary>Sends calls.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">The seed of the first; each next has the next seed.</param>
    /// <param name="cancellation">Ends the calls.</param>
    public async Task<FuzzReport> RunAsync(int count, int seed, CancellationToken cancellation)
    {
        var statuses = new ConcurrentDictionary<int, int>();
        var faults = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(
            Enumerable.Range(seed, count),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
            async (each, ending) =>
            {
                var call = new FuzzedCalls(shape).Next(new Random(each));
                var (status, answer) = await SendAsync(call, ending);
                statuses.AddOrUpdate(status, 1, (_, times) => times + 1);
                if (Fault(status, answer) is { } fault)
                {
                    faults.Enqueue(
                        string.Create(CultureInfo.InvariantCulture, $"Seed {each}: {fault}\n{Printable(call.Bytes)}")
                    );
                }
            }
        );
        return new FuzzReport(count, statuses, [.. faults]);
    }

    /// <summary>What is wrong with an answer, or null.</summary>
    private static string? Fault(int status, string answer) =>
        status switch
        {
            -1 => $"no answer within {Limit.TotalSeconds:0} s",
            // The farm is full, or a part of it is away: an answer that the API describes.
            503 when answer.Contains("\"code\"", StringComparison.Ordinal) => null,
            // The line of the call names another version of HTTP.
            505 => null,
            >= 500 or (> 0 and < 100) => $"answered {status}: {answer}",
            _ => null,
        };

    private async Task<(int Status, string Answer)> SendAsync(FuzzedCall call, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(address.Host), address.Port, limit.Token);
            await socket.SendAsync(call.Bytes, limit.Token);
            if (call.MayLackBytes)
            {
                await Task.Delay(Missing, limit.Token);
                socket.Shutdown(SocketShutdown.Send);
            }
            var answer = new byte[16 * 1024];
            var length = 0;
            while (length < answer.Length && !IsWhole(answer.AsSpan(0, length)))
            {
                var read = await socket.ReceiveAsync(answer.AsMemory(length), limit.Token);
                if (read == 0)
                {
                    break;
                }
                length += read;
            }
            var text = Encoding.Latin1.GetString(answer, 0, length);
            return (StatusOf(text), text);
        }
        catch (SocketException)
        {
            return (0, "");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (-1, "");
        }
    }

    /// <summary>Whether enough has come: the head of any answer, and the body of one that tells a fault of the
    /// node.</summary>
    private static bool IsWhole(ReadOnlySpan<byte> answer) =>
        answer.IndexOf("\r\n\r\n"u8) is > 0 and var head
        && (!answer.StartsWith("HTTP/1.1 5"u8) || answer.Length > head + 4);

    private static int StatusOf(string answer) =>
        answer.Length == 0 ? 0
        : answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)
        && int.TryParse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture, out var status)
            ? status
        : 1;

    private static string Printable(byte[] call) =>
        string.Concat(
            Encoding
                .UTF8.GetString(call)
                .Take(2_000)
                .Select(letter => char.IsControl(letter) && letter != '\n' ? '·' : letter)
        );
}
