using System.Collections.Immutable;

namespace Recorder.Cluster.Placement.Shards;

/// <summary>Where the shards of the farm are at one moment, as decided by the placement and as reported by
/// sharding.</summary>
internal sealed record ShardMap
{
    /// <summary>Stands for no node: the home of a shard that is being brought from one node to another.</summary>
    public const string OnItsWay = "";

    /// <summary>Nothing is decided, and nothing is known.</summary>
    public static readonly ShardMap Empty = new();

    /// <summary>The node that the placement decided for a shard.</summary>
    public ImmutableDictionary<int, string> Decided { get; private init; } = ImmutableDictionary<int, string>.Empty;

    /// <summary>The node that holds a shard, as the coordinator of the shards last reported.</summary>
    public ImmutableDictionary<int, string> Homes { get; private init; } = ImmutableDictionary<int, string>.Empty;

    /// <summary>The idle shards that are being brought to the node that was decided for them.</summary>
    public ImmutableHashSet<int> Sent { get; private init; } = [];

    /// <summary>Whether the coordinator of the shards has reported at least once where shards are.</summary>
    public bool Known { get; init; }

    /// <summary>The shards that have a home (<see cref="HomeOf"/>).</summary>
    public ImmutableSortedSet<int> Homed { get; private init; } = [];

    /// <summary>The shards of each home (<see cref="HomeOf"/>).</summary>
    private ImmutableDictionary<string, ImmutableSortedSet<int>> ByHome { get; init; } =
        ImmutableDictionary.Create<string, ImmutableSortedSet<int>>(StringComparer.Ordinal);

    /// <summary>The shards that are decided for each node (<see cref="Decided"/>).</summary>
    private ImmutableDictionary<string, ImmutableSortedSet<int>> ByDecision { get; init; } =
        ImmutableDictionary.Create<string, ImmutableSortedSet<int>>(StringComparer.Ordinal);

    /// <summary>
    /// The node that holds a shard, in use or idle; <see cref="OnItsWay"/> while the shard is brought to another node;
    /// null when no node is known to hold it.
    /// </summary>
    /// <param name="shard">The shard's number.</param>
    public string? HomeOf(int shard) =>
        Sent.Contains(shard) ? OnItsWay : Homes.GetValueOrDefault(shard) ?? Decided.GetValueOrDefault(shard);

    /// <summary>The shards whose home is this node, in use or idle.</summary>
    /// <param name="node">The node's cluster address.</param>
    public ImmutableSortedSet<int> At(string node) => ByHome.GetValueOrDefault(node, []);

    /// <summary>
    /// The node that a shard goes to: the decided node, while that node is there; else the node with the fewest
    /// shards, so that a start is never refused. Null without nodes.
    /// </summary>
    /// <param name="shard">The shard, which no node holds.</param>
    /// <param name="nodes">The nodes that take shards, each with the number of shards it holds.</param>
    public string? TargetOf(int shard, ImmutableArray<KeyValuePair<string, int>> nodes)
    {
        if (Decided.TryGetValue(shard, out var decided) && nodes.Any(node => node.Key == decided))
        {
            return decided;
        }
        return nodes
            .OrderBy(node => node.Value)
            .ThenBy(node => node.Key, StringComparer.Ordinal)
            .Select(node => node.Key)
            .FirstOrDefault();
    }

    /// <summary>The placement has decided that a shard's session runs on this node.</summary>
    public ShardMap Decide(int shard, string node) =>
        (this with { Decided = Decided.SetItem(shard, node) }).Indexed(this, [shard]);

    /// <summary>An idle shard is to be brought to another node.</summary>
    public ShardMap Send(int shard, string node) =>
        (this with { Decided = Decided.SetItem(shard, node), Sent = Sent.Add(shard) }).Indexed(this, [shard]);

    /// <summary>
    /// The coordinator of the shards has reported where shards are. A shard that has arrived, or that no node waits
    /// for, is no longer on its way. The same map is returned when the report changes nothing.
    /// </summary>
    public ShardMap Observe(ImmutableDictionary<int, string> homes)
    {
        ImmutableHashSet<int> sent =
        [
            .. Sent.Where(shard =>
                homes.TryGetValue(shard, out var home) && Decided.TryGetValue(shard, out var node) && node != home
            ),
        ];
        List<int> changed =
        [
            .. homes.Where(home => Homes.GetValueOrDefault(home.Key) != home.Value).Select(home => home.Key),
            .. Homes.Keys.Where(shard => !homes.ContainsKey(shard)),
            .. Sent.Except(sent),
        ];
        return changed.Count == 0 && Known
            ? this
            : (
                this with
                {
                    Homes = homes,
                    Known = true,
                    Sent = sent,
                }
            ).Indexed(this, changed);
    }

    /// <summary>A node is gone, and its shards with it.</summary>
    public ShardMap Forget(string node)
    {
        // The map may have many thousand shards, so only those that concern the node are looked at.
        var decided = ByDecision.GetValueOrDefault(node, []);
        List<int> held = [.. At(node).Concat(Sent).Where(shard => Homes.GetValueOrDefault(shard) == node)];
        return decided.IsEmpty && held.Count == 0
            ? this
            : (
                this with
                {
                    Decided = Decided.RemoveRange(decided),
                    Homes = Homes.RemoveRange(held),
                }
            ).Indexed(this, [.. decided, .. held]);
    }

    /// <summary>This map with the homes of these shards put right, which are still those of the map before.</summary>
    private ShardMap Indexed(ShardMap before, IEnumerable<int> changed)
    {
        var (homed, byHome, byDecision) = (Homed.ToBuilder(), ByHome.ToBuilder(), ByDecision.ToBuilder());
        foreach (var shard in changed.Distinct())
        {
            Put(byDecision, shard, before.Decided.GetValueOrDefault(shard), Decided.GetValueOrDefault(shard));
            var (from, to) = (before.HomeOf(shard), HomeOf(shard));
            Put(byHome, shard, from, to);
            if (from is null && to is not null)
            {
                homed.Add(shard);
            }
            else if (from is not null && to is null)
            {
                homed.Remove(shard);
            }
        }

        return this with
        {
            Homed = homed.ToImmutable(),
            ByHome = byHome.ToImmutable(),
            ByDecision = byDecision.ToImmutable(),
        };
    }

    /// <summary>Takes a shard from one node's shards to another's.</summary>
    private static void Put(
        ImmutableDictionary<string, ImmutableSortedSet<int>>.Builder byNode,
        int shard,
        string? from,
        string? to
    )
    {
        if (from == to)
        {
            return;
        }
        if (from is not null)
        {
            var rest = byNode[from].Remove(shard);
            if (rest.IsEmpty)
            {
                byNode.Remove(from);
            }
            else
            {
                byNode[from] = rest;
            }
        }
        if (to is not null)
        {
            byNode[to] = byNode.GetValueOrDefault(to, []).Add(shard);
        }
    }
}
