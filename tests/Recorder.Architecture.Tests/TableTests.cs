namespace Recorder.Architecture.Tests;

/// <summary>The table is read as it is meant, rings are found, and the sources are looked at in earnest.</summary>
public sealed class TableTests
{
    [Fact]
    public void A_table_has_edges_between_projects_and_within_each()
    {
        var table = AllowedEdges.Parse(["# comment", "[projects]", "A: B C", "", "[A]", "X/Y: Z !X  # why"]);

        Assert.Equal(
            [new(null, "A", "B"), new(null, "A", "C"), new("A", "X/Y", "Z"), new("A", "X/Y", "X")],
            table.Edges.ToHashSet()
        );
        Assert.Equal(new Edge("A", "X/Y", "X"), Assert.Single(table.KnownRings));
    }

    [Theory]
    [InlineData("X: Y")]
    [InlineData("[A]", "X Y")]
    [InlineData("[A]", "X: Y", "X: Y")]
    public void A_table_that_is_wrong_says_where(params string[] lines) =>
        Assert.Contains(
            lines[^1].Split(':')[0],
            Assert.Throws<FormatException>(() => AllowedEdges.Parse(lines)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Rings_are_found_with_all_their_edges_and_nothing_beside_them()
    {
        Edge[] edges =
        [
            new("P", "A", "B"),
            new("P", "B", "C"),
            new("P", "C", "A"),
            new("P", "C", "D"),
            new("Q", "D", "C"),
        ];

        Assert.Equal(edges[..3], Rings.On(edges));
        Assert.Empty(Rings.On(edges[1..]));
    }

    [Fact]
    public void Uses_within_a_method_a_signature_an_attribute_and_between_projects_are_seen()
    {
        Assert.Contains(new Edge(null, "Recorder.Node", "Recorder.Cluster"), Sources.Edges);
        Assert.Contains(new Edge("Recorder.Cluster", "Placement/Singleton", "Placement/Decisions"), Sources.Edges);
        Assert.Contains(new Edge("Recorder.Cluster", "Sessions/MediaPort", "Sessions/Model"), Sources.Edges);
        Assert.Contains(new Edge("Recorder.Cluster", "Sessions/Model", "Serialization"), Sources.Edges);
    }
}
