using System.Collections.Immutable;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Membership;

/// <summary>Is this node in its farm? Answered by <see cref="NodeStanding"/>.</summary>
public sealed record GetStanding;

/// <summary>The answer to <see cref="GetStanding"/>.</summary>
/// <param name="WhyNotIn">Why the node is not in its farm, as one sentence, or null when it is.</param>
public sealed record NodeStanding(string? WhyNotIn);

/// <summary>The first seed actor of this node tells its state at each look.</summary>
/// <param name="Why">Why this node neither finds its farm nor begins one, as one sentence; null when there is nothing
/// to tell.</param>
internal sealed record FarmAwaited(string? Why);

/// <summary>Are you in a farm? Asked by the first seed node before it begins a farm. Answered by
/// <see cref="FarmPresence"/>.</summary>
[Wire("farm/get-presence:1")]
internal sealed record GetFarmPresence : IWireMessage;

/// <summary>The answer to <see cref="GetFarmPresence"/>.</summary>
/// <param name="InFarm">Whether the node is in a farm, being let into one, or about to leave it.</param>
/// <param name="Members">The addresses of the farm's members. They are asked too from then on, because the answering
/// node may be leaving.</param>
[Wire("farm/presence:1")]
internal sealed record FarmPresence(bool InFarm, ImmutableList<string> Members) : IWireMessage;

/// <summary>Who is in the farm? Answered by <see cref="FarmMembers"/>.</summary>
public sealed record ListMembers;

/// <summary>The farm as this node sees it.</summary>
/// <param name="Self">This node's address.</param>
/// <param name="Members">All members, by address.</param>
/// <param name="Unreachable">The addresses of the members that do not answer.</param>
/// <param name="Leader">The leader's address, or null.</param>
/// <param name="Oldest">The oldest member's address, or null.</param>
/// <param name="OldestPerRole">The oldest member of each role, which carries the role's singletons.</param>
public sealed record FarmMembers(
    string Self,
    ImmutableList<FarmMember> Members,
    ImmutableList<string> Unreachable,
    string? Leader,
    string? Oldest,
    ImmutableSortedDictionary<string, string> OldestPerRole
)
{
    /// <summary>The protocol that this node writes (<see cref="ProtocolGate"/>).</summary>
    public int Agreed { get; init; } = 1;
}

/// <summary>One member.</summary>
/// <param name="Node">The member's address.</param>
/// <param name="Uid">The number of the member's incarnation.</param>
/// <param name="Status">Joining, WeaklyUp, Up, Leaving, Exiting or Down.</param>
/// <param name="Roles">The member's roles.</param>
/// <param name="Version">The version of the recorder that the member runs.</param>
public sealed record FarmMember(string Node, int Uid, string Status, ImmutableList<string> Roles, string Version)
{
    /// <summary>The protocols of the member's build; null for a build before the protocols had numbers.</summary>
    public WireProtocol? Protocol { get; init; }

    /// <summary>Whether a name means this member: the whole address, the part after <c>//</c>, or
    /// <c>host:port</c>.</summary>
    public bool IsNamed(string name) => IsNamed(Node, name);

    /// <summary>Whether a name means the member of this address.</summary>
    public static bool IsNamed(string node, string name)
    {
        ArgumentNullException.ThrowIfNull(node);
        return name is { Length: > 0 }
            && (
                node == name
                || node.EndsWith("//" + name, StringComparison.Ordinal)
                || node.EndsWith('@' + name, StringComparison.Ordinal)
            );
    }
}

/// <summary>What an operator may do with a member. The HTTP calls and the command line use the same words.</summary>
public enum MemberOperation
{
    /// <summary>The member hands its work over or finishes it, and leaves, as on SIGTERM.</summary>
    Leave,

    /// <summary>The farm gives the member up; for a dead node. A living node ends itself when it hears of
    /// that.</summary>
    Down,

    /// <summary>The member takes no new sessions, and its sessions are handed over.</summary>
    Drain,

    /// <summary>The member takes sessions again.</summary>
    Undrain,
}

/// <summary>Leave the farm, as on SIGTERM. Told to a node's membership actor by the membership actor of another
/// node.</summary>
[Wire("membership/leave:1")]
internal sealed record LeaveFarm : IWireMessage;

/// <summary>The farm writes what the build of the receiver does not understand, so the receiver ends itself. Told to
/// the membership actor of a joining node by the members.</summary>
/// <param name="Why">What differs and what to do, in sentences.</param>
[Wire("membership/refused:1")]
internal sealed record FarmRefuses(string Why) : IWireMessage;

/// <summary>Let a member leave. Answered by <see cref="MemberChange"/>.</summary>
/// <param name="Node">The member's address, whole or as <c>host:port</c>.</param>
public sealed record LetLeave(string Node);

/// <summary>Give a member up. Answered by <see cref="MemberChange"/>.</summary>
/// <param name="Node">The member's address, whole or as <c>host:port</c>.</param>
public sealed record GiveUp(string Node);

/// <summary>The answer to <see cref="LetLeave"/> and <see cref="GiveUp"/>: the member's address, or null when there is
/// no such member.</summary>
public sealed record MemberChange(string? Node);

/// <summary>
/// Does a living process have this address? A node that is about to take the address asks any other node. Answered by
/// <see cref="AddressUse"/>.
/// </summary>
/// <param name="Node">The whole address.</param>
[Wire("farm/get-address-use:1")]
public sealed record GetAddressUse(string Node) : IWireMessage;

/// <summary>The answer to <see cref="GetAddressUse"/>.</summary>
/// <param name="Node">The whole address.</param>
/// <param name="Answers">Whether a member has the address and answers.</param>
[Wire("farm/address-use:1")]
public sealed record AddressUse(string Node, bool Answers) : IWireMessage;
