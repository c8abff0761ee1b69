namespace Recorder.Architecture.Tests;

/// <summary>One place of the sources uses another: a project another project, or a folder another folder of its
/// project.</summary>
/// <param name="Within">The project that both folders are in; null between projects.</param>
/// <param name="From">The place that uses the other.</param>
/// <param name="To">The place that is used.</param>
internal sealed record Edge(string? Within, string From, string To)
{
    /// <inheritdoc/>
    public override string ToString() => Within is null ? $"{From} -> {To}" : $"{Within}: {From} -> {To}";

    /// <summary>The same edge between the outermost folders; null where both places are in one.</summary>
    public Edge? Outermost() => FirstOf(From) == FirstOf(To) ? null : new Edge(Within, FirstOf(From), FirstOf(To));

    private string FirstOf(string place) => Within is null ? place : place.Split('/')[0];
}
