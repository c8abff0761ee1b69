using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Membership;

namespace Recorder.Cluster.Tests.Membership;

public sealed class WitnessDecisionTests
{
    /// <summary>Knocks: a accepted, r refused, n no answer. Words of other witnesses: l lives, g gone, u
    /// unknown.</summary>
    [Theory]
    // A process that was killed: the others find the same.
    [InlineData("", "", 3, 2, "Knock")]
    [InlineData("rr", "g", 3, 2, "Knock")]
    [InlineData("rrr", "g", 3, 2, "GiveUp")]
    [InlineData("rrr", "gu", 5, 4, "GiveUp")]
    [InlineData("rrr", "ggg", 100, 99, "GiveUp")]
    // A forwarder without a listener, or a REJECT rule for new connections: the connections of others stand.
    [InlineData("rrr", "l", 3, 2, "Knock")]
    [InlineData("rrr", "gl", 4, 3, "Knock")]
    [InlineData("rrrrrrr", "gl", 4, 3, "Drop")]
    // One direction cut: the others reach the node.
    [InlineData("rrrrrrr", "ll", 4, 3, "Drop")]
    [InlineData("nnn", "ll", 4, 3, "Drop")]
    // A proxy that restarts: the port takes connections again.
    [InlineData("rra", "g", 3, 2, "Drop")]
    [InlineData("n", "", 3, 2, "Drop")]
    [InlineData("rrn", "g", 3, 2, "Drop")]
    // This node is the one that is cut off: nobody answers its question, or most others are out of its sight.
    [InlineData("rrr", "", 3, 2, "Knock")]
    [InlineData("rrr", "u", 3, 2, "Knock")]
    [InlineData("rrrrrrr", "u", 3, 2, "Drop")]
    [InlineData("rrrrrrr", "", 5, 4, "Drop")]
    [InlineData("rrr", "g", 5, 2, "Drop")]
    [InlineData("rrr", "g", 4, 2, "Drop")]
    // A pair has nobody else to ask.
    [InlineData("rr", "", 2, 1, "Knock")]
    [InlineData("rrr", "", 2, 1, "GiveUp")]
    [InlineData("rrn", "", 2, 1, "Drop")]
    public void A_node_is_given_up_when_it_refuses_most_nodes_are_seen_and_another_finds_the_same(
        string knocks,
        string words,
        int members,
        int alive,
        string step
    )
    {
        var suspicion = Suspected(knocks, words);
        Assert.Equal(step, WitnessDecision.Next(suspicion, members, alive).ToString());

        // Whatever else is known, a node that gave a sign of life is not given up.
        Assert.Equal(WitnessStep.Drop, WitnessDecision.Next(suspicion with { Heard = true }, members, alive));
    }

    [Theory]
    [InlineData(null, 1000, false)]
    [InlineData(1200, 1000, false)]
    [InlineData(960, 1000, false)]
    [InlineData(900, 1000, true)]
    [InlineData(10, 350, true)]
    public void A_node_that_has_renewed_its_lease_after_its_connection_was_lost_lives(int? ago, int lost, bool lives) =>
        Assert.Equal(
            lives,
            WitnessDecision.IsRenewed(
                ago is { } renewed ? TimeSpan.FromMilliseconds(renewed) : null,
                TimeSpan.FromMilliseconds(lost)
            )
        );

    [Theory]
    [InlineData(true, "r", "Lives")]
    [InlineData(true, "n", "Lives")]
    [InlineData(false, "a", "Lives")]
    [InlineData(false, "r", "Gone")]
    [InlineData(false, "n", "Unknown")]
    public void A_connection_that_stands_is_worth_more_than_a_refused_knock(bool heard, string knock, string sight) =>
        Assert.Equal(sight, WitnessDecision.Sight(heard, Outcome(knock[0])).ToString());

    [Theory]
    [InlineData(1, 3, "23")]
    [InlineData(2, 3, "31")]
    [InlineData(3, 3, "12")]
    [InlineData(2, 6, "345")]
    [InlineData(5, 6, "612")]
    [InlineData(1, 1, "")]
    public void Three_others_are_asked_and_not_the_same_ones_by_everybody(int self, int alive, string asked) =>
        Assert.Equal(
            asked.Select(number => NodeOf(number - '0')),
            WitnessDecision.ToAsk(NodeOf(self), Enumerable.Range(1, alive).Select(NodeOf))
        );

    private static Suspicion Suspected(string knocks, string words) =>
        new()
        {
            Knocks = [.. knocks.Select(Outcome)],
            Words = words
                .Index()
                .ToImmutableDictionary(
                    word => NodeOf(word.Index + 1),
                    word =>
                        word.Item switch
                        {
                            'l' => NodeSight.Lives,
                            'g' => NodeSight.Gone,
                            _ => NodeSight.Unknown,
                        }
                ),
        };

    private static ProbeOutcome Outcome(char letter) =>
        letter switch
        {
            'a' => ProbeOutcome.Accepted,
            'r' => ProbeOutcome.Refused,
            _ => ProbeOutcome.NoAnswer,
        };

    private static Address NodeOf(int number) => new("akka.tcp", "recorder", "10.0.0.1", 1000 + number);
}
