using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Database;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Leases;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Http.Tests.Live;

/// <summary>Two nodes of a real farm in this process: one records, with a media side that writes HLS files, the other
/// node is an edge and nothing else.</summary>
[Trait("ring", "farm")]
public sealed class HlsFarmTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TestFolder _folder = new();
    private readonly List<WebApplication> _nodes = [];
    private readonly HttpClient _client = new() { Timeout = Limit };

    public async Task InitializeAsync()
    {
        var port = LoopbackPort.Free();
        await StartAsync("recorder, edge", port, port);
        await StartAsync("edge", 0, port);
    }

    public async Task DisposeAsync()
    {
        foreach (var node in Enumerable.Reverse(_nodes))
        {
            var system = node.Services.GetRequiredService<ActorSystem>();
            ((ExtendedActorSystem)system).Abort();
            await system.WhenTerminated.WaitAsync(Limit);
            await node.DisposeAsync();
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_edge_that_records_nothing_serves_the_playlist_and_segments_of_another_node_byte_for_byte()
    {
        var edge = _nodes[1].Urls.Single();
        var id = await StartSessionAsync(edge);

        await PlaysAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{edge}/api/sessions/{id}/hls/segment-00000.ts")
        {
            Headers = { Range = new RangeHeaderValue(1_000_000, 1_000_999) },
        };
        using var part = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(HlsMedia.Segment[1_000_000..1_001_000], await part.Content.ReadAsByteArrayAsync());
        using var none = await _client.GetAsync(new Uri($"{edge}/api/sessions/{id}/hls/segment-00001.ts"));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);

        using var stopped = await _client.PostAsync(new Uri($"{edge}/api/stop"), Json($$"""{"id":{{id}}}"""));
        Assert.Equal(HttpStatusCode.OK, stopped.StatusCode);
        await PlaysAsync();

        async Task PlaysAsync()
        {
            var playlist = await _client.GetStringAsync(new Uri($"{edge}/api/sessions/{id}/hls/playlist.m3u8"));
            var segment = Assert.Single(
                playlist.Split('\n'),
                line => line.StartsWith("segment-", StringComparison.Ordinal)
            );
            Assert.Equal(
                HlsMedia.Segment,
                await _client.GetByteArrayAsync(new Uri($"{edge}/api/sessions/{id}/hls/{segment}"))
            );
            Assert.Equal(
                HlsMedia.Segment,
                await _client.GetByteArrayAsync(new Uri($"{edge}/api/sessions/{id}/hls/segment-00000.ts"))
            );
        }
    }

    [Fact]
    public async Task An_edge_that_records_nothing_serves_a_record_of_another_node_whole_and_in_parts()
    {
        var edge = _nodes[1].Urls.Single();
        var id = await StartSessionAsync(edge);
        var media = new Uri($"{edge}/api/records/{id}-1/media");
        using (var early = await _client.GetAsync(media))
        {
            Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
            Assert.Contains("not_finished", await early.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using var stopped = await _client.PostAsync(new Uri($"{edge}/api/stop"), Json($$"""{"id":{{id}}}"""));
        Assert.Equal(HttpStatusCode.OK, stopped.StatusCode);
        var record = JsonDocument.Parse("{}").RootElement;
        await Eventually.BeAsync(
            $"the manifest of record {id}-1 is written",
            Limit,
            async () =>
            {
                record = JsonDocument
                    .Parse(await _client.GetStringAsync(new Uri($"{edge}/api/records/{id}-1")))
                    .RootElement;
                return record.GetProperty("sha256").ValueKind == JsonValueKind.String;
            }
        );

        using var whole = await _client.GetAsync(media);
        Assert.Equal(
            record.GetProperty("sha256").GetString(),
            Convert.ToHexStringLower(SHA256.HashData(await whole.Content.ReadAsByteArrayAsync()))
        );
        Assert.Equal($"\"{record.GetProperty("sha256").GetString()}\"", whole.Headers.ETag?.Tag);
        Assert.Equal(HlsMedia.Record.Length, whole.Content.Headers.ContentLength);
        var file = record.GetProperty("file").GetString();
        Assert.Equal(
            HlsMedia.Record,
            await _client.GetByteArrayAsync(new Uri($"{edge}/api/records/{file}"))
        );

        using var request = new HttpRequestMessage(HttpMethod.Get, media)
        {
            Headers = { Range = new RangeHeaderValue(262_000, 5_000_000) },
        };
        using var part = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(HlsMedia.Record[262_000..5_000_001], await part.Content.ReadAsByteArrayAsync());

        using var manifest = JsonDocument.Parse(
            await _client.GetStringAsync(new Uri($"{edge}/api/records/{id}-1/manifest.json"))
        );
        Assert.Equal(file, manifest.RootElement.GetProperty("record").GetString());

        File.Delete(Path.Join(_folder.Records, file));
        using var gone = await _client.GetAsync(media);
        Assert.Equal(HttpStatusCode.Gone, gone.StatusCode);
        Assert.Contains("record_missing", await gone.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>A farm that has just started refuses until its node has told its capacity, or its placement is found,
    /// and says so.</summary>
    private async Task<int> StartSessionAsync(string edge)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            using var answer = await _client.PostAsync(
                new Uri($"{edge}/api/start"),
                Json("""{"type":"uri","data":{"uri":"https://example.org/room","hls":true}}""")
            );
            var text = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return JsonDocument.Parse(text).RootElement.GetProperty("id").GetInt32();
            }
            Assert.True(
                answer.StatusCode == HttpStatusCode.ServiceUnavailable && Stopwatch.GetElapsedTime(since) < Limit,
                $"No session was started within {Limit.TotalSeconds} s: {answer.StatusCode} {text}"
            );
            await Task.Delay(100);
        }
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private async Task StartAsync(string roles, int port, int seedPort)
    {
        var options = new RecorderClusterOptions
        {
            Roles = roles,
            SeedNodes = $"127.0.0.1:{seedPort}",
            Remoting = new RemotingOptions { Hostname = "127.0.0.1", Port = port },
            Database = new DatabaseOptions { File = _folder.Database },
            Placement = new PlacementOptions { Sessions = 2 },
        };
        var database = new FarmDatabase(options.Database);
        await database.PrepareAsync(CancellationToken.None);
        var lease = new NodeLease(
            database,
            Guid.NewGuid().ToString(),
            Directory.CreateDirectory(Path.Join(_folder.Root, $"data-{port}")).FullName,
            TimeProvider.System
        );
        await lease.RegisterAsync(null, false, CancellationToken.None);
        var media = roles == "edge" ? null : new HlsMedia(_folder.Records);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddRecorderHttp(http => http.Listen = "http://127.0.0.1:0");
        builder.Services.AddSingleton(_ => database);
        builder.Services.AddAkka(
            FarmNames.SystemName,
            akka =>
                akka.AddRecorderCluster(
                        options,
                        database,
                        lease,
                        media,
                        new OpenNode(),
                        TimeProvider.System,
                        new NodeIdentity(NodeId.New(), new OwnFolder(_folder.Records, port))
                    )
                    .WithEdgeActor()
        );
        var node = builder.Build();
        _nodes.Add(node);
        node.MapRecorderHttp();
        await node.StartAsync();
    }

    /// <summary>The folder of one node, which has its id again when the node comes back at its port.</summary>
    private sealed class OwnFolder(string path, int port) : IRecordsFolder
    {
        public string Path => path;

        public FolderStanding Standing { get; } = FolderStanding.Here(new FolderId(new Guid(port, 0, 0, new byte[8])));

        public FolderStanding Look() => Standing;
    }

    private sealed class OpenNode : INodeLimits
    {
        public NodeSlots Slots => new(2, "configured by the test");

        public NodeLoad? Load => null;

        public string? WhyClosed() => null;

        public ImmutableHashSet<ClosedReason> ClosedBy() => [];
    }

    /// <summary>A media side without any process: its record comes with a playlist and one large segment.</summary>
    private sealed class HlsMedia(string recordsFolder) : ISessionMedia
    {
        public static readonly byte[] Playlist = Encoding.UTF8.GetBytes(
            "#EXTM3U\n#EXTINF:4.000000,\n" + HlsFiles.Segment(0) + "\n"
        );

        public static readonly byte[] Segment = RandomBytes(3_000_001);

        /// <summary>The whole content of each record.</summary>
        public static readonly byte[] Record = RandomBytes(7_000_001);

        public string RecordsFolder { get; } = recordsFolder;

        public Props MediaOf(SessionId session, SessionSpec spec) => Props.Create(() => new Child());

        private static byte[] RandomBytes(int count)
        {
            var bytes = new byte[count];
            new Random(3).NextBytes(bytes);
            return bytes;
        }

        private sealed class Child : ReceiveActor
        {
            public Child()
            {
                var record = "";
                Receive<BeginRecording>(begin =>
                {
                    record = begin.RecordPath!;
                    File.WriteAllBytes(record, Record);
                    var folder = Directory.CreateDirectory(HlsFiles.FolderOf(record)).FullName;
                    File.WriteAllBytes(Path.Join(folder, HlsFiles.Segment(0)), Segment);
                    File.WriteAllBytes(Path.Join(folder, HlsFiles.Playlist), Playlist);
                    Context.Parent.Tell(new FirstFrameWritten(record, TimeProvider.System.GetUtcNow()));
                });
                Receive<FinishRecording>(_ =>
                    Context.Parent.Tell(
                        new RecordFinished(
                            record,
                            TimeSpan.FromSeconds(4),
                            new FileInfo(record).Length,
                            Repaired: false
                        )
                    )
                );
            }
        }
    }
}
