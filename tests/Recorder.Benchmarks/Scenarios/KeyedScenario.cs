using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Recorder.Benchmarks.Systems;
using Recorder.Cluster.Database;
using Recorder.Http.Settings;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>How many calls a second one edge answered.</summary>
/// <param name="Keys">How many keys the edge knows.</param>
/// <param name="Path">What was asked.</param>
/// <param name="PerSecond">The calls a second.</param>
/// <param name="Median">The median time of a call, in milliseconds.</param>
/// <param name="Late">The time that 99 of 100 calls did not exceed, in milliseconds.</param>
/// <param name="NodeCores">How many processors the node used.</param>
internal sealed record KeyedReport(
    int Keys,
    string Path,
    double PerSecond,
    double Median,
    double Late,
    double NodeCores
)
{
    /// <summary>How many keyed calls a second one edge must answer.</summary>
    public const int Target = 5_000;
}

/// <summary>Calls with API keys over loopback to one real node, from this process. Client and node share the
/// processors of the machine.</summary>
/// <param name="product">The folder with the executable <c>recorder</c>.</param>
/// <param name="nodeOptions">Further options of the node's command line.</param>
/// <param name="paths">What is asked.</param>
/// <param name="connections">How many connections call at once, each one call after the other.</param>
internal sealed class KeyedScenario(string product, string[] nodeOptions, string[] paths, int connections)
{
    private const int PastCount = 100;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    /// <summary>Measures a node.</summary>
    /// <param name="count">How many keys the node knows. The calls use all of them in turn.</param>
    /// <param name="time">How long each path is asked.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    public async Task<IReadOnlyList<KeyedReport>> RunAsync(
        int count,
        TimeSpan time,
        CancellationToken cancellationToken
    )
    {
        var folder = Directory.CreateTempSubdirectory("recorder-keyed-");
        try
        {
            await (
                await ProductNode.StartAsync(product, folder.FullName, cancellationToken)
            ).DisposeAsync();
            await PastSessions.WriteAsync(
                new DatabaseOptions { File = Path.Combine(folder.FullName, "data", "recorder.db") },
                PastCount,
                cancellationToken
            );
            var keys = Enumerable
                .Range(0, count)
                .Select(_ => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)))
                .ToList();
            var file = Path.Combine(folder.FullName, "keys.json");
            await WriteAsync(file, keys);
            await using var node = await ProductNode.StartAsync(
                product,
                folder.FullName,
                ["--http-keys-file", file, .. nodeOptions],
                cancellationToken
            );
            List<KeyedReport> reports = [];
            foreach (var path in paths)
            {
                await CallAsync(node.Address, path, keys, WarmUp, cancellationToken);
                var before = CpuTimeOf(node.ProcessId);
                var since = Stopwatch.GetTimestamp();
                var times = await CallAsync(node.Address, path, keys, time, cancellationToken);
                var took = Stopwatch.GetElapsedTime(since);
                times.Sort();
                reports.Add(
                    new KeyedReport(
                        count,
                        path,
                        times.Count / took.TotalSeconds,
                        times[times.Count / 2],
                        times[times.Count * 99 / 100],
                        (CpuTimeOf(node.ProcessId) - before) / took
                    )
                );
            }
            return reports;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static TimeSpan CpuTimeOf(int process)
    {
        using var node = Process.GetProcessById(process);
        return node.TotalProcessorTime;
    }

    private static async Task WriteAsync(string file, IEnumerable<string> keys)
    {
        await File.WriteAllTextAsync(
            file,
            KeysFile.Write(
                keys.Select(
                    (key, index) =>
                        new ApiKeyOptions
                        {
                            Name = string.Create(CultureInfo.InvariantCulture, $"caller-{index}"),
                            Owner = "benchmark",
                            Sha256 = KeysFile.Sha256Of(key),
                        }
                )
            )
        );
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private async Task<List<double>> CallAsync(
        Uri node,
        string path,
        List<string> keys,
        TimeSpan time,
        CancellationToken cancellationToken
    )
    {
        var lanes = await Task.WhenAll(
            Enumerable
                .Range(0, connections)
                .Select(lane =>
                    Task.Run(() => LaneAsync(node, path, keys, lane, time, cancellationToken), cancellationToken)
                )
        );
        return [.. lanes.SelectMany(lane => lane)];
    }

    /// <summary>Calls over one connection until the time is over. A plain socket leaves the processors to the
    /// node.</summary>
    private async Task<List<double>> LaneAsync(
        Uri node,
        string path,
        List<string> keys,
        int lane,
        TimeSpan time,
        CancellationToken cancellationToken
    )
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(node.Host, node.Port, cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        var times = new List<double>();
        var since = Stopwatch.GetTimestamp();
        for (var call = lane; Stopwatch.GetElapsedTime(since) < time; call += connections)
        {
            var request = Encoding.ASCII.GetBytes(
                $"GET {path} HTTP/1.1\r\nHost: {node.Authority}\r\nAuthorization: Bearer {keys[call % keys.Count]}\r\n\r\n"
            );
            var at = Stopwatch.GetTimestamp();
            await socket.SendAsync(request, cancellationToken);
            await ReceiveAsync(socket, buffer, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
        }
        ArrayPool<byte>.Shared.Return(buffer);
        return times;
    }

    private static async Task ReceiveAsync(Socket socket, byte[] buffer, CancellationToken cancellationToken)
    {
        var (filled, whole) = (0, int.MaxValue);
        while (filled < whole)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(filled), cancellationToken);
            if (read == 0)
            {
                throw new InvalidOperationException("The node closed a connection of the benchmark.");
            }
            filled += read;
            if (whole == int.MaxValue && Whole(buffer.AsSpan(0, filled)) is { } length)
            {
                whole = length;
            }
        }
    }

    /// <summary>How long the answer is with its head; null while the head is not whole.</summary>
    private static int? Whole(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return null;
        }
        var head = Encoding.ASCII.GetString(answer[..end]);
        if (!head.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"The node answered {head.Split('\r')[0]}.");
        }
        const string Name = "Content-Length: ";
        var at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase) + Name.Length;
        var line = head.IndexOf('\r', at);
        return end + 4 + int.Parse(line < 0 ? head[at..] : head[at..line], CultureInfo.InvariantCulture);
    }
}
