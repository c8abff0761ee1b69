using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Database;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Leases;
using Recorder.Cluster.Placement;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Telemetry;
using Recorder.Http.Settings;

namespace Recorder.Http.Tests.Telemetry;

/// <summary>
/// A scrape of a real node, a farm of one with its own database, in this process. OpenTelemetry hears the meters of the
/// whole process, so one test at a time makes a meter.
/// </summary>
[Collection(nameof(MetricsTests))]
[Trait("ring", "farm")]
public sealed partial class MetricsTests : IAsyncLifetime, IDisposable
{
    private const string Key = "0123456789abcdef0123";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TestFolder _folder = new();
    private readonly HttpClient _client = new() { Timeout = Limit };
    private CountingMedia _media = null!;
    private WebApplication _node = null!;

    private string Address => _node.Urls.Single();

    public async Task InitializeAsync()
    {
        var options = new RecorderClusterOptions
        {
            Remoting = new RemotingOptions { Hostname = "127.0.0.1", Port = 0 },
            Database = new DatabaseOptions { File = _folder.Database },
            Placement = new PlacementOptions { Sessions = 2 },
        };
        options.Sessions.EvidenceInterval = TimeSpan.FromMilliseconds(200);
        var database = new FarmDatabase(options.Database);
        await database.PrepareAsync(CancellationToken.None);
        var lease = new NodeLease(
            database,
            Guid.NewGuid().ToString(),
            Directory.CreateDirectory(Path.Join(_folder.Root, "data")).FullName,
            TimeProvider.System
        );
        await lease.RegisterAsync(null, true, CancellationToken.None);
        _media = new CountingMedia(_folder.Records);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddRecorderHttp(http => http.Listen = "http://127.0.0.1:0");
        builder.Services.AddSingleton(_ => database);
        builder.Services.AddAkka(
            FarmNames.SystemName,
            (akka, services) =>
                akka.AddRecorderCluster(
                        options,
                        database,
                        lease,
                        _media,
                        new LoadedNode(),
                        TimeProvider.System,
                        new NodeIdentity(
                            NodeId.New(),
                            MarkedFolder.Open(_folder.Records, _folder.Root, TimeProvider.System)
                        ),
                        meters: services.GetRequiredService<IMeterFactory>()
                    )
                    .WithEdgeActor()
        );
        _node = builder.Build();
        _node.MapRecorderHttp();
        await _node.StartAsync();
    }

    public async Task DisposeAsync()
    {
        var system = _node.Services.GetRequiredService<ActorSystem>();
        ((ExtendedActorSystem)system).Abort();
        await system.WhenTerminated.WaitAsync(Limit);
        await _node.DisposeAsync();
    }

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_session_shows_from_its_start_to_its_end()
    {
        var id = await StartSessionAsync();

        var scrape = await SeeAsync(
            "a session that records frames",
            figures =>
                figures["recorder_sessions{state=\"recording\"}"] == 1
                && figures["recorder_frames_captured_total"] > 0
                && figures["recorder_frames_painted_total"] > 0
        );
        Assert.True(scrape["recorder_frames_repeated_total"] > 0);
        Assert.Equal(0, scrape["recorder_frames_dropped_total"]);
        Assert.Equal(1, scrape["recorder_starts_total{result=\"started\"}"]);
        Assert.Equal(1, scrape["recorder_start_duration_seconds_count{result=\"started\"}"]);
        Assert.Equal(1, scrape["recorder_outputs{kind=\"record\",state=\"active\"}"]);
        Assert.Equal((2, 1), (scrape["recorder_slots"], scrape["recorder_slots_used"]));
        Assert.Equal((250e9, 0.5), (scrape["recorder_disk_free_bytes"], scrape["recorder_cpu_used_ratio"]));
        Assert.Equal(1, scrape["recorder_members{status=\"up\"}"]);
        Assert.True(scrape["recorder_journal_write_duration_seconds_count{result=\"written\"}"] > 0);

        using var stopped = await _client.PostAsync(new Uri($"{Address}/api/stop"), Json($$"""{"id":{{id}}}"""));
        Assert.Equal(HttpStatusCode.OK, stopped.StatusCode);
        await SeeAsync(
            "a session that has ended",
            figures =>
                figures["recorder_sessions_ended_total{outcome=\"stopped\"}"] == 1
                && figures["recorder_sessions{state=\"recording\"}"] == 0
                && figures["recorder_slots_used"] == 0
        );
    }

