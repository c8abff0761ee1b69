using System.Collections.Immutable;

namespace Recorder.Cluster.Membership;

/// <summary>The recorder nodes of the farm as this node sees them. Published on its event stream whenever it
/// changes.</summary>
/// <param name="Members">The addresses of the recorder nodes that are members, reachable or not.</param>
/// <param name="Leaving">Those among them that are on their way out by themselves.</param>
/// <param name="Removed">
/// Addresses that were members in this node's life and are none: what ran there does not run any more. The newest
/// <see cref="MostRemoved"/>, oldest first.
/// </param>
internal sealed record FarmRoster(
    ImmutableHashSet<string> Members,
    ImmutableHashSet<string> Leaving,
    ImmutableList<string> Removed
)
{
    /// <summary>
    /// How many removed addresses are kept: where nodes never come back under their old address there is no end of
    /// them. A session on a forgotten one is only given up later, as one on an address that was never a member is.
    /// </summary>
    public const int MostRemoved = 256;

    /// <summary>Nobody yet.</summary>
    public static readonly FarmRoster Empty = new([], [], []);

    /// <summary>A node has joined, perhaps again.</summary>
    public FarmRoster Join(string node) => new(Members.Add(node), Leaving.Remove(node), Removed.Remove(node));

    /// <summary>A node is on its way out.</summary>
    public FarmRoster Leave(string node) => this with { Leaving = Leaving.Add(node) };

    /// <summary>A node is gone.</summary>
    public FarmRoster Remove(string node) =>
        new(Members.Remove(node), Leaving.Remove(node), [.. Removed.Remove(node).Add(node).TakeLast(MostRemoved)]);
}
