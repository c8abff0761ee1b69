using System.Collections.Immutable;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Membership;

/// <summary>A node of the farm and the build that the node tells.</summary>
/// <param name="Node">The node's address.</param>
/// <param name="Version">The version of the recorder, for people.</param>
/// <param name="Protocol">The protocols of the build; null for a build before the protocols had numbers.</param>
internal sealed record ToldBuild(string Node, string Version, WireProtocol? Protocol);

/// <summary>Decides which builds form one farm. Pure.</summary>
internal static class FarmAgreement
{
    /// <summary>Why a node cannot be in the farm of some members.</summary>
    /// <param name="own">The protocols of the node's build.</param>
    /// <param name="members">The members that are up.</param>
    /// <returns>What differs and what to do, in sentences; null when the node may stay.</returns>
    public static string? WhyNotIn(WireProtocol own, ImmutableList<ToldBuild> members)
    {
        if (members.Find(member => member.Protocol?.Overlaps(own) != true) is not { } other)
        {
            return null;
        }
        return $"The farm of {other.Node} and this node do not understand each other: that node runs the recorder {other.Version}, "
            + $"which {(other.Protocol is { } told ? $"speaks {told}" : "is of a time before protocols had numbers")}, "
            + $"and this is {FarmNames.Version}, which speaks {own}. {WayOut(own, other.Protocol)}";
    }

    /// <summary>Why a farm that already writes a newer protocol does not let a node in.</summary>
    /// <param name="node">The node that refuses.</param>
    /// <param name="agreed">The protocol that the farm writes.</param>
    public static string TooOld(string node, int agreed) =>
        $"The farm of {node} writes protocol {agreed}, because all of its nodes understood that protocol. "
        + "This build does not. Install the build of the other nodes on this node, and start the node again.";

    private static string WayOut(WireProtocol own, WireProtocol? other) =>
        other is null ? "Stop the farm, install the same build on every node, and start the farm again."
        : other.Speaks < own.Understands
            ? "Go from version to version without leaving one out, or stop the farm and install the same build on every node."
        : "Install a newer build on this node, and start the node again.";
}
