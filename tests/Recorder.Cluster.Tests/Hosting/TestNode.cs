using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Database;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Leases;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>A node in this process, by default a farm of one, with the real hosting on a real database file, and a
/// simulated media side.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>How long a farm may take to agree on something.</summary>
    public static readonly TimeSpan FarmLimit = TimeSpan.FromSeconds(60);

    /// <summary>Shorter than those of a real node: a test waits for a lease that lapses.</summary>
    public static readonly LeaseTimes LeaseTimes = new()
    {
        Length = TimeSpan.FromSeconds(4),
        Interval = TimeSpan.FromSeconds(1),
        Limit = TimeSpan.FromSeconds(1),
        OldestPatience = TimeSpan.FromSeconds(5),
    };

    /// <summary>The host disposes of its actor system. Akka would then run the tasks of a shutdown in a system that was
    /// killed, and each would wait for dead actors: 4 to 7 s a node.</summary>
    private const string WithoutLastWords = "akka.coordinated-shutdown.run-by-actor-system-terminate = off";

    private readonly IHost _host;

    private TestNode(IHost host, SimulatedMedia media)
    {
        _host = host;
        Media = media;
        System = host.Services.GetRequiredService<ActorSystem>();
        var registry = host.Services.GetRequiredService<ActorRegistry>();
        Sessions = registry.Get<SessionRegion>();
        Placement = registry.Get<PlacementSingleton>();
        Membership = registry.Get<FarmMembership>();
        Database = host.Services.GetRequiredService<FarmDatabase>();
        Archive = new SessionArchive(Database);
        Lease = host.Services.GetRequiredService<NodeLease>();
    }

    public FarmDatabase Database { get; }

    /// <summary>The sessions that have ended.</summary>
    public SessionArchive Archive { get; }

    public SimulatedMedia Media { get; }

    public ActorSystem System { get; }

    public IActorRef Sessions { get; }

    public IActorRef Placement { get; }

    public IActorRef Membership { get; }

    public NodeLease Lease { get; }

    public string Address => Akka.Cluster.Cluster.Get(System).SelfAddress.ToString();

    public static Task<TestNode> StartAsync(
        TestFolder folder,
        Action<RecorderClusterOptions>? configure = null,
        TimeSpan finishingTime = default
    ) => StartAsync(folder, new SimulatedMedia(folder.Records) { FinishingTime = finishingTime }, configure);

    /// <summary>Starts a node.</summary>
    /// <param name="folder">Its database and records.</param>
    /// <param name="media">Its media side.</param>
    /// <param name="configure">What is different from a farm of one with four slots.</param>
    /// <param name="log">Where its log goes; nowhere when null.</param>
    /// <param name="cutOff">Where it keeps that its farm has given it up; nowhere when null.</param>
    /// <param name="identity">What it is; an id of its own, and the media's folder, when null.</param>
    /// <param name="clock">Its clock; this machine's when null.</param>
    /// <param name="slowPart">A part of the node that ends before its actor system does, as HTTP ends; null when there
    /// is none.</param>
    /// <param name="webhooks">Calls the receivers of events; null when the node sends no events.</param>
    public static async Task<TestNode> StartAsync(
        TestFolder folder,
        SimulatedMedia media,
        Action<RecorderClusterOptions>? configure,
        ILoggerProvider? log = null,
        CutOffMarker? cutOff = null,
        NodeIdentity? identity = null,
        TimeProvider? clock = null,
        Task? slowPart = null,
        IWebhookCalls? webhooks = null
    )
    {
        var options = new RecorderClusterOptions
        {
            Remoting = new RemotingOptions
            {
                Hostname = "127.0.0.1",
                Port = 0,
                SecretFile = folder.Secret,
            },
            Database = new DatabaseOptions { File = folder.Database },
            Placement = new PlacementOptions { Sessions = 4 },
            ReadModelDelay = TimeSpan.Zero,
        };
        configure?.Invoke(options);

        if (options.Remoting.Port == 0 && options.SeedNodes.Length > 0)
        {
            options.Remoting.Port = LoopbackPort.Free();
        }

        // A node that comes back has its folder again: alone by its database, in a farm by its port.
        var disk = options.SeedNodes.Length > 0 ? $"{folder.Root}:{options.Remoting.Port}" : folder.Root;
        identity ??= new NodeIdentity(
            NodeId.New(),
            new TestRecordsFolder(media.RecordsFolder, TestRecordsFolder.IdOf(disk))
        );
        media.Folder = identity.Records;

        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging(logging =>
        {
            logging.SetMinimumLevel(log is null ? LogLevel.Warning : LogLevel.Information);
            if (log is not null)
            {
                logging.AddProvider(log);
            }
        });
        var data = Directory.CreateDirectory(
            Path.Join(
                folder.Root,
                options.Remoting.Port > 0 ? $"data-{options.Remoting.Port}"
                : options.SeedNodes.Length == 0 ? "data-alone"
                : $"data-{Guid.NewGuid():n}"
            )
        ).FullName;
        identity ??= new NodeIdentity(NodeIdFile.ReadOrMake(data), new TestRecordsFolder(media.RecordsFolder));
        builder.Services.AddSingleton(_ => new FarmDatabase(options.Database) { Reader = options.Wire.Build.Speaks });
        builder.Services.AddSingleton(services => new NodeLease(
            services.GetRequiredService<FarmDatabase>(),
            identity.Node.ToString(),
            data,
            TimeProvider.System
        )
        {
            Times = LeaseTimes,
        });
        builder.Services.AddAkka(
            FarmNames.SystemName,
            (akka, services) =>
                akka.AddHocon(WithoutLastWords, HoconAddMode.Prepend)
                    .AddRecorderCluster(
                        options,
                        services.GetRequiredService<FarmDatabase>(),
                        services.GetRequiredService<NodeLease>(),
                        media,
                        new OpenNode(options.Placement),
                        clock ?? TimeProvider.System,
                        identity,
                        cutOff,
                        webhooks: webhooks,
                        stopping: services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping
                    )
        );
        if (slowPart is not null)
        {
            builder.Services.AddHostedService(_ => new SlowPart(slowPart));
        }
        var host = builder.Build();
        await host.Services.GetRequiredService<FarmDatabase>().PrepareAsync(CancellationToken.None);
        await host
            .Services.GetRequiredService<NodeLease>()
            .RegisterAsync(
                options.Remoting.Port > 0 ? $"127.0.0.1:{options.Remoting.Port}" : null,
                options.SeedNodes.Length == 0,
                CancellationToken.None
            );
        await host.StartAsync();
        return new TestNode(host, media);
    }

    public async Task<SessionAdmitted> AdmitAsync(string? key = null)
    {
        // A node that has just started refuses until it has told its capacity, and says so.
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var reply = await AskAsync<AdmissionReply>(Placement, new AdmitSession(Spec, key));
            if (reply is SessionAdmitted admitted)
            {
                return admitted;
            }
            if (Stopwatch.GetElapsedTime(since) > Limit)
            {
                throw new TimeoutException($"No session was admitted within {Limit.TotalSeconds} s: {reply}");
            }
            await Task.Delay(20);
        }
    }

    public async Task<SessionId> RecordAsync()
    {
        var admitted = await AdmitAsync();
        Assert.IsType<SessionRecords>(
            await AskAsync<StartReply>(
                Sessions,
                new StartSession(admitted.Id, Spec) { Node = admitted.Node }.To(admitted.Shard)
            )
        );
        return admitted.Id;
    }

    public async Task<StopReply> StopAsync(SessionId id)
    {
        // A session that the placement has forgotten has ended; the edge answers for it.
        if (await AskAsync<LocationReply>(Placement, new FindSession(id)) is not SessionLocation location)
        {
            return await Archive.FindAsync(id, CancellationToken.None) is null
                ? new StopFailed(id, FaultCode.NoSuchSession, "Neither the placement nor the archive knows it.")
                : new StopDone(id);
        }
        return await AskAsync<StopReply>(Sessions, new StopSession(id).To(location.Shard));
    }

    /// <summary>The sessions of the placement, and the ended ones that it has forgotten.</summary>
    public async Task<IReadOnlyList<SessionSummary>> ListAsync()
    {
        var sessions = new SortedDictionary<int, SessionSummary>();
        SessionId? after = null;
        while (true)
        {
            var part = await AskAsync<SessionList>(Placement, new ListSessions { After = after });
            foreach (var session in part.Sessions)
            {
                sessions[session.Id.Value] = session;
            }
            if (!part.More)
            {
                break;
            }
            after = part.Sessions[^1].Id;
        }
        await foreach (
            var session in Archive.EndedAsync(new ArchiveRange(0, int.MaxValue, null), 100, CancellationToken.None)
        )
        {
            sessions.TryAdd(session.Id.Value, session);
        }
        return [.. sessions.Values];
    }

    public async Task<SessionSummary> SummaryAsync(SessionId id) =>
        await AskAsync<LocationReply>(Placement, new FindSession(id)) is SessionLocation location
            ? location.Summary
            : await Archive.FindAsync(id, CancellationToken.None)
                ?? throw new InvalidOperationException($"Neither the placement nor the archive knows session {id}.");

    /// <summary>Waits until the farm's list says of a session what is expected.</summary>
    public async Task<SessionSummary> SummaryAsync(SessionId id, string what, Func<SessionSummary, bool> expected)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var summary = await SummaryAsync(id);
            if (expected(summary))
            {
                return summary;
            }
            if (Stopwatch.GetElapsedTime(since) > FarmLimit)
            {
                throw new TimeoutException(
                    $"Session {id} was not {what} within {FarmLimit.TotalSeconds} s: {summary}, records {string.Join("; ", summary.Records)}"
                );
            }
            await Task.Delay(20);
        }
    }

    /// <summary>What the node's readiness says.</summary>
    public Task<NodeStanding> StandingAsync() => AskAsync<NodeStanding>(Membership, new GetStanding());

    /// <summary>Waits until this node sees the farm as expected.</summary>
    public async Task<FarmMembers> MembersAsync(string what, Func<FarmMembers, bool> expected)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var members = await AskAsync<FarmMembers>(Membership, new ListMembers());
            if (expected(members))
            {
                return members;
            }
            if (Stopwatch.GetElapsedTime(since) > FarmLimit)
            {
                throw new TimeoutException(
                    $"The farm was not {what} within {FarmLimit.TotalSeconds} s: {string.Join("; ", members.Members)}"
                );
            }
            await Task.Delay(20);
        }
    }

    /// <summary>As kill -9 does it: nothing is finalised, nothing is told.</summary>
    public async Task KillAsync()
    {
        ((ExtendedActorSystem)System).Abort();
        await System.WhenTerminated.WaitAsync(Limit);
        _host.Dispose();
    }

    /// <summary>Ends the node as SIGTERM does.</summary>
    public async Task<TimeSpan> ShutDownAsync()
    {
        var since = Stopwatch.GetTimestamp();
        await _host.StopAsync();
        await System.WhenTerminated.WaitAsync(Limit);
        var took = Stopwatch.GetElapsedTime(since);
        _host.Dispose();
        return took;
    }

    public async ValueTask DisposeAsync()
    {
        if (!System.WhenTerminated.IsCompleted)
        {
            await KillAsync();
        }
    }

    public static readonly SessionSpec Spec = new PageSessionSpec(new Uri("https://example.org/room"));

    private static Task<T> AskAsync<T>(IActorRef actor, object message) => actor.Ask<T>(message, Limit);

    private sealed class SlowPart(Task ended) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => ended.WaitAsync(cancellationToken);
    }

    private sealed class OpenNode(PlacementOptions options) : INodeLimits
    {
        public NodeSlots Slots => new(options.Sessions, "configured by the test");

        public NodeLoad? Load => null;

        public string? WhyClosed() => null;

        public ImmutableHashSet<ClosedReason> ClosedBy() => [];
    }
}
