using Recorder.Cluster.Leases;

namespace Recorder.Cluster.Tests.Leases;

/// <summary>When a node counts as gone, as far as its lease tells.</summary>
public sealed class LeaseWatchTests
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    [Theory]
    // The lease by the database's clock, seconds watched, renewed meanwhile, may the node live?
    [InlineData(5, 9, false, true)]
    // The database's clock has gone back, so the lease seems to hold.
    [InlineData(3600, 10, false, false)]
    [InlineData(-1, 0, false, true)]
    [InlineData(-3600, 9, false, true)]
    [InlineData(-3600, 10, false, false)]
    [InlineData(-1, 10, true, true)]
    public void A_node_is_gone_when_its_lease_was_not_renewed_for_the_length_of_a_lease_that_was_watched(
        int leftSeconds,
        int watchedSeconds,
        bool renewed,
        bool mayLive
    )
    {
        var row = new LeaseRow
        {
            Id = "a",
            Life = "1",
            Renewals = 7,
            LeftMs = leftSeconds * 1000,
        };
        var later = new LeaseRow
        {
            Id = "a",
            Life = "1",
            Renewals = renewed ? 8 : 7,
            LeftMs = leftSeconds * 1000,
        };

        var first = LeaseWatch.Empty.Look([row], 0);
        var second = first.Look([later], watchedSeconds);

        Assert.Equal(mayLive, second.MayLive(later, Length, since => TimeSpan.FromSeconds(watchedSeconds - since)));
        Assert.Equal(renewed, LeaseWatch.WasRenewed(first, later));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, true, true, false)]
    [InlineData(false, true, false)]
    [InlineData(false, true, false, false, false, false)]
    [InlineData(false, false, false)]
    [InlineData(false)]
    public void The_oldest_node_makes_way_only_for_a_majority_that_reaches_the_database(
        bool makesWay,
        params bool[] others
    ) => Assert.Equal(makesWay, LeaseWatch.MostHold(others));
}
