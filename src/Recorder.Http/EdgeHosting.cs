using Akka.Hosting;
using Recorder.Http.Edge;

namespace Recorder.Http;

/// <summary>Adds the edge actor to an actor system.</summary>
public static class EdgeHosting
{
    /// <summary>
    /// Starts the edge actor and registers it as <see cref="HttpEdge"/>. It finds
    /// <see cref="Cluster.Farm.SessionRegion"/> and <see cref="Cluster.Farm.PlacementSingleton"/> in the registry at
    /// each call, so the order in which they are added does not matter.
    /// The node's services must have been given to <see cref="RecorderHttp"/>.
    /// </summary>
    public static AkkaConfigurationBuilder WithEdgeActor(this AkkaConfigurationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithActors(
            (system, registry, resolver) =>
                registry.Register<HttpEdge>(system.ActorOf(resolver.Props<EdgeActor>(), "edge"))
        );
    }
}
