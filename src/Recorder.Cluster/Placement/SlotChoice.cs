using System.Collections.Immutable;

namespace Recorder.Cluster.Placement;

/// <summary>Which slot a session gets, and where a slot goes. Pure.</summary>
internal static class SlotChoice
{
    /// <summary>
    /// A slot for a session on this node: the lowest that is free and there already, else the lowest that is free and nowhere. A free slot that
    /// another node holds would take the session there.
    /// </summary>
    /// <param name="slotPool">The number of slots of the farm.</param>
    /// <param name="taken">The slots of sessions that have not ended.</param>
    /// <param name="homeOf">The node that holds a slot, or null.</param>
    /// <param name="node">The session's node.</param>
    public static int? Free(int slotPool, IReadOnlySet<int> taken, Func<int, string?> homeOf, string node)
    {
        int? nowhere = null;
        for (var slot = 0; slot < slotPool; slot++)
        {
            if (taken.Contains(slot)) continue;
            var home = homeOf(slot);
            if (home == node) return slot;
            if (home is null) nowhere ??= slot;
        }

        return nowhere;
    }

    /// <summary>
    /// The lowest free slot that another node holds, to be brought to this one, which has room and found no slot; null when there is none. It is
    /// missed nowhere: a node's free slots are what is left of the most sessions that it ever held at once.
    /// </summary>
    /// <param name="slotPool">The number of slots of the farm.</param>
    /// <param name="taken">The slots of sessions that have not ended.</param>
    /// <param name="homeOf">The node that holds a slot, or null.</param>
    /// <param name="node">The node that needs one.</param>
    public static int? Idle(int slotPool, IReadOnlySet<int> taken, Func<int, string?> homeOf, string node) => Enumerable.Range(0, slotPool)
        .Where(slot => !taken.Contains(slot) && homeOf(slot) is { } home && home != node && home != SlotBoard.OnItsWay)
        .Select(slot => (int?)slot).FirstOrDefault();

    /// <summary>
    /// The node a slot goes to: the one that was decided, while it is there; else the one that holds the fewest slots, so that a
    /// start is never refused. Null without nodes.
    /// </summary>
    /// <param name="decided">The node that was decided, or null.</param>
    /// <param name="nodes">The nodes that take slots, each with how many it holds.</param>
    public static string? Home(string? decided, ImmutableArray<KeyValuePair<string, int>> nodes)
    {
        if (nodes.Any(node => node.Key == decided)) return decided;
        return nodes.OrderBy(node => node.Value).ThenBy(node => node.Key, StringComparer.Ordinal).Select(node => node.Key).FirstOrDefault();
    }
}
