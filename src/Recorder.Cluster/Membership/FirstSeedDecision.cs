using System.Collections.Immutable;
using Akka.Actor;

namespace Recorder.Cluster.Membership;

/// <summary>What the first seed node has found out about another one.</summary>
internal enum SeedStanding
{
    /// <summary>It is in a farm.</summary>
    InFarm,

    /// <summary>It says that it is in none.</summary>
    NotInFarm,

    /// <summary>Its host says that nothing listens there.</summary>
    Absent,

    /// <summary>Nothing comes back: its host is off, or the link is cut.</summary>
    Unreachable,

    /// <summary>It takes connections and does not answer: it is starting, busy, or frozen, and its farm may
    /// live.</summary>
    Silent,
}

/// <summary>Another seed node as it was found.</summary>
/// <param name="Node">Its address.</param>
/// <param name="Standing">What it is.</param>
/// <param name="For">For how long it has been found so.</param>
internal sealed record SeedSeen(Address Node, SeedStanding Standing, TimeSpan For);

/// <summary>What the first seed node does next.</summary>
internal enum FirstSeedStep
{
    /// <summary>There is no farm: begin one.</summary>
    Begin,

    /// <summary>There is a farm: join it.</summary>
    Join,

    /// <summary>There may be one: look again.</summary>
    LookAgain,
}

/// <summary>
/// Whether the first seed node begins a farm. By Akka's own rule it does when nobody has answered it for some seconds;
/// when it comes back to a farm whose hosts are busy, or before a cut link is whole again, there are two farms on one
/// database then. Pure.
/// </summary>
internal static class FirstSeedDecision
{
    /// <summary>A node that cannot be reached for this long is taken for switched off.</summary>
    public static readonly TimeSpan UnreachablePatience = TimeSpan.FromSeconds(5);

    /// <summary>A node that takes connections and answers nothing for this long is taken for one that hangs: longer
    /// than a farm would keep it.</summary>
    public static readonly TimeSpan SilentPatience = TimeSpan.FromSeconds(60);

    /// <summary>What to do.</summary>
    /// <param name="others">The other seed nodes, and of a node that was cut off the members of its farm too.</param>
    /// <param name="cutOff">
    /// Whether this node was given up by a farm and has been in none since. That farm may live behind a cut that lasts,
    /// so no silence is long enough.
    /// </param>
    public static FirstSeedStep Next(ImmutableList<SeedSeen> others, bool cutOff) =>
        others.Exists(other => other.Standing == SeedStanding.InFarm) ? FirstSeedStep.Join
        : others.Exists(other => MayBeInFarm(other, cutOff)) ? FirstSeedStep.LookAgain
        : FirstSeedStep.Begin;

    /// <summary>Whether the node may be in a farm without having said so.</summary>
    public static bool MayBeInFarm(SeedSeen other, bool cutOff) =>
        other.Standing switch
        {
            SeedStanding.Silent => cutOff || other.For < SilentPatience,
            SeedStanding.Unreachable => cutOff || other.For < UnreachablePatience,
            _ => false,
        };
}
