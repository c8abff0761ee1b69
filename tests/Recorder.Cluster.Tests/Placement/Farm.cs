using System.Collections.Immutable;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Placement.Shards;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement;

/// <summary>Values of the placement's tests.</summary>
internal static class Farm
{
    public const string NodeA = "akka.tcp://recorder@10.0.0.1:34569";
    public const string NodeB = "akka.tcp://recorder@10.0.0.2:34569";
    public const int Shards = 10;

    public static readonly PlacementSettings Settings = PlacementSettings.Of(
        new PlacementOptions { Shards = Shards },
        alone: false,
        Sample.ResumeWindow
    );

    /// <summary>The age of a placement that began long ago.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromDays(1);

    /// <summary>Until when a hand-over of that placement may take.</summary>
    public static readonly TimeSpan Until = Age + TimeSpan.FromSeconds(90);

    /// <summary>A farm whose placement began long ago.</summary>
    public static FarmView View(PlacementState list, ImmutableSortedDictionary<string, NodeCapacity> nodes) =>
        new(Settings, Sample.Begin)
        {
            Age = Age,
            List = list,
            Nodes = nodes,
        };

    /// <summary>Shards that are where this says, as the coordinator of the shards told.</summary>
    public static ShardMap Homes(params (int Shard, string? Node)[] homes) =>
        ShardMap.Empty.Observe(
            homes.Where(home => home.Node is not null).ToImmutableDictionary(home => home.Shard, home => home.Node!)
        );

    public static AdmitSession Ask(string? key = null, string page = "https://example.org/room") =>
        new(new PageSessionSpec(new Uri(page)), key);

    public static ImmutableSortedDictionary<string, NodeCapacity> Nodes(
        params (string Node, int Slots, string? Closed)[] nodes
    ) =>
        nodes.ToImmutableSortedDictionary(
            node => node.Node,
            node => new NodeCapacity(node.Slots, node.Closed, Age)
        );

    /// <summary>A list in which sessions 1, 2, 3 … were placed on these nodes, in shards 0, 1, 2 …</summary>
    public static PlacementState With(params string[] nodes) =>
        nodes
            .Index()
            .Aggregate(
                new PlacementState(),
                (state, placed) => state.Apply(Placed(placed.Index + 1, placed.Index, placed.Item))
            );

    public static SessionPlaced Placed(int id, int shard, string node, string? key = null) =>
        new(new SessionId(id), shard, node, Ask().Spec, key, Sample.Begin);

    public static SessionReported Reported(int id, SessionPhase phase, long version, string node = NodeA) =>
        new(Summary(id, phase, node), version);

    public static SessionSummary Summary(int id, SessionPhase phase, string node = NodeA) =>
        new(new SessionId(id), phase, Sample.Begin, node, 1, Ask().Spec, [], [], []);
}
