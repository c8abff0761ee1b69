using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Sharding;

namespace Recorder.Cluster.Placement.Shards;

/// <summary>
/// Carries out the decisions of the placement singleton: a shard goes to the node of its session. Every answer is
/// complete when the method returns. Later answers would be made from outdated counts, and would put concurrent
/// starts on one node.
/// </summary>
/// <remarks>
/// A shard with a session never moves. An idle shard costs nothing where it is, and the placement gives a node's idle
/// shards to that node's next sessions. Only when the pool runs short, the placement has an idle shard brought to the
/// node that needs a shard.
/// </remarks>
internal sealed class ShardAllocation(ShardBoard board) : IActorSystemDependentAllocationStrategy
{
    private Address? _self;

    /// <inheritdoc/>
    public void Start(ActorSystem system) => _self = Akka.Cluster.Cluster.Get(system).SelfAddress;

    /// <inheritdoc/>
    public Task<IActorRef> AllocateShard(
        IActorRef requester,
        string shardId,
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations
    )
    {
        var regions = currentShardAllocations.ToDictionary(region => NodeOf(region.Key), region => region.Key);
        var target = board.Allocate(
            int.Parse(shardId, CultureInfo.InvariantCulture),
            Homes(currentShardAllocations),
            [.. currentShardAllocations.Select(region => KeyValuePair.Create(NodeOf(region.Key), region.Value.Count))]
        );
        return Task.FromResult(target is null ? requester : regions[target]);
    }

    /// <inheritdoc/>
    public Task<IImmutableSet<string>> Rebalance(
        IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations,
        IImmutableSet<string> rebalanceInProgress
    )
    {
        var idle = board
            .Observe(Homes(currentShardAllocations))
            .Select(shard => shard.ToString(CultureInfo.InvariantCulture))
            .Except(rebalanceInProgress);
        return Task.FromResult<IImmutableSet<string>>(idle.ToImmutableHashSet());
    }

    private ImmutableDictionary<int, string> Homes(
        IImmutableDictionary<IActorRef, IImmutableList<string>> allocations
    ) =>
        allocations
            .SelectMany(region =>
                region.Value.Select(shard =>
                    KeyValuePair.Create(int.Parse(shard, CultureInfo.InvariantCulture), NodeOf(region.Key))
                )
            )
            .ToImmutableDictionary();

    // The region of the coordinator's own node is a local reference, without host and port.
    private string NodeOf(IActorRef region) =>
        (region.Path.Address.HasGlobalScope ? region.Path.Address : _self ?? region.Path.Address).ToString();
}
