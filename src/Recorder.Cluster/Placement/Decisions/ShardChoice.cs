using System.Collections.Immutable;
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
        var (taken, homed, count) = (view.TakenShards, view.Shards.Homed, view.ShardCount);
        foreach (var shard in view.Shards.At(node))
        {
            if (shard < count && !taken.Contains(shard))
            {
                return shard;
            }
        }

        // The lowest number that is in neither of the two sets, found by leaps.
        var candidate = 0;
        while (true)
        {
            candidate = LowestMissing(homed, candidate);
            if (candidate >= count)
            {
                return null;
            }
            var free = LowestMissing(taken, candidate);
            if (free == candidate)
            {
                return candidate;
            }
            candidate = free;
        }
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
        var count = view.ShardCount;
        for (
            var shard = LowestMissing(view.TakenShards, 0);
            shard < count;
            shard = LowestMissing(view.TakenShards, shard + 1)
        )
        {
            if (view.Shards.HomeOf(shard) is { } home && home != node && home != ShardMap.OnItsWay)
            {
                return shard;
            }
        }

        return null;
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

    /// <summary>The lowest number from a given one on that is not in a set. Takes a time that grows with the logarithm
    /// of the set's size.</summary>
    /// <param name="numbers">The set.</param>
    /// <param name="from">The first number that is asked for.</param>
    internal static int LowestMissing(ImmutableSortedSet<int> numbers, int from)
    {
        var first = numbers.IndexOf(from);
        if (first < 0)
        {
            return from;
        }

        // As long as no number is missing, the distance of two numbers is the distance of their places.
        var (held, beyond) = (first, numbers.Count);
        while (beyond - held > 1)
        {
            var middle = (held + beyond) / 2;
            if (numbers[middle] - from == middle - first)
            {
                held = middle;
            }
            else
            {
                beyond = middle;
            }
        }

        return numbers[held] + 1;
    }
}
