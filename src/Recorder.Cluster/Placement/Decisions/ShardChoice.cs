using Recorder.Cluster.Placement.Shards;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>Which shard a session gets. Pure.</summary>
internal static class ShardChoice
{
    /// <summary>
    /// A shard for a session on this node: the lowest free one that is there already, else the lowest free one that no
    /// node holds; null when there is none. A free shard that another node holds would take the session to that node.
    /// </summary>
    /// <param name="view">The farm.</param>
    /// <param name="node">The session's node.</param>
    public static int? Free(FarmView view, string node)
    {
        var taken = view.TakenShards;
        int? nowhere = null;
        for (var shard = 0; shard < view.Settings.Shards; shard++)
        {
            if (taken.Contains(shard))
            {
                continue;
            }
            var home = view.Shards.HomeOf(shard);
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
    /// The lowest free shard that another node holds, to be brought to this node, which has room and found no shard;
    /// null when there is none. Taking the shard does no harm: a node's idle shards are left over from its busiest
    /// moment.
    /// </summary>
    /// <param name="view">The farm.</param>
    /// <param name="node">The node that needs a shard.</param>
    public static int? Idle(FarmView view, string node)
    {
        var taken = view.TakenShards;
        return Enumerable
            .Range(0, view.Settings.Shards)
            .Where(shard =>
                !taken.Contains(shard)
                && view.Shards.HomeOf(shard) is { } home
                && home != node
                && home != ShardMap.OnItsWay
            )
            .Select(shard => (int?)shard)
            .FirstOrDefault();
    }

    /// <summary>
    /// The shard with which a session goes on on this node: its own, unless another living node holds that one. Any
    /// question to a session without a node makes sharding put the session's shard somewhere, and the session would go
    /// on there.
    /// </summary>
    /// <param name="view">The farm.</param>
    /// <param name="session">The session.</param>
    /// <param name="node">The node that it goes on on.</param>
    public static int Keep(FarmView view, PlacedSession session, string node) =>
        view.Shards.HomeOf(session.Shard) is { } home && home != node && view.Nodes.ContainsKey(home)
            ? Free(view, node) ?? session.Shard
            : session.Shard;
}
