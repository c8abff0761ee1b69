using System.Collections.Immutable;
using System.Data.Common;
using System.Diagnostics.Metrics;
using Akka;
using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Event;
using Akka.Hosting;
using Akka.Remote.Hosting;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Journal;
using Recorder.Cluster.Leases;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Nodes;
using Recorder.Cluster.Placement.Shards;
using Recorder.Cluster.Placement.Singleton;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Schedules;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.Keeping;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;
using Recorder.Cluster.Sweeping;
using Recorder.Cluster.Telemetry;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Hosting;

/// <summary>Wires the whole cluster side in one place.</summary>
public static class RecorderClusterHosting
{
    /// <summary>How long a stopping node waits for its manifests. Shorter than the shutdown phase that contains this
    /// wait.</summary>
    private static readonly TimeSpan ManifestsAtTheEnd = TimeSpan.FromSeconds(4);

    /// <summary>How long a witness waits for the database to say when a node has renewed its lease.</summary>
    private static readonly TimeSpan LeaseAnswer = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the start waits for the database's time. The database has answered just before.</summary>
    private static readonly TimeSpan FirstMeasurement = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Makes this actor system a node of the farm: remoting, cluster, journal, serializer, the session shard region,
    /// the placement singleton and this node's capacity reports. Registers <see cref="SessionRegion"/> and
    /// <see cref="PlacementSingleton"/>.
    /// </summary>
    /// <param name="akka">The actor system under construction, named <see cref="FarmNames.SystemName"/>.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="database">The database that the options name, prepared before the actor system starts.</param>
    /// <param name="lease">The node's lease in that database, registered before the actor system starts.</param>
    /// <param name="media">The media side of this node's sessions; null on a node without the role recorder.</param>
    /// <param name="limits">What limits this node besides its slots.</param>
    /// <param name="clock">The node's clock, or a <see cref="FarmClock"/> over it.</param>
    /// <param name="identity">What the node is, whatever address it has.</param>
    /// <param name="cutOff">Where a node notes that its farm has given it up. Without this marker, a first seed node
    /// that comes back during a cut begins a separate farm.</param>
    /// <param name="delivery">The deliveries of this node's closed records; null when records stay on the
    /// node.</param>
    /// <param name="meters">Makes the meter of the node's metrics; without it there are no metrics.</param>
    /// <param name="webhooks">Calls the receivers of events; null: this node sends no events.</param>
    /// <param name="stopping">Cancelled when the node is told to stop. The node then hands its sessions over at once,
    /// whatever its other parts still wait for.</param>
    /// <exception cref="ArgumentException"><see cref="FarmOptionsCheck"/> objects to the options, or they name no
    /// database.</exception>
    public static AkkaConfigurationBuilder AddRecorderCluster(
        this AkkaConfigurationBuilder akka,
        RecorderClusterOptions options,
        FarmDatabase database,
        NodeLease lease,
        ISessionMedia? media,
        INodeLimits limits,
        TimeProvider clock,
        NodeIdentity identity,
        CutOffMarker? cutOff = null,
        IRecordDelivery? delivery = null,
        IMeterFactory? meters = null,
        IWebhookCalls? webhooks = null,
        CancellationToken stopping = default
    )
    {
        ArgumentNullException.ThrowIfNull(akka);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(lease);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Database.File + options.Database.ConnectionString);
        var roles = NodeRoles.Read(options.Roles, out var badRoles);
        var seeds = SeedNodeList.Read(options.SeedNodes, out var badSeeds);
        if (!badRoles.IsEmpty || !badSeeds.IsEmpty)
        {
            throw new ArgumentException(string.Join(" ", [.. badRoles, .. badSeeds]), nameof(options));
        }
        if (roles.Records)
        {
            ArgumentNullException.ThrowIfNull(media);
            ArgumentNullException.ThrowIfNull(identity.Records);
        }
        if (options.Database.ConnectionString.Length == 0)
        {
            akka.AddSetup(SqlitePatience.SetupFor(options.Database.File));
        }
        var standing = new LeaseStanding();
        limits = new LeasedLimits(limits, standing);
        var refused = new RefusedConnections(options.Remoting.SecretFile.Length == 0, clock);
        // Everything below goes by the farm's clock, so that no two nodes count by clocks that differ.
        var farmClock = clock as FarmClock ?? new FarmClock(clock);
        clock = farmClock;
        var holder = RemotingCertificate.HolderFor(options.Remoting, clock);
        if (
            (
                holder is null
                    ? RemotingCertificate.SetupFor(options, refused.Add)
                    : RemotingCertificate.SetupOf(holder, refused.Add, clock)
            ) is
            { } certificate
        )
        {
            akka.AddSetup(certificate).AddHocon(RemotingCertificate.Hocon, HoconAddMode.Prepend);
        }
        if (holder is not null)
        {
            akka.AddSetup(holder)
                .WithActors(
                    (system, _) =>
                        system.ActorOf(
                            Props.Create(() => new FarmCertificateActor(holder, options.Remoting, clock)),
                            "farm-certificate"
                        )
                );
        }

