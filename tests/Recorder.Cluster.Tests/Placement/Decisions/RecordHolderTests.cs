using System.Collections.Immutable;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement.Decisions;

/// <summary>Where records are looked for, and what is shown of those that nobody has.</summary>
public sealed class RecordHolderTests
{
    private static readonly FolderId FolderA = FolderId.New();
    private static readonly FolderId FolderB = FolderId.New();

    [Fact]
    public void A_record_is_looked_for_where_its_folder_is_and_not_at_the_address_that_wrote_it()
    {
        // The disks of the two nodes are swapped; the record was written on node A.
        Assert.Equal([(1, Farm.NodeB)], Repairs(FolderA, (Farm.NodeA, FolderB), (Farm.NodeB, FolderA)));

        // Another host has the address of node A, and the folder is on no node.
        Assert.Empty(Repairs(FolderA, (Farm.NodeA, FolderB)));

        // The disk of node A is not mounted.
        Assert.Empty(Repairs(FolderA, (Farm.NodeA, null)));

        // An earlier version did not note the folder.
        Assert.Equal([(1, Farm.NodeA)], Repairs(null, (Farm.NodeA, FolderB), (Farm.NodeB, FolderA)));
    }

    [Fact]
    public void A_record_is_shown_with_the_node_that_has_its_folder_or_as_away()
    {
        Assert.Equal((Farm.NodeA, null), Shown(FolderA, (Farm.NodeA, FolderA), (Farm.NodeB, FolderB)));
        Assert.Equal((Farm.NodeB, null), Shown(FolderA, (Farm.NodeA, FolderB), (Farm.NodeB, FolderA)));
        Assert.Equal((Farm.NodeA, null), Shown(null, (Farm.NodeB, FolderB)));
        var (node, away) = Shown(FolderA, (Farm.NodeA, FolderB));
        Assert.Equal(Farm.NodeA, node);
        Assert.Contains(FolderA.ToString(), away, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_nodes_that_share_a_folder_leave_a_record_with_the_one_that_wrote_it() =>
        Assert.Equal((Farm.NodeB, null), Shown(FolderA, Farm.NodeB, (Farm.NodeA, FolderA), (Farm.NodeB, FolderA)));

    [Fact]
    public void Nothing_is_away_while_nodes_have_yet_to_report() => Assert.Equal((Farm.NodeA, null), Shown(FolderA));

    private static (int, string)[] Repairs(FolderId? folder, params (string Node, FolderId? Folder)[] nodes) =>
        [
            .. Relocation
                .Repairable(View(SessionOf(folder, Farm.NodeA, finished: false), nodes))
                .Select(left => (left.Session.Summary.Id.Value, left.Node)),
        ];

    private static (string? Node, string? Away) Shown(FolderId? folder, params (string, FolderId?)[] nodes) =>
        Shown(folder, Farm.NodeA, nodes);

    private static (string? Node, string? Away) Shown(FolderId? folder, string by, params (string, FolderId?)[] nodes)
    {
        var summary = SessionOf(folder, by, finished: true);
        var record = Assert.Single(RecordHolder.Show(View(summary, nodes), summary).Records);
        return (record.Node, record.Away);
    }

    private static FarmView View(SessionSummary summary, (string Node, FolderId? Folder)[] nodes) =>
        Farm.View(
            Farm.With(Farm.NodeA).Apply(new SessionReported(summary, 5)),
            nodes.ToImmutableSortedDictionary(
                node => node.Node,
                node =>
                    Farm.Nodes((node.Node, 4, null))[node.Node] with
                    {
                        Id = NodeId.New(),
                        Folders = node.Folder is { } folder ? [folder] : [],
                    },
                StringComparer.Ordinal
            )
        );

    private static SessionSummary SessionOf(FolderId? folder, string node, bool finished) =>
        new(
            Sample.Id,
            SessionPhase.Stopped,
            Sample.Begin,
            node,
            1,
            Sample.Spec,
            [
                new RecordSummary(Sample.FirstRecord, 1, finished, Sample.Begin, null, null, false, 0, 0)
                {
                    Node = node,
                    Folder = folder,
                },
            ],
            [],
            []
        );
}
