using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Webhooks;
using Recorder.Harness;
using Recorder.Node.Webhooks;
using Recorder.Worker.Network;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>What was measured of webhooks.</summary>
/// <param name="Told">How many events were told.</param>
/// <param name="ForHanging">How many of them are for receivers that hang.</param>
/// <param name="Arrived">How many have arrived at the other receivers.</param>
/// <param name="Median">From an event in the feed to its receiver, in ms.</param>
/// <param name="P95">The same, of the slowest twentieth.</param>
/// <param name="Most">The same, of the slowest event.</param>
/// <param name="CpuSeconds">The CPU of this process: sender, receivers and the writer of events.</param>
internal sealed record WebhookReport(
    int Told,
    int ForHanging,
    int Arrived,
    double Median,
    double P95,
    double Most,
    double CpuSeconds
);

/// <summary>
/// The sender of webhooks with its ledger in a real database, calls over real connections, and receivers in this
/// process. Each receiver wants the sessions with its label. Events are written as the projection writes events.
/// </summary>
internal sealed class WebhookScenario : IAsyncDisposable
{
    private const int SessionsOfAReceiver = 10;

    /// <summary>The events of one transaction.</summary>
    private const int Together = 10;

    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(20);

    private readonly int _receivers;
    private readonly int _hanging;
    private readonly FarmDatabase _database;
    private readonly PrivatePostgres? _postgres;
    private readonly string _folder;
    private readonly WebApplication _app;
    private readonly ActorSystem _system;
    private readonly WebhookCalls _calls = new(NetworkPolicy.Read(["127.0.0.0/8"], []), TimeProvider.System);
    private readonly ConcurrentDictionary<string, double> _latencies = new();

    private WebhookScenario(
        int receivers,
        int hanging,
        int hosts,
        FarmDatabase database,
        PrivatePostgres? postgres,
        string folder
    )
    {
        _receivers = receivers;
        _hanging = hanging;
        _database = database;
        _postgres = postgres;
        _folder = folder;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            for (var host = 1; host <= hosts; host++)
            {
                kestrel.Listen(IPAddress.Parse($"127.0.0.{host}"), 0);
            }
        });
        _app = builder.Build();
        _app.Run(ReceiveAsync);
        _system = ActorSystem.Create("webhooks", "akka.loglevel = WARNING");
    }

    /// <summary>Starts receivers and the sender.</summary>
    /// <param name="receivers">How many receivers there are.</param>
    /// <param name="hanging">How many of them never answer.</param>
    /// <param name="hosts">On how many addresses the receivers are, from 127.0.0.1 on; at most 254.</param>
    /// <param name="onPostgres">Whether the ledger is on a PostgreSQL of its own.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<WebhookScenario> BeginAsync(
        int receivers,
        int hanging,
        int hosts,
        bool onPostgres,
        CancellationToken cancellation
    )
    {
        var folder = Directory.CreateTempSubdirectory("recorder-webhooks-").FullName;
        var postgres = onPostgres ? await PrivatePostgres.StartAsync() : null;
        var database = new FarmDatabase(
            postgres is null
                ? new DatabaseOptions { File = Path.Join(folder, "recorder.db") }
                : new DatabaseOptions { ConnectionString = postgres.ConnectionString }
        );
        await database.PrepareAsync(cancellation);
        var scenario = new WebhookScenario(receivers, hanging, hosts, database, postgres, folder);
        await scenario._app.StartAsync(cancellation);
        var store = new WebhookStore(database);
        var addresses = scenario._app.Urls.ToList();
        for (var number = 0; number < receivers; number++)
        {
            await store.PutAsync(
                new Webhook(
                    $"whk_{number}",
                    WebhookSource.Api,
                    $"{addresses[number % hosts]}/{number}",
                    [],
                    null,
                    null,
                    Enabled: true,
                    null,
                    TimeProvider.System.GetUtcNow(),
                    WebhookSecret.New(),
                    null,
                    null
                )
                {
                    Labels = [LabelOf(number)],
                },
                cancellation
            );
        }
        scenario._system.ActorOf(
            Props.Create(() =>
                new WebhookSenderActor(
                    database,
                    scenario._calls,
                    ImmutableList<ConfiguredWebhook>.Empty,
                    TimeSpan.FromDays(30),
                    TimeProvider.System
                )
            )
        );
        return scenario;
    }

    /// <summary>Tells events at an even rate, and waits until the receivers that answer have theirs.</summary>
    public async Task<WebhookReport> RunAsync(int ratePerMinute, TimeSpan length, CancellationToken cancellation)
    {
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var sessions = _receivers * SessionsOfAReceiver;
        var numbers = new int[sessions];
        var count = (int)(ratePerMinute * length.TotalMinutes);
        var forHanging = 0;
        var since = Stopwatch.GetTimestamp();
        for (var told = 0; told < count; told += Together)
        {
            var due = TimeSpan.FromMinutes((double)told / ratePerMinute) - Stopwatch.GetElapsedTime(since);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, cancellation);
            }
            var together = Enumerable.Range(told, Math.Min(Together, count - told)).Select(n => n % sessions).ToList();
            forHanging += together.Count(session => session % _receivers < _hanging);
            await TellAsync(together, numbers, cancellation);
            _system.EventStream.Publish(new FeedGrew(told + together.Count));
        }
        var drained = Stopwatch.GetTimestamp();
        while (_latencies.Count < count - forHanging && Stopwatch.GetElapsedTime(drained) < DrainLimit)
        {
            await Task.Delay(50, cancellation);
        }
        var sorted = _latencies.Values.Order().ToList();
        return new WebhookReport(
            count,
            forHanging,
            sorted.Count,
            At(0.5),
            At(0.95),
            At(1),
            (process.TotalProcessorTime - cpu).TotalSeconds
        );

        double At(double part) => sorted.Count == 0 ? double.NaN : sorted[(int)(part * (sorted.Count - 1))];
    }

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        await _app.DisposeAsync();
        _calls.Dispose();
        await _database.DisposeAsync();
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    private static SessionLabel LabelOf(int receiver) =>
        new("receiver", receiver.ToString(CultureInfo.InvariantCulture));

    private async Task TellAsync(List<int> sessions, int[] numbers, CancellationToken cancellation)
    {
        await using var connection = await _database.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        foreach (var session in sessions)
        {
            var number = ++numbers[session];
            await EventTables.WriteAsync(
                transaction,
                new ToldSession(new SessionId(session + 1), "Lecture", [LabelOf(session % _receivers)]),
                [
                    new EventDraft(
                        $"evt_{session + 1}-{number}-0",
                        EventType.RecordFinished,
                        TimeProvider.System.GetUtcNow(),
                        "akka.tcp://recorder@127.0.0.1:34569",
                        number,
                        new { path = "/records/2021-09-22_07:56:00__0.mp4", bytes = 12_000_000 }
                    ),
                ],
                number
            );
        }
        await transaction.CommitAsync(cancellation);
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        var now = TimeProvider.System.GetUtcNow();
        var receiver = int.Parse(context.Request.Path.Value![1..], CultureInfo.InvariantCulture);
        if (receiver < _hanging)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        var at = body.RootElement.GetProperty("timestamp").GetDateTimeOffset();
        _latencies.TryAdd(body.RootElement.GetProperty("id").GetString()!, (now - at).TotalMilliseconds);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
