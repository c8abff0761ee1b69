using System.Collections.Immutable;
using Akka.Actor;

namespace Recorder.Cluster.Membership;

/// <summary>What came of opening a connection to a node's remoting port.</summary>
internal enum ProbeOutcome
{
    /// <summary>The port took it: there is a process, whatever its state.</summary>
    Accepted,

    /// <summary>The host lives and nothing listens there: the process is gone.</summary>
    Refused,

    /// <summary>Nothing came back, which a dead host, a cut link and a full queue have in common.</summary>
    NoAnswer,
}

/// <summary>One look at every other member.</summary>
internal sealed record ProbeRound(ImmutableDictionary<Address, ProbeOutcome> Outcomes);

/// <summary>Whether what was seen is enough to give a node up at once, without waiting for the failure detector.
/// Pure.</summary>
internal static class WitnessDecision
{
    /// <summary>How many rounds in a row must agree.</summary>
    public const int Rounds = 3;

    /// <summary>
    /// The members to be given up. A refusal alone is not enough, since a firewall between two sides may refuse as
    /// well: the members that take connections, and this one, must be more than half of all. A pair has no majority
    /// without the lost one; there the refusal stands.
    /// </summary>
    /// <param name="self">This node.</param>
    /// <param name="members">All members that count, this one included.</param>
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

    /// <summary>Whether a further round can still lead to a decision: somebody has been refused in each of
    /// these.</summary>
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
