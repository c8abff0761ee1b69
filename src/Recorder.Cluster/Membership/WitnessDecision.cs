using System.Collections.Immutable;
using Akka.Actor;

namespace Recorder.Cluster.Membership;

/// <summary>The outcome of a connection to a node's remoting port.</summary>
internal enum ProbeOutcome
{
    /// <summary>The port took the connection: there is a process, whatever its state.</summary>
    Accepted,

    /// <summary>The host lives and nothing listens on the port: the process is gone.</summary>
    Refused,

    /// <summary>No answer came: the host is dead, the link is cut, or the queue is full.</summary>
    NoAnswer,
}

/// <summary>One look at every other member.</summary>
internal sealed record ProbeRound(ImmutableDictionary<Address, ProbeOutcome> Outcomes);

/// <summary>Decides whether the probes are enough to give a node up at once, without waiting for the failure
/// detector. Pure.</summary>
internal static class WitnessDecision
{
    /// <summary>How many rounds in a row must agree.</summary>
    public const int Rounds = 3;

    /// <summary>
    /// The members to give up. A refusal alone is not enough, because a firewall between two sides may refuse as
    /// well. This node and the members that take connections must be more than half of all members. A pair has no
    /// majority without the lost node, so there the refusal is enough.
    /// </summary>
    /// <param name="self">This node.</param>
    /// <param name="members">All members that count, including this one.</param>
    /// <param name="rounds">The newest rounds, newest last.</param>
    public static ImmutableList<Address> Gone(
        Address self,
        ImmutableHashSet<Address> members,
        ImmutableList<ProbeRound> rounds
    )
    {
        if (rounds.Count < Rounds)
        {
            return [];
        }
        var last = rounds.TakeLast(Rounds).ToList();
        var others = members.Remove(self);
        var alive = 1 + others.Count(member => Of(last[^1], member) == ProbeOutcome.Accepted);
        return alive * 2 > members.Count || members.Count == 2
            ? [.. others.Where(member => last.All(round => Of(round, member) == ProbeOutcome.Refused))]
            : [];
    }

    /// <summary>Whether a further round can still lead to a decision: some member was refused in every round so
    /// far.</summary>
    public static bool IsWorthARound(ImmutableList<ProbeRound> rounds) =>
        rounds.IsEmpty
        || (
            rounds.Count < Rounds
            && rounds[0]
                .Outcomes.Keys.Any(member => rounds.TrueForAll(round => Of(round, member) == ProbeOutcome.Refused))
        );

    private static ProbeOutcome Of(ProbeRound round, Address member) =>
        round.Outcomes.GetValueOrDefault(member, ProbeOutcome.NoAnswer);
}
