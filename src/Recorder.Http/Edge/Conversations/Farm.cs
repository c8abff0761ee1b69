using Akka.Actor;
using Akka.Hosting;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Edge.Conversations;

/// <summary>
/// The parts of the farm an edge speaks with. They are looked up at each call, since the order in which a node's
/// actors come up is not the edge's to decide; what is not there yet swallows the message and the conversation's time
/// limit answers.
/// </summary>
internal sealed class Farm(IReadOnlyActorRegistry registry)
{
    public void Tell(IPlacementMessage message, IActorRef sender) => Find<PlacementSingleton>().Tell(message, sender);

    public void Tell(SessionMessage message, int shard, IActorRef sender) =>
        Find<SessionRegion>().Tell(message.To(shard), sender);

    public void Tell(ListMembers message, IActorRef sender) => Find<FarmMembership>().Tell(message, sender);

    private IActorRef Find<TKey>() => registry.TryGet<TKey>(out var actor) ? actor : ActorRefs.Nobody;
}
