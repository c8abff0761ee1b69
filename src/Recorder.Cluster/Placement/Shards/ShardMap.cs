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
        List<int> decided = [.. Decided.Where(shard => shard.Value == node).Select(shard => shard.Key)];
        List<int> held = [.. Homes.Where(shard => shard.Value == node).Select(shard => shard.Key)];
        return decided.Count + held.Count == 0
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
        var (homed, byHome) = (Homed.ToBuilder(), ByHome.ToBuilder());
        foreach (var shard in changed.Distinct())
        {
            var (from, to) = (before.HomeOf(shard), HomeOf(shard));
            if (from == to)
            {
                continue;
            }
            if (from is not null)
            {
                var rest = byHome[from].Remove(shard);
                if (rest.IsEmpty)
                {
                    byHome.Remove(from);
                }
                else
                {
                    byHome[from] = rest;
                }
                homed.Remove(shard);
            }
            if (to is not null)
            {
                byHome[to] = byHome.GetValueOrDefault(to, []).Add(shard);
                homed.Add(shard);
            }
        }

        return this with { Homed = homed.ToImmutable(), ByHome = byHome.ToImmutable() };
    }
}
