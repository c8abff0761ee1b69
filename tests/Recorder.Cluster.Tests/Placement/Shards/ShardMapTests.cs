using System.Collections.Immutable;
using Recorder.Cluster.Placement.Shards;

namespace Recorder.Cluster.Tests.Placement.Shards;

/// <summary>What the map of the shards forgets with a node.</summary>
public sealed class ShardMapTests
{
    [Fact]
    public void A_node_s_death_takes_away_what_it_held_and_what_was_decided_for_it()
    {
        var map = ShardMap
            .Empty.Observe(
                ImmutableDictionary<int, string>.Empty.Add(1, "a").Add(2, "b").Add(3, "a").Add(4, "b")
            )
            .Decide(5, "a")
            .Decide(2, "a")
            .Send(3, "b")
            .Send(4, "a")
            .Forget("a");

        Assert.Equal([2, 4], map.Homes.Keys.Order());
        Assert.Equal([(3, "b")], map.Decided.Select(shard => (shard.Key, shard.Value)));
        Assert.Null(map.HomeOf(1));
        Assert.Equal("b", map.HomeOf(2));
        Assert.Empty(map.At("a"));
        Assert.Same(map, map.Forget("a"));
    }

    /// <summary>The indexes beside the map are the map's: a random life, compared with a scan of all shards.</summary>
    [Fact]
    public void The_shards_of_a_node_are_those_that_a_scan_finds()
    {
        string[] nodes = ["a", "b", "c"];
        var random = new Random(11);
        var map = ShardMap.Empty;
        for (var step = 0; step < 2_000; step++)
        {
            var (shard, node) = (random.Next(12), nodes[random.Next(3)]);
            map = random.Next(8) switch
            {
                0 => map.Forget(node),
                1 or 2 => map.Send(shard, node),
                3 or 4 => map.Observe(
                    Enumerable
                        .Range(0, 12)
                        .Where(_ => random.Next(2) == 0)
                        .ToImmutableDictionary(one => one, _ => nodes[random.Next(3)])
                ),
                _ => map.Decide(shard, node),
            };
            foreach (var one in nodes)
            {
                var homes = Enumerable.Range(0, 12).Where(shard => map.HomeOf(shard) == one);
                Assert.Equal(homes, map.At(one).Order());
                var after = map.Forget(one);
                Assert.DoesNotContain(one, after.Homes.Values);
                Assert.DoesNotContain(one, after.Decided.Values);
            }
        }
    }
}
