using System.Collections.Immutable;

namespace Recorder.Cluster.Membership;

/// <summary>The recorder nodes of the farm as this node sees them. Published on the node's event stream at each
/// change.</summary>
/// <param name="Members">The addresses of the recorder nodes that are members, reachable or not.</param>
/// <param name="Leaving">The members that are leaving by themselves.</param>
/// <param name="Removed">
/// Addresses that were members during this node's life and no longer are: nothing runs there any more. The newest
/// <see cref="MostRemoved"/> addresses, oldest first.
/// </param>
internal sealed record FarmRoster(
    ImmutableHashSet<string> Members,
    ImmutableHashSet<string> Leaving,
    ImmutableList<string> Removed
)
{
    /// <summary>
    /// How many removed addresses are kept. Their number has no end where nodes never come back under their old
    /// address. A session on a forgotten address is given up later, like a session on an address that was never a
    /// member.
    /// </summary>
    public const int MostRemoved = 256;

    /// <summary>A roster without nodes.</summary>
    public static readonly FarmRoster Empty = new([], [], []);

    /// <summary>A node has joined, perhaps again.</summary>
    public FarmRoster Join(string node) => new(Members.Add(node), Leaving.Remove(node), Removed.Remove(node));

    /// <summary>A node is leaving.</summary>
    public FarmRoster Leave(string node) => this with { Leaving = Leaving.Add(node) };

    /// <summary>A node is gone.</summary>
    public FarmRoster Remove(string node) =>
        new(Members.Remove(node), Leaving.Remove(node), [.. Removed.Remove(node).Add(node).TakeLast(MostRemoved)]);
}
