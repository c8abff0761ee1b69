using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Audit;
using Recorder.Cluster.Events;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Idempotency;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Webhooks;
using Recorder.Http.Settings;

namespace Recorder.Http.Tests;

/// <summary>A whole edge on a port of its own, with scripted actors where placement and session region would
/// be.</summary>
internal sealed class EdgeFixture : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EdgeFixture(
        WebApplication app,
        ScriptedFarm farm,
        ScriptedArchive archive,
        ScriptedFeed feed,
        LogLines log
    )
    {
        _app = app;
        Farm = farm;
        Archive = archive;
        Feed = feed;
        Log = log;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromSeconds(30) };
    }

    public ScriptedFarm Farm { get; }

    public ScriptedArchive Archive { get; }

    public ScriptedFeed Feed { get; }

    public required ScriptedBook Book { get; init; }

    public required ScriptedAnswers Answers { get; init; }

    public required ScriptedAudit Audit { get; init; }

    public LogLines Log { get; }

    public HttpClient Client { get; }

    public string Address => _app.Urls.Single();

    public WebApplication App => _app;

    public static async Task<EdgeFixture> StartAsync(
        Action<HttpOptions>? configure = null,
        bool withFarm = true,
        Action<WebApplication>? map = null,
        FarmClock? clock = null,
        Action<IServiceCollection>? services = null,
        LocalKey? local = null
    )
    {
        var farm = new ScriptedFarm();
        var log = new LogLines();
        var archive = new ScriptedArchive();
        var feed = new ScriptedFeed();
        var book = new ScriptedBook(feed);
        var answers = new ScriptedAnswers();
        var audit = new ScriptedAudit();
        var app = Build(
            configure,
            withFarm ? farm : null,
            archive,
            book,
            answers,
            feed,
            log,
            map,
            clock,
            all =>
            {
                all.AddSingleton<IAuditBook>(audit);
                services?.Invoke(all);
            },
            local
        );
        try
        {
            await app.StartAsync();
            return new EdgeFixture(app, farm, archive, feed, log) { Book = book, Answers = answers, Audit = audit };
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static WebApplication Build(
        Action<HttpOptions>? configure,
        ScriptedFarm? farm,
        ScriptedArchive archive,
        ScriptedBook book,
        ScriptedAnswers answers,
        ScriptedFeed feed,
        LogLines log,
        Action<WebApplication>? map,
        FarmClock? clock,
        Action<IServiceCollection>? services,
        LocalKey? local
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        if (clock is not null)
        {
            builder.Services.AddSingleton(clock);
        }
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Debug);
        services?.Invoke(builder.Services);
        builder.Services.AddSingleton<ISessionArchive>(archive);
        builder.Services.AddSingleton<IEventFeed>(feed);
        builder.Services.AddSingleton<IWebhookBook>(book);
        builder.Services.AddSingleton<IKeptAnswers>(answers);
        var options = new HttpOptions { Listen = "http://127.0.0.1:0" };
        configure?.Invoke(options);
        builder.Services.AddRecorderHttp(options, local: local);
        builder.Services.AddAkka(
            "edge-test",
            akka =>
            {
                akka.ConfigureLoggers(loggers =>
                {
                    loggers.ClearLoggers();
                    loggers.AddLoggerFactory();
                });
                akka.WithEdgeActor();
                if (farm is not null)
                {
                    akka.WithActors(
                        (system, registry) =>
                        {
                            registry.Register<PlacementSingleton>(system.ActorOf(farm.Props(), "placement"));
                            registry.Register<SessionRegion>(system.ActorOf(farm.Props(), "sessions"));
                        }
                    );
                }
            }
        );
        var app = builder.Build();
        app.MapRecorderHttp();
        map?.Invoke(app);
        return app;
    }

    /// <summary>Sends JSON the way the original's curl lines do.</summary>
    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        string? body,
        params (string Name, string Value)[] headers
    ) => SendAsync(method, path, body, CancellationToken.None, headers);

    /// <summary>The same, of a caller who may hang up.</summary>
    public Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        string? body,
        CancellationToken hangUp,
        params (string Name, string Value)[] headers
    )
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.Add("Content-Type", "application/json");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        return Client.SendAsync(request, hangUp);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>Placement and sessions by script: a message of a type is answered by the function set for it, or not at
/// all.</summary>
internal sealed class ScriptedFarm
{
    private readonly ConcurrentDictionary<Type, Func<object, object?>> _script = new();
    private readonly ConcurrentDictionary<Type, TaskCompletionSource<object>> _seen = new();

    public ConcurrentQueue<object> Heard { get; } = new();

    public void On<TMessage>(Func<TMessage, object?> answer) =>
        _script[typeof(TMessage)] = message => answer((TMessage)message);

    /// <summary>The first message of a type, once it has come.</summary>
    public async Task<TMessage> NextAsync<TMessage>()
    {
        try
        {
            return (TMessage)await Seen(typeof(TMessage)).Task.WaitAsync(TimeSpan.FromSeconds(10));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(
                $"No {typeof(TMessage).Name} came within 10 s; heard: {string.Join(", ", Heard)}"
            );
        }
    }

    public Props Props() => Akka.Actor.Props.Create(() => new Part(this));

    private TaskCompletionSource<object> Seen(Type type) =>
        _seen.GetOrAdd(type, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private sealed class Part : UntypedActor
    {
        private readonly ScriptedFarm _farm;

        public Part(ScriptedFarm farm) => _farm = farm;

        protected override void OnReceive(object message)
        {
            _farm.Heard.Enqueue(message);
            if (_farm._script.TryGetValue(message.GetType(), out var answer) && answer(message) is { } reply)
            {
                if (reply is Task<object> later)
                {
                    later.PipeTo(Sender, Self);
                }
                else
                {
                    Sender.Tell(reply);
                }
            }

            _farm.Seen(message.GetType()).TrySetResult(message);
        }
    }
}

/// <summary>Everything that was logged.</summary>
internal sealed class LogLines : ILoggerProvider
{
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>Waits for a line that holds these words.</summary>
    public async Task SeeAsync(string words)
    {
        var limit = Stopwatch.StartNew();
        while (!Lines.Any(line => line.Contains(words, StringComparison.Ordinal)))
        {
            if (limit.Elapsed > TimeSpan.FromSeconds(30))
            {
                throw new TimeoutException(
                    $"No log line with \"{words}\" within 30 s; there were:\n{string.Join('\n', Lines)}"
                );
            }
            await Task.Delay(20);
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, Lines);

    public void Dispose() { }

    private sealed class Logger(string category, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => lines.Enqueue($"{logLevel} {category}: {formatter(state, exception)} {exception}");
    }
}
