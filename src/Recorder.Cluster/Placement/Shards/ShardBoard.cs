using System.Collections.Immutable;

namespace Recorder.Cluster.Placement.Shards;

/// <summary>
/// Where the placement singleton and the coordinator of the shards share one <see cref="ShardMap"/>. Both are on the
/// oldest recorder node, and each node makes a board when it starts; on the other nodes the board stays empty. Safe to
/// use from several threads.
/// </summary>
internal sealed class ShardBoard
{
    private readonly TaskCompletionSource _observed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ShardMap _map = ShardMap.Empty;

    /// <summary>What is known of the shards at present.</summary>
    public ShardMap Map => Volatile.Read(ref _map);

    /// <summary>Done once the coordinator of the shards has reported for the first time where shards are.</summary>
    public Task Observed => _observed.Task;

    /// <summary>The placement has decided that a shard's session runs on this node.</summary>
    public void Decide(int shard, string node) => ImmutableInterlocked.Update(ref _map, map => map.Decide(shard, node));

    /// <summary>A shard without a session is to be brought to another node. No session gets this shard before the
    /// shard has arrived.</summary>
    public void Send(int shard, string node) => ImmutableInterlocked.Update(ref _map, map => map.Send(shard, node));

    /// <summary>Takes where shards are, as the coordinator of the shards reported. Returns the shards that are to be on
    /// another node.</summary>
    public ImmutableHashSet<int> Observe(ImmutableDictionary<int, string> homes)
    {
        ImmutableInterlocked.Update(ref _map, map => map.Observe(homes));
        _observed.TrySetResult();
        return Map.Sent;
    }

    /// <summary>The node that a shard goes to (<see cref="ShardMap.TargetOf"/>), known from then on; null without
    /// nodes.</summary>
    /// <param name="shard">The shard, which no node holds.</param>
    /// <param name="homes">Where the other shards are.</param>
    /// <param name="nodes">The nodes that take shards, each with the number of shards it holds.</param>
    public string? Allocate(
        int shard,
        ImmutableDictionary<int, string> homes,
        ImmutableArray<KeyValuePair<string, int>> nodes
    )
    {
        var node = Map.TargetOf(shard, nodes);
        Observe(node is null ? homes : homes.SetItem(shard, node));
        return node;
    }

    /// <summary>A node is gone, and its shards with it.</summary>
    public void Forget(string node) => ImmutableInterlocked.Update(ref _map, map => map.Forget(node));
}
