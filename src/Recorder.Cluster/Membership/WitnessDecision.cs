using System.Collections.Immutable;
using Akka.Actor;

namespace Recorder.Cluster.Membership;

/// <summary>The outcome of a connection to a node's remoting port.</summary>
internal enum ProbeOutcome
{
    /// <summary>The port took the connection: there is a process, whatever its state.</summary>
    Accepted,

    /// <summary>The host lives and refuses: the process is gone, or a firewall or a forwarder stands in its
    /// place.</summary>
    Refused,

    /// <summary>No answer came: the host is dead, the link is cut, or the queue is full.</summary>
    NoAnswer,
}

/// <summary>A member whose connection was lost, or that counts as unreachable, and what was found out about it
/// since.</summary>
internal sealed record Suspicion
{
    /// <summary>The outcomes of the knocks at the member's port, oldest first.</summary>
    public ImmutableList<ProbeOutcome> Knocks { get; init; } = [];

    /// <summary>What other members' witnesses last said of the member, by their addresses.</summary>
    public ImmutableDictionary<Address, NodeSight> Words { get; init; } = ImmutableDictionary<Address, NodeSight>.Empty;

    /// <summary>Whether the member gave a sign of life since it was suspected: a heartbeat, a new connection, or a
    /// renewal of its lease.</summary>
    public bool Heard { get; init; }
}

/// <summary>What a witness does next about a suspected member.</summary>
internal enum WitnessStep
{
    /// <summary>The member is not suspected any more, for now.</summary>
    Drop,

    /// <summary>The witness knocks at the member's port once more.</summary>
    Knock,

    /// <summary>The member's process is gone: the farm goes on without the member.</summary>
    GiveUp,
}

/// <summary>Decides whether a suspected member is given up at once, without waiting for the failure detector.
/// Pure.</summary>
internal static class WitnessDecision
{
    /// <summary>How many knocks must be refused.</summary>
    public const int Rounds = 3;

    /// <summary>How many knocks are made while other witnesses have not agreed. A witness may hear of the lost
    /// connection later than this one.</summary>
    public const int MostRounds = 7;

    /// <summary>How many other witnesses are asked.</summary>
    public const int Observers = 3;

    private static readonly TimeSpan UnderWay = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// The next step about a member. A refused port alone is no evidence: a firewall refuses too, and a forwarder whose
    /// node lives. So nothing may have been heard of the member since its connection was lost, this node must see more
    /// than half of the members, and another member's witness must confirm. As long as a single witness says that the
    /// member lives, the member is left to the failure detector.
    /// </summary>
    /// <param name="suspicion">What is known of the member.</param>
    /// <param name="members">How many members count, with this node and the suspected member.</param>
    /// <param name="alive">How many of them this node sees, with itself. A pair has no majority without the lost node,
    /// and nobody else to ask: there the refusals and the silence are enough.</param>
    public static WitnessStep Next(Suspicion suspicion, int members, int alive)
    {
        var pair = members <= 2;
        if (suspicion.Heard || suspicion.Knocks.Exists(outcome => outcome != ProbeOutcome.Refused))
        {
            return WitnessStep.Drop;
        }
        if (suspicion.Knocks.Count < Rounds)
        {
            return WitnessStep.Knock;
        }
        if (!pair && alive * 2 <= members)
        {
            return WitnessStep.Drop;
        }
        var confirmed =
            pair
            || (suspicion.Words.ContainsValue(NodeSight.Gone) && !suspicion.Words.ContainsValue(NodeSight.Lives));
        return confirmed ? WitnessStep.GiveUp
            : suspicion.Knocks.Count < MostRounds ? WitnessStep.Knock
            : WitnessStep.Drop;
    }

    /// <summary>Whether a member has renewed its lease since its connection was lost. A renewal that the database
    /// carried out as the member died says nothing.</summary>
    /// <param name="ago">How long ago the member has renewed its lease, by the database's clock; null when that is not
    /// known.</param>
    /// <param name="lost">How long ago the member's connection was lost.</param>
    public static bool IsRenewed(TimeSpan? ago, TimeSpan lost) => ago + UnderWay < lost;

    /// <summary>
    /// What this node's witness says of a member that another witness asks about. A connection that stands is worth
    /// more than a refused knock.
    /// </summary>
    /// <param name="heard">Whether the member's heartbeats arrive here, after any loss of its connection.</param>
    /// <param name="knock">The outcome of a knock at the member's port.</param>
    public static NodeSight Sight(bool heard, ProbeOutcome knock) =>
        knock switch
        {
            _ when heard => NodeSight.Lives,
            ProbeOutcome.Accepted => NodeSight.Lives,
            ProbeOutcome.Refused => NodeSight.Gone,
            _ => NodeSight.Unknown,
        };

    /// <summary>The members whose witnesses are asked: those after this node, in the order of their addresses, so that
    /// not everybody asks the same.</summary>
    /// <param name="self">This node.</param>
    /// <param name="alive">The members that this node sees.</param>
    public static ImmutableList<Address> ToAsk(Address self, IEnumerable<Address> alive)
    {
        var others = alive.Where(member => member != self).OrderBy(NameOf, StringComparer.Ordinal).ToList();
        var after = others.FindIndex(member => StringComparer.Ordinal.Compare(NameOf(member), NameOf(self)) > 0);
        return [.. others.Skip(Math.Max(after, 0)).Concat(others.Take(Math.Max(after, 0))).Take(Observers)];
    }

    private static string NameOf(Address member) => member.ToString();
}
