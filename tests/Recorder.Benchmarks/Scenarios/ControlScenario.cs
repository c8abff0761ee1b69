using System.Diagnostics;
using System.Globalization;
using Recorder.Benchmarks.Measuring;
using Recorder.Benchmarks.Systems;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>How long one call took, over many calls.</summary>
/// <param name="Call">The call.</param>
/// <param name="Times">How long each took, in milliseconds, the shortest first.</param>
/// <param name="Bytes">The size of the last answer.</param>
internal sealed record CallTimes(string Call, IReadOnlyList<double> Times, long Bytes)
{
    /// <summary>The time that a share of the calls did not exceed, in milliseconds.</summary>
    public double Percentile(double share) => Times[(int)Math.Ceiling(share * Times.Count) - 1];
}

/// <summary>What a node told of a number of past sessions.</summary>
/// <param name="Past">How many there were.</param>
/// <param name="ReadyAfter">From the start of the process until the node was ready.</param>
/// <param name="AtReady">The memory when it was ready, in bytes.</param>
/// <param name="AfterCalls">The memory after all calls, in bytes.</param>
/// <param name="Calls">The calls.</param>
internal sealed record ControlReport(
    int Past,
    TimeSpan ReadyAfter,
    long AtReady,
    long AfterCalls,
    IReadOnlyList<CallTimes> Calls
);

/// <summary>A real node over HTTP with a long history: how fast it tells of its sessions, and what memory that
/// takes.</summary>
internal sealed class ControlScenario(string product, int pages, int wholes)
{
    /// <summary>Measures a node with a number of past sessions.</summary>
    public async Task<ControlReport> RunAsync(int past, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("recorder-control-");
        try
        {
            await (await ProductNode.StartAsync(product, folder.FullName, cancellationToken)).DisposeAsync();
            if (past > 0)
            {
                await PastSessions.WriteAsync(
                    Path.Combine(folder.FullName, "data", "recorder.db"),
                    past,
                    cancellationToken
                );
            }
            var since = Stopwatch.GetTimestamp();
            await using var node = await ProductNode.StartAsync(product, folder.FullName, cancellationToken);
            var ready = Stopwatch.GetElapsedTime(since);
            await Task.Delay(TimeSpan.FromSeconds(5), cancellationToken);
            var atReady = MemoryMeter.Read(node.Processes).Values.Sum();
            using var http = new HttpClient { BaseAddress = node.Address };
            var random = new Random(7);
            int Any() => PastSessions.First + random.Next(Math.Max(1, past));
            CallTimes[] calls =
            [
                await MeasureAsync(http, "GET /api/sessions?after=…", pages, () => $"api/sessions?after={Any()}"),
                await MeasureAsync(
                    http,
                    "GET /api/sessions?state=interrupted&after=…",
                    pages,
                    () => $"api/sessions?state=interrupted&after={Any()}"
                ),
                await MeasureAsync(http, "GET /api/sessions/{id}", pages, () => $"api/sessions/{Any()}"),
                await MeasureAsync(http, "GET /api/get_records?id=…", pages, () => $"api/get_records?id={Any()}"),
                await MeasureAsync(http, "GET /api/status", wholes, () => "api/status"),
            ];
            return new ControlReport(past, ready, atReady, MemoryMeter.Read(node.Processes).Values.Sum(), calls);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        async Task<CallTimes> MeasureAsync(HttpClient http, string name, int times, Func<string> path)
        {
            var took = new List<double>();
            var bytes = 0L;
            for (var call = 0; call < times; call++)
            {
                var since = Stopwatch.GetTimestamp();
                using var answer = await http.GetAsync(
                    new Uri(path(), UriKind.Relative),
                    HttpCompletionOption.ResponseHeadersRead,
                    cancellationToken
                );
                await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
                var buffer = new byte[64 * 1024];
                bytes = 0;
                while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
                {
                    bytes += read;
                }
                took.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
                if (past > 0 && !answer.IsSuccessStatusCode)
                {
                    throw new InvalidOperationException(
                        string.Create(CultureInfo.InvariantCulture, $"{name} was answered {(int)answer.StatusCode}.")
                    );
                }
            }
            return new CallTimes(name, [.. took.Order()], bytes);
        }
    }
}
