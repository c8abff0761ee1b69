namespace Recorder.Architecture.Tests;

/// <summary>The sources use each other as <c>edges.txt</c> says, and in no ring but the known ones.</summary>
public sealed class EdgesTests
{
    private const string Table = "tests/Recorder.Architecture.Tests/edges.txt";

    private static readonly AllowedEdges Allowed = AllowedEdges.Read();

    [Fact]
    public void Nothing_uses_what_the_table_does_not_allow() =>
        AssertNone(
            Sources.Edges.Except(Allowed.Edges),
            $"{Table} does not allow this. Can the code do without it? If not, add it there, with the reason in the commit"
        );

    [Fact]
    public void Everything_that_the_table_allows_is_in_use() =>
        AssertNone(Allowed.Edges.Except(Sources.Edges), $"Nothing in src needs this any more. Remove it from {Table}");

    [Fact]
    public void There_is_no_ring_but_the_known_ones() =>
        AssertNone(
            Rings.On([.. Allowed.Edges.Except(Allowed.KnownRings)]),
            "These edges close a ring. Move what both need below both"
        );

    [Fact]
    public void Outermost_folders_form_no_ring_but_the_known_ones()
    {
        var known = Allowed.KnownRings.Select(edge => edge.Outermost()).OfType<Edge>().ToHashSet();

        AssertNone(
            Rings.On([.. Allowed.Edges.Select(edge => edge.Outermost()).OfType<Edge>().Distinct().Except(known)]),
            "These outermost folders form a ring. Move what both need below both"
        );
    }

    [Fact]
    public void Every_known_ring_is_one_still()
    {
        var onRings = Rings
            .On([.. Allowed.Edges])
            .Concat(Rings.On([.. Allowed.Edges.Select(edge => edge.Outermost()).OfType<Edge>().Distinct()]))
            .ToHashSet();

        AssertNone(
            Allowed.KnownRings.Where(edge =>
                !onRings.Contains(edge) && !(edge.Outermost() is { } outermost && onRings.Contains(outermost))
            ),
            $"This closes no ring any more. Take its ! away in {Table}"
        );
    }

    private static void AssertNone(IEnumerable<Edge> edges, string why)
    {
        var found = edges.Select(edge => edge.ToString()).Order(StringComparer.Ordinal).ToList();
        Assert.True(found.Count == 0, $"{why}:\n{string.Join('\n', found)}");
    }
}
