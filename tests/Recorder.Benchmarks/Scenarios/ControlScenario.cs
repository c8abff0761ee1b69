using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Recorder.Benchmarks.Processes;
using Recorder.Benchmarks.Systems;
using Recorder.Cluster.Database;
using Recorder.Harness;

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
/// <param name="Database">The kind of the node's database.</param>
/// <param name="ReadyAfter">From the start of the process until the node was ready.</param>
/// <param name="AtReady">The memory some seconds after it was ready, in bytes.</param>
/// <param name="BeforeStatus">The memory after all other calls, in bytes.</param>
/// <param name="PeakInStatus">The largest memory while the whole status was read, in bytes.</param>
/// <param name="AfterCalls">The memory after all calls, in bytes.</param>
/// <param name="Calls">The calls.</param>
/// <param name="StartsPerSecond">Starts, each followed by its stop, on a node whose media are played.</param>
internal sealed record ControlReport(
    int Past,
    DatabaseKind Database,
    TimeSpan ReadyAfter,
    long AtReady,
    long BeforeStatus,
    long PeakInStatus,
    long AfterCalls,
    IReadOnlyList<CallTimes> Calls,
    double StartsPerSecond
)
{
    /// <summary>The call for a page of 100 sessions.</summary>
    public const string PageCall = "GET /api/sessions?after=…";
}

/// <summary>How often each call is made.</summary>
/// <param name="Short">The short calls.</param>
/// <param name="Whole">The whole status.</param>
/// <param name="Starts">Starts with their stops, on a node whose media are played.</param>
/// <param name="StartsAtOnce">How many starts are under way at a time.</param>
internal sealed record ControlCounts(int Short, int Whole, int Starts, int StartsAtOnce);

