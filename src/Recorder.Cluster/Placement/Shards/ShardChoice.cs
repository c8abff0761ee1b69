using System.Collections.Immutable;

namespace Recorder.Cluster.Placement.Shards;

/// <summary>Which shard a session gets, and where a shard goes. Pure.</summary>
internal static class ShardChoice
{
    /// <summary>
    /// A shard for a session on this node: the lowest that is free and there already, else the lowest that is free and
    /// nowhere. A free shard that another node holds would take the session there.
    /// </summary>
    /// <param name="shardCount">The number of shards of the farm.</param>
    /// <param name="taken">The shards of sessions that have not ended.</param>
    /// <param name="homeOf">The node that holds a shard, or null.</param>
    /// <param name="node">The session's node.</param>
    public static int? Free(int shardCount, IReadOnlySet<int> taken, Func<int, string?> homeOf, string node)
    {
        int? nowhere = null;
        for (var shard = 0; shard < shardCount; shard++)
        {
            if (taken.Contains(shard))
            {
                continue;
            }
            var home = homeOf(shard);
            if (home == node)
            {
                return shard;
            }
            if (home is null)
            {
                nowhere ??= shard;
            }
        }

        return nowhere;
    }

    /// <summary>
    /// The lowest free shard that another node holds, to be brought to this one, which has room and found no shard;
    /// null when there is none. It is missed nowhere: a node's free shards are what is left of the most sessions that
    /// it ever held at once.
    /// </summary>
    /// <param name="shardCount">The number of shards of the farm.</param>
    /// <param name="taken">The shards of sessions that have not ended.</param>
    /// <param name="homeOf">The node that holds a shard, or null.</param>
    /// <param name="node">The node that needs one.</param>
    public static int? Idle(int shardCount, IReadOnlySet<int> taken, Func<int, string?> homeOf, string node) =>
        Enumerable
            .Range(0, shardCount)
            .Where(shard =>
                !taken.Contains(shard) && homeOf(shard) is { } home && home != node && home != ShardBoard.OnItsWay
            )
            .Select(shard => (int?)shard)
            .FirstOrDefault();

    /// <summary>
    /// The node a shard goes to: the one that was decided, while it is there; else the one that holds the fewest
    /// shards, so that a start is never refused. Null without nodes.
    /// </summary>
    /// <param name="decided">The node that was decided, or null.</param>
    /// <param name="nodes">The nodes that take shards, each with how many it holds.</param>
    public static string? Home(string? decided, ImmutableArray<KeyValuePair<string, int>> nodes)
    {
        if (nodes.Any(node => node.Key == decided))
        {
            return decided;
        }
        return nodes
            .OrderBy(node => node.Value)
            .ThenBy(node => node.Key, StringComparer.Ordinal)
            .Select(node => node.Key)
            .FirstOrDefault();
    }
}
