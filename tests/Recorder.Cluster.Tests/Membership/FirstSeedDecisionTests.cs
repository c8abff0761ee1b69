using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Membership;

namespace Recorder.Cluster.Tests.Membership;

public sealed class FirstSeedDecisionTests
{
    /// <summary>Each other seed node a word: i in a farm, o in none, a absent, u unreachable, s silent, and for how
    /// many seconds.</summary>
    [Theory]
    [InlineData("", "Begin")]
    [InlineData("o0", "Begin")]
    [InlineData("a0 a0", "Begin")]
    [InlineData("o0 a0 u5", "Begin")]
    [InlineData("u0", "LookAgain")]
    [InlineData("u4 a0", "LookAgain")]
    [InlineData("u5", "Begin")]
    [InlineData("s0", "LookAgain")]
    [InlineData("s59 o9 a9", "LookAgain")]
    [InlineData("s60", "Begin")]
    [InlineData("s60 u1", "LookAgain")]
    [InlineData("i0", "Join")]
    [InlineData("i0 s0 a0", "Join")]
    [InlineData("o0 i0", "Join")]
    public void A_farm_is_begun_only_when_no_other_seed_node_can_be_in_one(string others, string step) =>
        Assert.Equal(step, FirstSeedDecision.Next(Read(others), cutOff: false).ToString());

    [Theory]
    [InlineData("", "Begin")]
    [InlineData("o0 a0", "Begin")]
    [InlineData("u5", "LookAgain")]
    [InlineData("u99999 o0 a0", "LookAgain")]
    [InlineData("s60", "LookAgain")]
    [InlineData("s99999 a9", "LookAgain")]
    [InlineData("i0 u99999", "Join")]
    public void A_node_that_was_cut_off_waits_for_whoever_is_silent_as_long_as_it_takes(string others, string step) =>
        Assert.Equal(step, FirstSeedDecision.Next(Read(others), cutOff: true).ToString());

    private static ImmutableList<SeedSeen> Read(string others) =>
        [
            .. others
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(
                    (word, at) =>
                        new SeedSeen(
                            new Address("akka.tcp", "recorder", "10.0.0.1", 1000 + at),
                            word[0] switch
                            {
                                'i' => SeedStanding.InFarm,
                                'o' => SeedStanding.NotInFarm,
                                'a' => SeedStanding.Absent,
                                'u' => SeedStanding.Unreachable,
                                _ => SeedStanding.Silent,
                            },
                            TimeSpan.FromSeconds(
                                int.Parse(word[1..], System.Globalization.CultureInfo.InvariantCulture)
                            )
                        )
                ),
        ];
}