    [Fact]
    public async Task While_the_database_is_away_a_scrape_is_answered_within_a_second_and_the_recording_goes_on()
    {
        var id = await StartSessionAsync();
        await SeeAsync("a session that records frames", figures => figures["recorder_frames_captured_total"] > 0);
        var commands = _media.Commands;
        await using (var other = new SqliteConnection($"Data Source={_folder.Database};Pooling=False"))
        {
            await other.OpenAsync();
            await using var command = other.CreateCommand();
            command.CommandText = "BEGIN EXCLUSIVE";
            await command.ExecuteNonQueryAsync();

            var away = await SeeAsync(
                "a write that is under way",
                figures => figures["recorder_journal_writes_pending"] >= 1
            );
            for (var scrapes = 0; scrapes < 5; scrapes++)
            {
                var since = Stopwatch.GetTimestamp();
                var next = await SeeAsync(
                    "more frames",
                    figures => figures["recorder_frames_captured_total"] > away["recorder_frames_captured_total"]
                );
                Assert.True(
                    Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(5),
                    "Frames were not seen to go on within 5 s."
                );
                Assert.Equal(
                    (1, 1),
                    (
                        next["recorder_sessions{state=\"recording\"}"],
                        next["recorder_outputs{kind=\"record\",state=\"active\"}"]
                    )
                );
                Assert.True(next["recorder_journal_writes_pending"] >= 1);
                away = next;
            }

            command.CommandText = "ROLLBACK";
            await command.ExecuteNonQueryAsync();
        }

        Assert.Equal(commands, _media.Commands);
        await SeeAsync("no write that waits", figures => figures["recorder_journal_writes_pending"] == 0);
        using var session = JsonDocument.Parse(await _client.GetStringAsync(new Uri($"{Address}/api/sessions/{id}")));
        Assert.Equal("recording", session.RootElement.GetProperty("state").GetString());
        Assert.Equal(0, session.RootElement.GetProperty("faults").GetArrayLength());
        Assert.Equal(0, session.RootElement.GetProperty("gaps").GetArrayLength());
    }