/// <summary>A real node over HTTP with a long history: how fast it tells of its sessions, and what memory that
/// takes. A second node, whose media are played, has the same history and tells how many starts a node takes.</summary>
internal sealed class ControlScenario(string product, ControlCounts counts)
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Measures a node with a number of past sessions.</summary>
    /// <param name="past">How many.</param>
    /// <param name="server">The PostgreSQL that keeps them, empty; null for SQLite.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    public async Task<ControlReport> RunAsync(int past, PrivatePostgres? server, CancellationToken cancellationToken)
    {
        var connection = server?.ConnectionString;
        var folder = Directory.CreateTempSubdirectory("recorder-control-");
        try
        {
            await (
                await ProductNode.StartAsync(product, folder.FullName, connection, cancellationToken)
            ).DisposeAsync();
            if (past > 0)
            {
                await PastSessions.WriteAsync(
                    connection is null
                        ? new DatabaseOptions { File = Path.Combine(folder.FullName, "data", "recorder.db") }
                        : new DatabaseOptions { ConnectionString = connection },
                    past,
                    cancellationToken
                );
            }
            var report = await ReadAsync(folder.FullName, connection, past, cancellationToken);
            var (starts, stops, perSecond) = await StartAsync(folder.FullName, connection, cancellationToken);
            return report with { Calls = [.. report.Calls, starts, stops], StartsPerSecond = perSecond };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<ControlReport> ReadAsync(
        string folder,
        string? connection,
        int past,
        CancellationToken cancellationToken
    )
    {
        var since = Stopwatch.GetTimestamp();
        await using var node = await ProductNode.StartAsync(product, folder, connection, cancellationToken);
        var ready = Stopwatch.GetElapsedTime(since);
        await Task.Delay(TimeSpan.FromSeconds(5), cancellationToken);
        var atReady = ProcFileSystem.ResidentSetSize(node.ProcessId);
        using var http = new HttpClient { BaseAddress = node.Address };
        var random = new Random(7);
        int Any() => PastSessions.First + random.Next(Math.Max(1, past));
        CallTimes[] calls =
        [
            await MeasureAsync(ControlReport.PageCall, counts.Short, () => $"api/sessions?after={Any()}"),
            await MeasureAsync(
                "GET /api/sessions?state=interrupted&after=…",
                counts.Short,
                () => $"api/sessions?state=interrupted&after={Any()}"
            ),
            await MeasureAsync("GET /api/sessions/{id}", counts.Short, () => $"api/sessions/{Any()}"),
            await MeasureAsync("GET /api/get_records?id=…", counts.Short, () => $"api/get_records?id={Any()}"),
        ];
        var before = ProcFileSystem.ResidentSetSize(node.ProcessId);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var peak = PeakAsync(node.ProcessId, ended.Token);
        var status = await MeasureAsync("GET /api/status", counts.Whole, () => "api/status");
        await ended.CancelAsync();
        return new ControlReport(
            past,
            connection is null ? DatabaseKind.Sqlite : DatabaseKind.Postgres,
            ready,
            atReady,
            before,
            await peak,
            ProcFileSystem.ResidentSetSize(node.ProcessId),
            [.. calls, status],
            0
        );

        async Task<CallTimes> MeasureAsync(string name, int times, Func<string> path)
        {
            var took = new List<double>();
            var bytes = 0L;
            for (var call = 0; call < times; call++)
            {
                var at = Stopwatch.GetTimestamp();
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
                took.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
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

    private async Task<(CallTimes Starts, CallTimes Stops, double PerSecond)> StartAsync(
        string folder,
        string? connection,
        CancellationToken cancellationToken
    )
    {
        await using var node = await ProductNode.StartPlayedAsync(folder, connection, cancellationToken);
        using var http = new HttpClient { BaseAddress = node.Address };

        // What runs for the first time is not what a node takes later.
        await StartAllAsync(http, counts.StartsAtOnce * 4, cancellationToken);
        var since = Stopwatch.GetTimestamp();
        var (starts, stops) = await StartAllAsync(http, counts.Starts, cancellationToken);
        var took = Stopwatch.GetElapsedTime(since);
        return (
            new CallTimes("POST /api/start, media played", [.. starts.Order()], 0),
            new CallTimes("POST /api/stop, media played", [.. stops.Order()], 0),
            counts.Starts / took.TotalSeconds
        );
    }

    private async Task<(ConcurrentBag<double> Starts, ConcurrentBag<double> Stops)> StartAllAsync(
        HttpClient http,
        int count,
        CancellationToken cancellationToken
    )
    {
        var (starts, stops) = (new ConcurrentBag<double>(), new ConcurrentBag<double>());
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = counts.StartsAtOnce,
                CancellationToken = cancellationToken,
            },
            async (number, stopping) =>
            {
                var id = await CallAsync(
                    "api/start",
                    new
                    {
                        type = "uri",
                        data = new { uri = $"https://meet.example.org/room-{number}", mode = "record" },
                    },
                    starts
                );
                await CallAsync("api/stop", new { id }, stops);

                async Task<long> CallAsync(string path, object body, ConcurrentBag<double> times)
                {
                    var since = Stopwatch.GetTimestamp();
                    using var answer = await http.PostAsJsonAsync(path, body, stopping);
                    var text = await answer.Content.ReadAsStringAsync(stopping);
                    times.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
                    if (!answer.IsSuccessStatusCode)
                    {
                        throw new InvalidOperationException($"{path} was answered {(int)answer.StatusCode}: {text}");
                    }
                    using var json = JsonDocument.Parse(text);
                    return json.RootElement.TryGetProperty("id", out var id) ? id.GetInt64() : 0;
                }
            }
        );
        return (starts, stops);
    }

    private static async Task<long> PeakAsync(int processId, CancellationToken ended)
    {
        var peak = 0L;
        while (!ended.IsCancellationRequested)
        {
            peak = Math.Max(peak, ProcFileSystem.ResidentSetSize(processId));
            await Task.Delay(SampleInterval, CancellationToken.None);
        }
        return peak;
    }
}
