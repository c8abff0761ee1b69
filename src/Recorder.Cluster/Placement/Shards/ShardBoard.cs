using System.Collections.Immutable;

namespace Recorder.Cluster.Placement.Shards;

/// <summary>
/// What the placement singleton has decided about shards, and what sharding has made of it. Both singletons are on the
/// oldest recorder node, so they share one of these, made when the node starts; elsewhere it stays empty. Safe to use
/// from several threads.
/// </summary>
internal sealed class ShardBoard
{
    private ImmutableDictionary<int, string> _decided = ImmutableDictionary<int, string>.Empty;
    private readonly TaskCompletionSource _observed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableHashSet<int> _sent = [];
    private ImmutableDictionary<int, string> _homes = ImmutableDictionary<int, string>.Empty;

    /// <summary>No node: where a shard is that is being brought from one to another.</summary>
    public const string OnItsWay = "";

    /// <summary>Done once the coordinator of the shards has told for the first time where shards are.</summary>
    public Task Observed => _observed.Task;

    /// <summary>The placement has decided that a shard's session runs on this node.</summary>
    public void Decide(int shard, string node) =>
        ImmutableInterlocked.Update(ref _decided, decided => decided.SetItem(shard, node));

    /// <summary>The node the shard's session is to run on, or null when nothing was decided here.</summary>
    public string? DecidedFor(int shard) => Volatile.Read(ref _decided).GetValueOrDefault(shard);

    /// <summary>A shard without a session is to be brought to another node. No session gets it before it has
    /// arrived.</summary>
    public void Send(int shard, string node)
    {
        Decide(shard, node);
        ImmutableInterlocked.Update(ref _sent, sent => sent.Add(shard));
    }

    /// <summary>Where shards are, as the coordinator of the shards last told it. Those that are to be elsewhere are
    /// answered.</summary>
    public ImmutableHashSet<int> Observe(ImmutableDictionary<int, string> homes)
    {
        Volatile.Write(ref _homes, homes);
        ImmutableInterlocked.Update(
            ref _sent,
            sent =>
                sent.Where(shard =>
                        homes.TryGetValue(shard, out var home) && DecidedFor(shard) is { } node && node != home
                    )
                    .ToImmutableHashSet()
        );
        _observed.TrySetResult();
        return Volatile.Read(ref _sent);
    }

    /// <summary>The node a shard goes to (<see cref="ShardChoice.Home"/>), known from then on; null without
    /// nodes.</summary>
    /// <param name="shard">The shard, which is nowhere.</param>
    /// <param name="homes">Where the others are.</param>
    /// <param name="nodes">The nodes that take shards, each with how many it holds.</param>
    public string? Allocate(
        int shard,
        ImmutableDictionary<int, string> homes,
        ImmutableArray<KeyValuePair<string, int>> nodes
    )
    {
        var node = ShardChoice.Home(DecidedFor(shard), nodes);
        Observe(node is null ? homes : homes.SetItem(shard, node));
        return node;
    }

    /// <summary>The node that holds a shard, in use or idle, or null when it is nowhere as far as is known;
    /// <see cref="OnItsWay"/> while it is brought to another.</summary>
    public string? HomeOf(int shard) =>
        Volatile.Read(ref _sent).Contains(shard)
            ? OnItsWay
            : Volatile.Read(ref _homes).GetValueOrDefault(shard) ?? DecidedFor(shard);

    /// <summary>A node is gone, and its shards with it.</summary>
    public void Forget(string node)
    {
        ImmutableInterlocked.Update(
            ref _decided,
            shards => shards.RemoveRange(shards.Where(shard => shard.Value == node).Select(shard => shard.Key))
        );
        ImmutableInterlocked.Update(
            ref _homes,
            shards => shards.RemoveRange(shards.Where(shard => shard.Value == node).Select(shard => shard.Key))
        );
    }
}
