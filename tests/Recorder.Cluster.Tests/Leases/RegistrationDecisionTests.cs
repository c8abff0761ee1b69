using Recorder.Cluster.Leases;

namespace Recorder.Cluster.Tests.Leases;

/// <summary>Whether a node may take its row in the database.</summary>
public sealed class RegistrationDecisionTests
{
    private static readonly RegistrationView View = new(
        "me",
        "host folder",
        "10.0.0.1:34569",
        false,
        "farm",
        false,
        [],
        null,
        "/data/farm.json",
        "recorder on db:5432"
    );

    private static LeaseRow Row(string id, string address = "10.0.0.9:34569", string place = "other", int left = 5) =>
        new()
        {
            Id = id,
            Address = address,
            Place = place,
            LeftMs = left,
            Epoch = 3,
        };

    [Fact]
    public void A_node_of_a_farm_starts_beside_living_nodes_of_other_addresses() =>
        Assert.Equivalent(new Registration(null, []), RegistrationDecision.Next(View with { Rows = [Row("a")] }));

    [Fact]
    public void A_farm_of_one_starts_beside_no_living_node() =>
        Assert.Single(RegistrationDecision.Next(View with { Alone = true, Rows = [Row("a")] }).Blockers);

    [Fact]
    public void A_taken_address_is_waited_for() =>
        Assert.Single(RegistrationDecision.Next(View with { Rows = [Row("a", View.Address!)] }).Blockers);

    [Fact]
    public void A_lapsed_lease_stops_nobody() =>
        Assert.Empty(
            RegistrationDecision
                .Next(View with { Alone = true, Rows = [Row("a", View.Address!, left: 0), Row("me", left: -1)] })
                .Blockers
        );

    [Fact]
    public void The_next_life_in_the_same_folder_waits_for_nothing_and_a_copy_elsewhere_does()
    {
        Assert.Empty(RegistrationDecision.Next(View with { Rows = [Row("me", place: View.Place)] }).Blockers);
        Assert.Single(RegistrationDecision.Next(View with { Rows = [Row("me")] }).Blockers);
    }

    [Fact]
    public void A_database_of_another_farm_is_refused_with_the_way_out()
    {
        var refusal = RegistrationDecision.Next(View with { Kept = new KeptLease("mine", "me", 1) }).Refusal;

        Assert.Contains("belongs to another farm", refusal, StringComparison.Ordinal);
        Assert.Contains("remove /data/farm.json", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_that_is_older_than_the_last_start_is_refused_and_one_that_is_as_new_is_not()
    {
        var view = View with { Kept = new KeptLease("farm", "me", 4), Rows = [Row("me", place: View.Place)] };

        Assert.Contains(
            "restored from a backup",
            RegistrationDecision.Next(view).Refusal,
            StringComparison.Ordinal
        );
        Assert.Null(RegistrationDecision.Next(view with { Kept = new KeptLease("farm", "me", 3) }).Refusal);

        // The copy of a folder whose file node-id was removed is another node.
        Assert.Null(RegistrationDecision.Next(view with { Kept = new KeptLease("farm", "original", 9) }).Refusal);
    }

    [Fact]
    public void An_empty_database_begins_anew() =>
        Assert.Null(RegistrationDecision.Next(View with { FarmIsNew = true, Kept = new KeptLease("mine", "me", 4) }).Refusal);
}
