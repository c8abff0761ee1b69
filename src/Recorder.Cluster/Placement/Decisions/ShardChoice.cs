using Recorder.Cluster.Placement.Shards;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>Chooses the shard of a session. Pure.</summary>
internal static class ShardChoice
{
    /// <summary>
    /// A shard for a session on this node: the lowest free shard already there, else the lowest free shard that no
    /// node holds. Null when there is none. A free shard that another node holds would take the session to that node.
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
    /// The lowest free shard that another node holds; null when there is none. The shard is to be brought to this
    /// node, which has room but no free shard. Taking the shard does no harm: a node's idle shards are left over from
    /// its busiest moment.
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
    /// The shard with which a session resumes on this node: its own shard, unless another living node holds that
    /// shard. Any question to a session without a node makes sharding put the session's shard somewhere, and the
    /// session would resume there.
    /// </summary>
    /// <param name="view">The farm.</param>
    /// <param name="session">The session.</param>
    /// <param name="node">The node that the session resumes on.</param>
    public static int Keep(FarmView view, PlacedSession session, string node) =>
        view.Shards.HomeOf(session.Shard) is { } home && home != node && view.Nodes.ContainsKey(home)
            ? Free(view, node) ?? session.Shard
            : session.Shard;
}
