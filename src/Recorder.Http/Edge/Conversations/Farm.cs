using Akka.Actor;
using Akka.Hosting;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Edge.Conversations;

/// <summary>
/// The parts of the farm that an edge speaks with. They are looked up at each call, because the edge does not decide in
/// which order a node's actors start. A part that does not exist yet swallows the message, and the conversation's time
/// limit gives the answer.
/// </summary>
internal sealed record Farm
{
    private readonly IReadOnlyActorRegistry _registry;

    public Farm(IReadOnlyActorRegistry registry, ISessionArchive archive) => (_registry, Archive) = (registry, archive);

    /// <summary>The only owner whose sessions the caller sees; null: the caller sees every session.</summary>
    public string? Only { get; init; }

    /// <summary>The sessions that have ended.</summary>
    public ISessionArchive Archive { get; }

    public void Tell(IPlacementMessage message, IActorRef sender) => Find<PlacementSingleton>().Tell(message, sender);

    public void Tell(SessionMessage message, int shard, IActorRef sender) =>
        Find<SessionRegion>().Tell(message.To(shard), sender);

    public void Tell(ListMembers message, IActorRef sender) => Find<FarmMembership>().Tell(message, sender);

    private IActorRef Find<TKey>() => _registry.TryGet<TKey>(out var actor) ? actor : ActorRefs.Nobody;
}