        return akka.ConfigureLoggers(loggers =>
            {
                loggers.LogLevel = Akka.Event.LogLevel.InfoLevel;
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            })
            .AddHocon(JournalConfiguration.Of(options.Database, lease.Stamp), HoconAddMode.Prepend)
            .AddHocon(FailoverConfiguration.Of(options.Failover), HoconAddMode.Prepend)
            .AddHocon(ClusterConfiguration.Hocon, HoconAddMode.Prepend)
            .AddHocon(ClusterConfiguration.BoundTypes, HoconAddMode.Prepend)
            .AddHocon(
                FormattableString.Invariant(
                    $"akka.coordinated-shutdown.phases.before-cluster-shutdown.timeout = {options.Placement.HandOverLimit.TotalSeconds + 5:0.###} s"
                ),
                HoconAddMode.Prepend
            )
            .AddSetup(options.Wire)
            .WithCustomSerializer("wire", [typeof(IWireMessage)], system => new WireSerializer(system))
            .WithRemoting(RemotingOf(options.Remoting))
            .WithClustering(
                new ClusterOptions { Roles = [.. roles.Names], AppVersion = FarmVersion.Of(options.Wire.Build) }
            )
            .WithActors(
                async (system, registry, _) =>
                {
                    refused.Log = Logging.GetLogger(system, typeof(RefusedConnections));
                    if (database.Kind == DatabaseKind.Postgres)
                    {
                        await StartClockAsync(system, farmClock, database);
                    }
                    if (meters is not null)
                    {
                        StartTelemetry(system, meters, clock, roles.Records ? limits : null);
                    }
                    var membership = system.ActorOf(
                        Props.Create(() => new MembershipActor(seeds)),
                        MembershipActor.Name
                    );
                    registry.Register<FarmMembership>(membership);
                    StartLease(system, lease, standing, clock);
                    NodeProtocol.Of(system).Open(database.LeastReader);
                    system.ActorOf(
                        Props.Create(() =>
                            new AgreementActor(
                                options.DowngradeWindow,
                                protocol => database.RaiseLeastReaderAsync(protocol, CancellationToken.None)
                            )
                        ),
                        "agreement"
                    );
                    if (cutOff is not null && !seeds.IsEmpty)
                    {
                        system.ActorOf(Props.Create(() => new CutOffActor(cutOff)), "cut-off");
                    }
                    system.ActorOf(
                        Props.Create(() =>
                            new WitnessActor(
                                PortProbe.TryAsync,
                                node => RenewedAgoAsync(lease, node),
                                options.Failover.HeartbeatInterval
                            )
                        ),
                        WitnessActor.Name
                    );

                    // A farm of one is its own seed. With seeds, the node keeps trying until it is in the farm;
                    // nothing here waits for that.
                    var cluster = Akka.Cluster.Cluster.Get(system);
                    if (seeds.IsEmpty)
                    {
                        await ClaimAsync(lease);
                        await cluster.JoinAsync(cluster.SelfAddress);
                    }
                    else if (seeds[0] == cluster.SelfAddress)
                    {
                        var others = seeds.RemoveAll(seed => seed == cluster.SelfAddress);
                        system.ActorOf(
                            Props.Create(() =>
                                new FirstSeedActor(others, PortProbe.TryAsync, clock, membership, cutOff, lease)
                            ),
                            "first-seed"
                        );
                    }
                    else
                    {
                        cluster.JoinSeedNodes(seeds);
                    }

                    // Akka puts the placement and the coordinator of the shards on the same node: the oldest
                    // recorder.
                    var placementSettings = Akka
                        .Cluster.Tools.Singleton.ClusterSingletonProxySettings.Create(system)
                        .WithSingletonName("placement")
                        .WithRole(NodeRoles.Recorder);
                    var placement = system.ActorOf(
                        Akka.Cluster.Tools.Singleton.ClusterSingletonProxy.Props(
                            "/user/placement-singleton",
                            placementSettings
                        ),
                        "placement"
                    );
                    registry.Register<PlacementSingleton>(placement);

                    // The oldest recorder fills the read model; every node hears from it when the feed of events grows.
                    var readModel = system.ActorOf(
                        Akka.Cluster.Tools.Singleton.ClusterSingletonProxy.Props(
                            $"/user/{ReadModelOnThisNode.ManagerName}",
                            Akka.Cluster.Tools.Singleton.ClusterSingletonProxySettings.Create(system)
                                .WithSingletonName(ReadModelOnThisNode.SingletonName)
                                .WithRole(NodeRoles.Recorder)
                        ),
                        "read-model-proxy"
                    );
                    system.ActorOf(Props.Create(() => new FeedWatchActor(readModel)), FeedWatchActor.Name);
                    registry.Register<WebhookSender>(
                        StartWebhooks(system, options, database, roles.Records ? webhooks : null, clock)
                    );
                    var region =
                        roles.Records
                            ? await StartSessionsAsync(
                                system,
                                options,
                                database,
                                media!,
                                limits,
                                placement,
                                clock,
                                identity,
                                delivery,
                                readModel,
                                stopping
                            )
                            : await ClusterSharding
                                .Get(system)
                                .StartProxyAsync(FarmNames.SessionType, NodeRoles.Recorder, new SessionExtractor());
                    registry.Register<SessionRegion>(region);
                    registry.Register<ScheduleKeeper>(
                        StartSchedules(system, options, database, roles.Records, placement, region, readModel, clock)
                    );
                }
            );
    }

    /// <summary>What sends records straight to edges, on the address of the remoting. Null, with a warning, when that
    /// address is not known; records go in messages then.</summary>
    private static async Task<RecordStreamServer?> StreamsAsync(
        ActorSystem system,
        string hostname,
        TimeProvider clock
    )
    {
        try
        {
            var security = system.Settings.Setup.Get<Akka.Remote.Transport.DotNetty.DotNettySslSetup>();
            var address = System.Net.IPAddress.TryParse(hostname, out var given)
                ? given
                : (await System.Net.Dns.GetHostAddressesAsync(hostname))[0];
            var server = new RecordStreamServer(address, security.HasValue, clock);
            RecordStreams.Of(system).Server = server;
            system.RegisterOnTermination(server.Dispose);
            return server;
        }
        catch (System.Net.Sockets.SocketException error)
        {
            Logging
                .GetLogger(system, typeof(RecordStreamServer))
                .Warning("Records go to other nodes in messages, since {0} is unknown: {1}", hostname, error.Message);
            return null;
        }
    }

    /// <summary>A farm of one shares its database with nobody, so its registration has settled who begins.</summary>
    private static async Task ClaimAsync(NodeLease lease)
    {
        var watch = LeaseWatch.Empty;
        while (true)
        {
            try
            {
                var (inFarm, looked) = await lease.ClaimFarmAsync(watch, CancellationToken.None);
                if (inFarm.IsEmpty)
                {
                    return;
                }
                watch = looked;
            }
            catch (DbException)
            {
                // A busy or full database may take the claim soon. What was watched before says nothing any more.
                watch = LeaseWatch.Empty;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }
    }

    /// <summary>How long ago a node has renewed its lease; null when the database does not say so at once. A witness
    /// does not wait for a database that is away.</summary>
    private static async Task<TimeSpan?> RenewedAgoAsync(NodeLease lease, Address node)
    {
        using var limit = new CancellationTokenSource(LeaseAnswer);
        try
        {
            return await Task.Run(() => lease.RenewedAgoAsync($"{node.Host}:{node.Port}", limit.Token), limit.Token)
                .WaitAsync(limit.Token);
        }
        catch (Exception error) when (error is DbException or OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }

    private static void StartLease(ActorSystem system, NodeLease lease, LeaseStanding standing, TimeProvider clock)
    {
        var renewing = system.ActorOf(Props.Create(() => new LeaseActor(lease, standing, clock)), LeaseActor.Name);
        CoordinatedShutdown
            .Get(system)
            .AddTask(
                CoordinatedShutdown.PhaseBeforeActorSystemTerminate,
                "lease",
                async () =>
                {
                    try
                    {
                        // A renewal after the end would make the lease live again.
                        await renewing.GracefulStop(lease.Times.Limit * 2);
                        using var limit = new CancellationTokenSource(lease.Times.Limit, clock);
                        await Task.Run(() => lease.EndAsync(limit.Token), limit.Token).WaitAsync(limit.Token);
                    }
                    catch (Exception error)
                        when (error is DbException or OperationCanceledException or ObjectDisposedException)
                    {
                        // The lease lapses by itself.
                    }
                    return Done.Instance;
                }
            );
    }

    /// <summary>Compares the node's clock with the database's before the first session can be found.</summary>
    private static async Task StartClockAsync(ActorSystem system, FarmClock clock, FarmDatabase database)
    {
        Func<CancellationToken, Task<DateTimeOffset>> ask = cancellation =>
            FarmClockActor.TimeOfAsync(database, cancellation);
        await FarmClockActor.MeasureAsync(clock, ask, FirstMeasurement);
        system.ActorOf(Props.Create(() => new FarmClockActor(clock, ask)), "farm-clock");
    }

    /// <summary>Starts the telemetry before any news can be published.</summary>
    private static void StartTelemetry(
        ActorSystem system,
        IMeterFactory meters,
        TimeProvider clock,
        INodeLimits? limits
    )
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        var meter = new RecorderMeter(meters, clock, () => MembersView.Of(cluster.SelfAddress, cluster.State), limits);
        system.ActorOf(Props.Create(() => new TelemetryActor(meter)), TelemetryActor.Name);
    }

    /// <summary>Starts the parts of a node with the role recorder: sessions, its candidate for the placement
    /// singleton, and its capacity reports.</summary>
    private static async Task<IActorRef> StartSessionsAsync(
        ActorSystem system,
        RecorderClusterOptions options,
        FarmDatabase database,
        ISessionMedia media,
        INodeLimits limits,
        IActorRef placement,
        TimeProvider clock,
        NodeIdentity identity,
        IRecordDelivery? delivery,
        IActorRef readModel,
        CancellationToken stopping
    )
    {
        var self = Akka.Cluster.Cluster.Get(system).SelfAddress;
        var node = self.ToString();
        var alone = string.IsNullOrWhiteSpace(options.SeedNodes);
        var folder = identity.Records!;
        var surroundings = new SessionSurroundings(media, placement, options.Sessions, clock, node)
        {
            Alone = alone,
            Identity = identity,
            Manifests = system.ActorOf(ManifestServiceActor.Props(folder), ManifestServiceActor.Name),
            Deliveries = system.ActorOf(
                Props.Create(() => new DeliveryServiceActor(delivery, folder, node, DeliveryServiceActor.AskInterval)),
                DeliveryServiceActor.Name
            ),
            Eraser = system.ActorOf(RecordEraserActor.Props(folder), RecordEraserActor.Name),
            Recorders = () => RecordersOf(system),
            ProjectedTo = id => Projection.ReachedAsync(database, id, CancellationToken.None),
            Destinations = delivery?.Destinations ?? DestinationList.None,
            DeliveryPatience = delivery?.Patience ?? new DeliveryPatience(TimeSpan.Zero),
            Keeper = system.ActorOf(
                Props.Create(() => new MediaKeeperActor(media, placement, node, clock, folder)),
                MediaKeeperActor.Name
            ),
        };

        // A record closed during the shutdown gets its manifest at once if that takes only moments. Otherwise the
        // manifest follows when the node is back.
        CoordinatedShutdown
            .Get(system)
            .AddTask(
                CoordinatedShutdown.PhaseBeforeActorSystemTerminate,
                "manifests",
                async () =>
                {
                    try
                    {
                        await surroundings.Manifests.Ask(ManifestServiceActor.AwaitRest.Instance, ManifestsAtTheEnd);
                    }
                    catch (AskTimeoutException) { }

                    return Done.Instance;
                }
            );
        system.ActorOf(Props.Create(() => new SessionNewsActor(readModel)), SessionNewsActor.Name);
        system.ActorOf(Props.Create(() => new DiskNewsActor(node, limits, readModel)), DiskNewsActor.Name);
        var board = new ShardBoard();
        system.ActorOf(Props.Create(() => new FarmWatchActor()), FarmWatchActor.Name);
        system.ActorOf(Props.Create(() => new RepairServiceActor(media, folder)), RepairServiceActor.Name);
        system.ActorOf(HlsFilesActor.Props(folder), HlsFilesActor.Name);
        system.ActorOf(
            RecordFilesActor.Props(folder, media, await StreamsAsync(system, options.Remoting.Hostname, clock)),
            RecordFilesActor.Name
        );
        var sharding = ClusterSharding.Get(system);
        var settings = ClusterShardingSettings.Create(system).WithRole(NodeRoles.Recorder);
        if (!alone)
        {
            var warmUp = system.ActorOf(Props.Create(() => new JournalWarmUpActor()), "journal-warm-up");
            Akka.Cluster.Cluster.Get(system).RegisterOnMemberUp(() => warmUp.Tell(JournalWarmUpActor.Up.Instance));
        }
        var region = await sharding.StartAsync(
            FarmNames.SessionType,
            id =>
                SessionActor.PropsFor(
                    new SessionId(int.Parse(id, System.Globalization.CultureInfo.InvariantCulture)),
                    surroundings
                ),
            settings,
            new SessionExtractor(),
            new ShardAllocation(board),
            LeaveNode.Instance
        );

        var sweep = new SweepSettings(RetentionSettings.Read(options.Retention), options.Retention, node, clock);
        system.ActorOf(
            Props.Create(() =>
                new SweeperActor(
                    sweep,
                    folder,
                    limits,
                    new SweptRecords(database),
                    new FarmSessions(placement, region, new SessionArchive(database))
                )
            ),
            SweeperActor.Name
        );

        var managerSettings = Akka
            .Cluster.Tools.Singleton.ClusterSingletonManagerSettings.Create(system)
            .WithSingletonName("placement")
            .WithRole(NodeRoles.Recorder);
        system.ActorOf(
            Akka.Cluster.Tools.Singleton.ClusterSingletonManager.Props(
                PlacementActor.SupervisedProps(
                    PlacementSettings.Of(options.Placement, alone, options.Sessions.ResumeWindow),
                    clock,
                    region,
                    board,
                    system.ActorOf(Props.Create(() => new ReadModelOnThisNode()), "read-model")
                ),
                PoisonPill.Instance,
                managerSettings
            ),
            "placement-singleton"
        );

        // The oldest recorder fills the read model too, so that the placement is told on its own node.
        system.ActorOf(
            Akka.Cluster.Tools.Singleton.ClusterSingletonManager.Props(
                ReadModelActor.SupervisedProps(
                    database,
                    placement,
                    options.Retention,
                    clock,
                    options.ReadModelDelay
                ),
                PoisonPill.Instance,
                Akka.Cluster.Tools.Singleton.ClusterSingletonManagerSettings.Create(system)
                    .WithSingletonName(ReadModelOnThisNode.SingletonName)
                    .WithRole(NodeRoles.Recorder)
            ),
            ReadModelOnThisNode.ManagerName
        );
        system.ActorOf(
            NodeCapacityActor.PropsFor(self, options.Placement, limits, region, placement, identity),
            "capacity"
        );
        if (!alone)
        {
            var drain = new ShutdownDrain(system, placement, node, options.Placement.HandOverLimit, clock);
            CoordinatedShutdown
                .Get(system)
                .AddTask(CoordinatedShutdown.PhaseBeforeClusterShutdown, "hand-over", drain.BeginAsync);
            stopping.Register(() => _ = drain.BeginAsync());
        }

        return region;
    }

    private static ImmutableList<string> RecordersOf(ActorSystem system) =>
        [
            .. Akka
                .Cluster.Cluster.Get(system)
                .State.Members.Where(member =>
                    member.HasRole(NodeRoles.Recorder) && member.Status == Akka.Cluster.MemberStatus.Up
                )
                .Select(member => member.Address.ToString()),
        ];

    /// <summary>Starts the sender of webhooks on the oldest recorder, beside the read model that wakes it.</summary>
    /// <returns>The way to the sender.</returns>
    private static IActorRef StartWebhooks(
        ActorSystem system,
        RecorderClusterOptions options,
        FarmDatabase database,
        IWebhookCalls? calls,
        TimeProvider clock
    )
    {
        const string manager = "webhooks-singleton";
        const string name = "webhooks";
        if (calls is not null)
        {
            var configured = ConfiguredWebhook.Read(options.Webhooks, []);
            system.ActorOf(
                Akka.Cluster.Tools.Singleton.ClusterSingletonManager.Props(
                    Props.Create(() =>
                        new WebhookSenderActor(database, calls, configured, options.Retention.Events, clock)
                    ),
                    PoisonPill.Instance,
                    Akka.Cluster.Tools.Singleton.ClusterSingletonManagerSettings.Create(system)
                        .WithSingletonName(name)
                        .WithRole(NodeRoles.Recorder)
                ),
                manager
            );
        }
        return system.ActorOf(
            Akka.Cluster.Tools.Singleton.ClusterSingletonProxy.Props(
                $"/user/{manager}",
                Akka.Cluster.Tools.Singleton.ClusterSingletonProxySettings.Create(system)
                    .WithSingletonName(name)
                    .WithRole(NodeRoles.Recorder)
            ),
            "webhooks-proxy"
        );
    }

    /// <summary>Starts the actor that carries the schedules out, on the oldest recorder beside the placement.</summary>
    /// <returns>The way to the actor.</returns>
    private static IActorRef StartSchedules(
        ActorSystem system,
        RecorderClusterOptions options,
        FarmDatabase database,
        bool records,
        IActorRef placement,
        IActorRef region,
        IActorRef feed,
        TimeProvider clock
    )
    {
        const string manager = "schedules-singleton";
        const string name = "schedules";
        if (records)
        {
            var (hold, archive) = (options.Schedules.Hold, new SessionArchive(database));
            Func<SessionId, Task<SessionSummary?>> find = id => archive.FindAsync(id, CancellationToken.None);
            system.ActorOf(
                Akka.Cluster.Tools.Singleton.ClusterSingletonManager.Props(
                    Props.Create(() => new SchedulesActor(database, hold, placement, region, feed, find, clock)),
                    PoisonPill.Instance,
                    Akka.Cluster.Tools.Singleton.ClusterSingletonManagerSettings.Create(system)
                        .WithSingletonName(name)
                        .WithRole(NodeRoles.Recorder)
                ),
                manager
            );
        }
        return system.ActorOf(
            Akka.Cluster.Tools.Singleton.ClusterSingletonProxy.Props(
                $"/user/{manager}",
                Akka.Cluster.Tools.Singleton.ClusterSingletonProxySettings.Create(system)
                    .WithSingletonName(name)
                    .WithRole(NodeRoles.Recorder)
            ),
            "schedules-proxy"
        );
    }

    private static RemoteOptions RemotingOf(RemotingOptions remoting) =>
        new()
        {
            HostName = remoting.Hostname,
            Port = remoting.Port,
            PublicHostName = remoting.KnownHostname,
            PublicPort = remoting.PublicPort > 0 ? remoting.PublicPort : null,
        };
}
