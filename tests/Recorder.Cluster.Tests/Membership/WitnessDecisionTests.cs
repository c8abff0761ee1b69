using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Membership;

namespace Recorder.Cluster.Tests.Membership;

public sealed class WitnessDecisionTests
{
    private static readonly Address Self = NodeOf(0);

    /// <summary>Each round a word, each letter what came of another node: a accepted, r refused, n no answer. Then who
    /// is gone, by number.</summary>
    [Theory]
    [InlineData("ra ra ra", "1")]
    [InlineData("ra ra", "")]
    [InlineData("ra na ra", "")]
    [InlineData("ra aa ra", "")]
    [InlineData("na na na", "")]
    [InlineData("aa ra ra ra", "1")]
    [InlineData("rr rr rr", "")]
    [InlineData("rn rn rn", "")]
    [InlineData("rn rn ra", "1")]
    [InlineData("r r r", "1")]
    [InlineData("n n n", "")]
    [InlineData("rraa rraa rraa", "12")]
    [InlineData("rrra rrra rrra", "")]
    [InlineData("rra rra rra", "")]
    public void A_node_is_gone_when_it_refuses_every_time_and_most_nodes_do_not(string rounds, string gone)
    {
        var read = Read(rounds);
        ImmutableHashSet<Address> members = [Self, .. read[0].Outcomes.Keys];

        Assert.Equal(
            gone.Select(number => NodeOf(number - '0')),
            WitnessDecision.Gone(Self, members, read).OrderBy(node => node.Port)
        );
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("ra", true)]
    [InlineData("ra ra", true)]
    [InlineData("ra na", false)]
    [InlineData("aa", false)]
    [InlineData("nn", false)]
    [InlineData("ra ra ra", false)]
    public void Further_rounds_are_made_while_somebody_has_refused_every_time(string rounds, bool worth) =>
        Assert.Equal(worth, WitnessDecision.IsWorthARound(rounds.Length == 0 ? [] : Read(rounds)));

    [Fact]
    public void A_node_that_joined_after_the_last_round_counts_as_one_that_did_not_answer()
    {
        var rounds = Read("ra ra ra");

        Assert.Empty(WitnessDecision.Gone(Self, [Self, NodeOf(1), NodeOf(2), NodeOf(3)], rounds));
    }

    private static ImmutableList<ProbeRound> Read(string rounds) =>
        [
            .. rounds
                .Split(' ')
                .Select(round => new ProbeRound(
                    round
                        .Select(
                            (letter, at) =>
                                KeyValuePair.Create(
                                    NodeOf(at + 1),
                                    letter switch
                                    {
                                        'a' => ProbeOutcome.Accepted,
                                        'r' => ProbeOutcome.Refused,
                                        _ => ProbeOutcome.NoAnswer,
                                    }
                                )
                        )
                        .ToImmutableDictionary()
                )),
        ];

    private static Address NodeOf(int number) => new("akka.tcp", "recorder", "10.0.0.1", 1000 + number);
}