    [Fact]
    public async Task The_table_of_the_operations_page_has_what_is_served_with_type_and_labels_and_nothing_else()
    {
        // What only trouble brings about.
        var events = _node.Services.GetRequiredService<ActorSystem>().EventStream;
        foreach (var happened in Trouble())
        {
            events.Publish(happened);
        }
        await StartSessionAsync();

        var scrape = await SeeAsync(
            "every kind of figure",
            figures =>
                figures["recorder_sessions_ended_total{outcome=\"failed\"}"] == 1
                && figures.Types.ContainsKey("recorder_farm_nodes")
                && figures.Types.ContainsKey("recorder_starts_total")
        );

        var served = scrape.Types.Select(metric =>
            $"{metric.Key} {metric.Value} {string.Join(' ', scrape.LabelsOf(metric.Key).Order(StringComparer.Ordinal))}".TrimEnd()
        );
        var told = RowsUnder("## Metrics")
            .Select(row =>
                $"{Words(row[0]).Single()} {row[1].Trim()} {string.Join(' ', Words(row[2]).Order(StringComparer.Ordinal))}".TrimEnd()
            );
        Assert.Equal(served.Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
        Assert.All(
            scrape.Types.Keys,
            name => Assert.True(scrape.Helps.GetValueOrDefault(name)?.Length > 10, $"{name} has no help.")
        );
    }

    [Fact]
    public async Task No_label_holds_an_id_an_address_or_the_page()
    {
        await StartSessionAsync();
        var scrape = await SeeAsync(
            "a session that records frames",
            figures => figures["recorder_frames_captured_total"] > 0
        );

        Assert.All(
            scrape.Series,
            series => Assert.DoesNotMatch("(?i)127[.]0|example|akka|://|/records|session=|id=", series)
        );
    }

    [Theory]
    [InlineData("text/plain", "text/plain")]
    [InlineData("application/openmetrics-text;version=1.0.0", "application/openmetrics-text")]
    public async Task The_format_is_what_the_caller_accepts(string accept, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Address}/metrics");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        using var answer = await _client.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("recorder_build_info{", text, StringComparison.Ordinal);
        Assert.Equal(
            type == "application/openmetrics-text",
            text.TrimEnd().EndsWith("# EOF", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Another_method_is_refused_as_on_every_route()
    {
        using var answer = await _client.PostAsync(new Uri($"{Address}/metrics"), Json("{}"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Contains("method_not_allowed", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("anotherkey0123456789", HttpStatusCode.Unauthorized)]
    [InlineData(Key, HttpStatusCode.OK)]
    public async Task A_scrape_needs_a_key_of_the_scope_read(string? key, HttpStatusCode status)
    {
        await using var edge = await EdgeFixture.StartAsync(options =>
            options.Keys.Add(
                new ApiKeyOptions
                {
                    Name = "prometheus",
                    Key = Key,
                    Scope = ApiScope.Read,
                }
            )
        );
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
        using var answer = await edge.Client.SendAsync(request);

        Assert.Equal(status, answer.StatusCode);
    }

    private static IEnumerable<INodeNews> Trouble()
    {
        yield return new KeysRead(Stale: true);
        yield return new ClockNews(TimeSpan.FromSeconds(6));
        yield return new ReadModelNews(Unreadable: 1);
        var state = new SessionState(new SessionId(1000));
        var at = TimeProvider.System.GetUtcNow();
        foreach (
            var happened in new ISessionEvent[]
            {
                new SessionAccepted(state.Id, new PageSessionSpec(new Uri("https://example.org/room")), at, "node"),
                new RecordingInterrupted(at, FaultCode.NodeLost, MediaEnded: true, at, "node"),
                new FaultMet(FaultCode.NodeLost, "The node went away.", at, "node"),
                new EndDecided(
                    SessionPhase.Failed,
                    FaultCode.NodeLost,
                    "The node went away.",
                    at + TimeSpan.FromSeconds(1),
                    "node"
                ),
                new SessionEnded(at, "node"),
            }
        )
        {
            var before = state;
            state = state.Apply(happened);
            yield return new SessionEventWritten(state.Id, happened, before, state, new LiveFigures());
        }
    }

    /// <summary>Scrapes until the figures are as expected.</summary>
    private async Task<Scrape> SeeAsync(string what, Func<Scrape, bool> expected)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var began = Stopwatch.GetTimestamp();
            var scrape = await Scrape.OfAsync(_client, Address);
            Assert.True(
                Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(1),
                $"A scrape took {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms."
            );
            if (expected(scrape))
            {
                return scrape;
            }
            if (Stopwatch.GetElapsedTime(since) > Limit)
            {
                throw new TimeoutException(
                    $"No scrape showed {what} within {Limit.TotalSeconds} s:\n{string.Join('\n', scrape.Series)}"
                );
            }
            await Task.Delay(100);
        }
    }

    private async Task<int> StartSessionAsync()
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            using var ready = await _client.GetAsync(new Uri($"{Address}/health/ready"));
            using var pressure = await _client.GetAsync(new Uri($"{Address}/api/pressure"));
            if (
                ready.StatusCode == HttpStatusCode.OK
                && (await pressure.Content.ReadAsStringAsync()).Contains("\"has_room\":true", StringComparison.Ordinal)
            )
            {
                break;
            }
            Assert.True(
                Stopwatch.GetElapsedTime(since) < Limit,
                $"The node had no room for a session within {Limit.TotalSeconds} s."
            );
            await Task.Delay(50);
        }

        using var answer = await _client.PostAsync(
            new Uri($"{Address}/api/start"),
            Json("""{"type":"uri","data":{"uri":"https://example.org/room"}}""")
        );
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        using var started = JsonDocument.Parse(text);
        return started.RootElement.GetProperty("id").GetInt32();
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    /// <summary>The cells of the rows of the one table between this heading and the next, without the table's
    /// head.</summary>
    private static IEnumerable<string[]> RowsUnder(string heading)
    {
        var page = File.ReadAllLines(PagePath());
        var start = Array.IndexOf(page, heading);
        Assert.True(start >= 0, $"docs/operations.md has no heading \"{heading}\".");
        return page.Skip(start + 1)
            .TakeWhile(line => !line.StartsWith('#'))
            .Where(line => line.StartsWith('|'))
            .Skip(2)
            .Select(line => line.Trim('|').Split('|'));
    }

    private static IEnumerable<string> Words(string cell) => Word().Matches(cell).Select(word => word.Groups[1].Value);

    private static string PagePath([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Join(Path.GetDirectoryName(thisFile), "../../../docs/operations.md"));

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Word();

    private sealed class LoadedNode : INodeLimits
    {
        public NodeSlots Slots => new(2, "configured by the test");

        public NodeLoad? Load => new(50, 4_096, 250_000);

        public string? WhyClosed() => null;

        public ImmutableHashSet<ClosedReason> ClosedBy() => [];
    }
}
