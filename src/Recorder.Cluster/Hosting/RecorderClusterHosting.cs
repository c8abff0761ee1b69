using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Sharding;
using Akka.Hosting;
using Akka.Remote.Hosting;

using Recorder.Cluster.Placement;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions;

namespace Recorder.Cluster.Hosting;

/// <summary>Everything of the cluster side wired in one place.</summary>
public static class RecorderClusterHosting
{
    private const string SessionTypeName = "session";

    /// <summary>
    /// Makes this actor system a node of the farm: remoting, cluster, journal, serializer, the session shard region, the
    /// placement singleton and this node's capacity reports. Registers <see cref="SessionRegion"/> and
    /// <see cref="PlacementSingleton"/>.
    /// </summary>
    /// <param name="akka">The actor system under construction, named <see cref="RecorderClusterOptions.SystemName"/>.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="media">The media side of this node's sessions.</param>
    /// <param name="limits">What limits this node besides its slots.</param>
    /// <param name="clock">The node's clock.</param>
    /// <exception cref="ArgumentException">The options lack a database file.</exception>
    public static AkkaConfigurationBuilder AddRecorderCluster(
        this AkkaConfigurationBuilder akka, RecorderClusterOptions options, ISessionMedia media, INodeLimits limits, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(akka);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(media);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Database.File);

        return akka
            .ConfigureLoggers(loggers =>
            {
                loggers.LogLevel = Akka.Event.LogLevel.InfoLevel;
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
            })
            .AddHocon(JournalConfiguration.Sqlite(options.Database.File), HoconAddMode.Prepend)
            .AddHocon(ClusterConfiguration.Hocon, HoconAddMode.Prepend)
            .WithCustomSerializer("wire", [typeof(IWireMessage)], system => new WireSerializer(system))
            .WithRemoting(new RemoteOptions { HostName = options.Remoting.Hostname, Port = options.Remoting.Port })
            .WithClustering(new ClusterOptions
            {
                Roles = [RecorderClusterOptions.RecorderRole, RecorderClusterOptions.EdgeRole],
                SeedNodes = [],
            })
            .WithActors(async (system, registry, _) =>
            {
                var cluster = Akka.Cluster.Cluster.Get(system);
                var node = cluster.SelfAddress.ToString();

                // A farm of one is its own seed.
                await cluster.JoinAsync(cluster.SelfAddress);

                // Both sides of the road know each other by name only, so neither has to wait for the other to be up.
                var placementSettings = Akka.Cluster.Tools.Singleton.ClusterSingletonProxySettings.Create(system).WithSingletonName("placement");
                var placement = system.ActorOf(
                    Akka.Cluster.Tools.Singleton.ClusterSingletonProxy.Props("/user/placement-singleton", placementSettings), "placement");
                registry.Register<PlacementSingleton>(placement);

                var surroundings = new SessionSurroundings(media, placement, options.Sessions, clock, node);
                var sharding = ClusterSharding.Get(system);
                var region = await sharding.StartAsync(
                    SessionTypeName,
                    id => SessionActor.PropsFor(new SessionId(int.Parse(id, System.Globalization.CultureInfo.InvariantCulture)), surroundings),
                    ClusterShardingSettings.Create(system).WithRole(RecorderClusterOptions.RecorderRole),
                    new SessionExtractor(),
                    sharding.DefaultShardAllocationStrategy(ClusterShardingSettings.Create(system)),
                    LeaveNode.Instance);
                registry.Register<SessionRegion>(region);

                var managerSettings = Akka.Cluster.Tools.Singleton.ClusterSingletonManagerSettings.Create(system).WithSingletonName("placement");
                system.ActorOf(
                    Akka.Cluster.Tools.Singleton.ClusterSingletonManager.Props(
                        PlacementActor.SupervisedProps(options.Placement, clock, region), PoisonPill.Instance, managerSettings),
                    "placement-singleton");
                system.ActorOf(Props.Create(() => new NodeCapacityActor(node, options.Placement, limits, placement)), "capacity");
            });
    }

    /// <summary>Makes the database ready for <see cref="AddRecorderCluster"/>. To be awaited before the actor system starts.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="cancellation">Ends the preparation.</param>
    /// <exception cref="DatabaseUnusableException">The database cannot be used; the message says what to do.</exception>
    public static Task PrepareDatabaseAsync(RecorderClusterOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        return JournalConfiguration.PrepareSqliteAsync(options.Database.File, cancellation);
    }
}
