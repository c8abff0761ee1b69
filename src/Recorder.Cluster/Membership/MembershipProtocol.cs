using System.Collections.Immutable;

using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Membership;

/// <summary>Key of the membership actor in the actor registry. Only the first seed node of another process asks it something.</summary>
public sealed class FarmMembership;

/// <summary>Is this node in its farm? Answered by <see cref="NodeStanding"/>.</summary>
public sealed record GetStanding;

/// <summary>The answer to <see cref="GetStanding"/>.</summary>
/// <param name="WhyNotIn">Why it is not, as one sentence, or null when it is.</param>
public sealed record NodeStanding(string? WhyNotIn);

/// <summary>Are you in a farm? The first seed node asks the others, before it begins one. Answered by <see cref="FarmPresence"/>.</summary>
internal sealed record GetFarmPresence : IWireMessage;

/// <summary>The answer to <see cref="GetFarmPresence"/>.</summary>
/// <param name="InFarm">Whether the node is in a farm, or being let into one.</param>
internal sealed record FarmPresence(bool InFarm) : IWireMessage;

/// <summary>Who is in the farm? Answered by <see cref="FarmMembers"/>.</summary>
public sealed record GetMembers;

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
    ImmutableSortedDictionary<string, string> OldestPerRole);

/// <summary>One member.</summary>
/// <param name="Node">Its address.</param>
/// <param name="Uid">The number of its incarnation.</param>
/// <param name="Status">Joining, WeaklyUp, Up, Leaving, Exiting or Down.</param>
/// <param name="Roles">Its roles.</param>
/// <param name="Version">The version of the recorder it runs.</param>
public sealed record FarmMember(string Node, int Uid, string Status, ImmutableList<string> Roles, string Version)
{
    /// <summary>Whether a person means this member: by its whole address, by what is behind its <c>//</c>, or by <c>host:port</c>.</summary>
    public bool IsNamed(string name) =>
        name is { Length: > 0 } && (Node == name || Node.EndsWith("//" + name, StringComparison.Ordinal) || Node.EndsWith('@' + name, StringComparison.Ordinal));
}

/// <summary>Let a member go. Answered by <see cref="MemberChange"/>.</summary>
/// <param name="Node">Its address, whole or as <c>host:port</c>.</param>
/// <param name="Operation">How.</param>
public sealed record ChangeMember(string Node, MemberOperation Operation);

/// <summary>How a member is let go.</summary>
public enum MemberOperation
{
    /// <summary>It finishes what it does and leaves, as on SIGTERM.</summary>
    Leave,

    /// <summary>The farm gives it up; for a node that is dead. One that lives ends itself when it hears of it.</summary>
    Down,
}

/// <summary>The answer to <see cref="ChangeMember"/>: the member's address, or null when there is no such member.</summary>
public sealed record MemberChange(string? Node);
