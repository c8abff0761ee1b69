using System.Collections.Immutable;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Membership;

/// <summary>Is this node in its farm? Answered by <see cref="NodeStanding"/>.</summary>
public sealed record GetStanding;

/// <summary>The answer to <see cref="GetStanding"/>.</summary>
/// <param name="WhyNotIn">Why it is not, as one sentence, or null when it is.</param>
public sealed record NodeStanding(string? WhyNotIn);

/// <summary>Told by the first seed actor of this node at each look.</summary>
/// <param name="Why">Why this node neither finds its farm nor begins one, as one sentence; null when there is nothing
/// to tell.</param>
internal sealed record FarmAwaited(string? Why);

/// <summary>Are you in a farm? The first seed node asks the others, before it begins one. Answered by
/// <see cref="FarmPresence"/>.</summary>
[Wire("farm/get-presence:1")]
internal sealed record GetFarmPresence : IWireMessage;

/// <summary>The answer to <see cref="GetFarmPresence"/>.</summary>
/// <param name="InFarm">Whether the node is in a farm, being let into one, or about to leave it.</param>
/// <param name="Members">The addresses of the farm's members, which are asked too from then on: the node may be on its
/// way out.</param>
[Wire("farm/presence:1")]
internal sealed record FarmPresence(bool InFarm, ImmutableList<string> Members) : IWireMessage;

/// <summary>Who is in the farm? Answered by <see cref="FarmMembers"/>.</summary>
public sealed record ListMembers;

/// <summary>The farm as this node sees it.</summary>
/// <param name="Self">This node's address.</param>
/// <param name="Members">All members, by address.</param>
/// <param name="Unreachable">The addresses of those that do not answer.</param>
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
);

/// <summary>One member.</summary>
/// <param name="Node">Its address.</param>
/// <param name="Uid">The number of its incarnation.</param>
/// <param name="Status">Joining, WeaklyUp, Up, Leaving, Exiting or Down.</param>
/// <param name="Roles">Its roles.</param>
/// <param name="Version">The version of the recorder it runs.</param>
public sealed record FarmMember(string Node, int Uid, string Status, ImmutableList<string> Roles, string Version)
{
    /// <summary>Whether a person means this member: by its whole address, by what is behind its <c>//</c>, or by
    /// <c>host:port</c>.</summary>
    public bool IsNamed(string name) => IsNamed(Node, name);

    /// <summary>Whether a person means the member of this address.</summary>
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

/// <summary>What an operator may do with a member; the words are those of the calls and of the command line.</summary>
public enum MemberOperation
{
    /// <summary>It hands over or finishes what it does, and leaves, as on SIGTERM.</summary>
    Leave,

    /// <summary>The farm gives it up; for a node that is dead. One that lives ends itself when it hears of
    /// it.</summary>
    Down,

    /// <summary>It takes no new sessions, and those it has are handed over.</summary>
    Drain,

    /// <summary>It takes sessions again.</summary>
    Undrain,
}

/// <summary>Leave the farm, as on SIGTERM: told to a node's own membership actor by that of another.</summary>
[Wire("membership/leave:1")]
internal sealed record LeaveFarm : IWireMessage;

/// <summary>Let a member leave. Answered by <see cref="MemberChange"/>.</summary>
/// <param name="Node">Its address, whole or as <c>host:port</c>.</param>
public sealed record LetLeave(string Node);

/// <summary>Give a member up. Answered by <see cref="MemberChange"/>.</summary>
/// <param name="Node">Its address, whole or as <c>host:port</c>.</param>
public sealed record GiveUp(string Node);

/// <summary>The answer to <see cref="LetLeave"/> and <see cref="GiveUp"/>: the member's address, or null when there is
/// no such member.</summary>
public sealed record MemberChange(string? Node);

/// <summary>
/// Does a living process have this address? Asked of any node by one that is about to take it. Answered by
/// <see cref="AddressUse"/>.
/// </summary>
/// <param name="Node">The whole address.</param>
[Wire("farm/get-address-use:1")]
public sealed record GetAddressUse(string Node) : IWireMessage;

/// <summary>The answer to <see cref="GetAddressUse"/>.</summary>
/// <param name="Node">The whole address.</param>
/// <param name="Answers">Whether a member has it and answers.</param>
[Wire("farm/address-use:1")]
public sealed record AddressUse(string Node, bool Answers) : IWireMessage;
