using Akka.Hosting;
using Recorder.Http.Edge;
using Recorder.Http.Feed;

namespace Recorder.Http;

/// <summary>Adds the edge actor to an actor system.</summary>
public static class EdgeHosting
{
    /// <summary>
    /// Starts the edge actor and registers it as <see cref="HttpEdge"/>. At each call, the edge actor looks up
    /// <see cref="Cluster.Farm.SessionRegion"/> and <see cref="Cluster.Farm.PlacementSingleton"/> in the registry, so
    /// the order in which they are added does not matter. <see cref="RecorderHttp"/> must already have added its
    /// services to the node's services.
    /// </summary>
    public static AkkaConfigurationBuilder WithEdgeActor(this AkkaConfigurationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithActors(
            (system, registry, resolver) =>
            {
                registry.Register<HttpEdge>(system.ActorOf(resolver.Props<EdgeActor>(), "edge"));
                system.ActorOf(resolver.Props<FeedBellActor>(), "feed-bell");
            }
        );
    }
}
