using System.Collections.Immutable;
using Akka.Actor;

namespace Recorder.Cluster.Membership;

/// <summary>What the first seed node has found out about another node.</summary>
internal enum SeedStanding
{
    /// <summary>The node is in a farm.</summary>
    InFarm,

    /// <summary>The node answers that it is in no farm.</summary>
    NotInFarm,

    /// <summary>The node's host answers that nothing listens on the port.</summary>
    Absent,

    /// <summary>No answer comes: the node's host is off, or the link is cut.</summary>
    Unreachable,

    /// <summary>The node takes connections and does not answer: it is starting, busy, or frozen, and its farm may
    /// live.</summary>
    Silent,
}

/// <summary>What was found out about another seed node.</summary>
/// <param name="Node">The node's address.</param>
/// <param name="Standing">What the node's state was found to be.</param>
/// <param name="For">How long the node has been in this state.</param>
internal sealed record SeedSeen(Address Node, SeedStanding Standing, TimeSpan For);

/// <summary>What the first seed node does next.</summary>
internal enum FirstSeedStep
{
    /// <summary>There is no farm: begin one.</summary>
    Begin,

    /// <summary>There is a farm: join it.</summary>
    Join,

    /// <summary>There may be a farm: look again.</summary>
    LookAgain,
}

/// <summary>
/// Decides whether the first seed node begins a farm. Akka's own rule begins a farm when no node has answered for
/// some seconds. The hosts of the old farm may only be busy, or a cut link not yet whole. Then two farms would use
/// one database. Pure.
/// </summary>
internal static class FirstSeedDecision
{
    /// <summary>A node that cannot be reached for this long counts as switched off.</summary>
    public static readonly TimeSpan UnreachablePatience = TimeSpan.FromSeconds(5);

    /// <summary>A node that takes connections and answers nothing for this long counts as hung. Longer than a farm
    /// would keep such a node.</summary>
    public static readonly TimeSpan SilentPatience = TimeSpan.FromSeconds(60);

    /// <summary>The next step.</summary>
    /// <param name="others">The other seed nodes; for a cut-off node also the members of its farm.</param>
    /// <param name="cutOff">
    /// Whether this node was given up by a farm and has been in none since then. That farm may live behind a lasting
    /// cut, so no silence is long enough.
    /// </param>
    public static FirstSeedStep Next(ImmutableList<SeedSeen> others, bool cutOff) =>
        others.Exists(other => other.Standing == SeedStanding.InFarm) ? FirstSeedStep.Join
        : others.Exists(other => MayBeInFarm(other, cutOff)) ? FirstSeedStep.LookAgain
        : FirstSeedStep.Begin;

    /// <summary>Whether the node may be in a farm although it has not said so.</summary>
    public static bool MayBeInFarm(SeedSeen other, bool cutOff) =>
        other.Standing switch
        {
            SeedStanding.Silent => cutOff || other.For < SilentPatience,
            SeedStanding.Unreachable => cutOff || other.For < UnreachablePatience,
            _ => false,
        };
}
