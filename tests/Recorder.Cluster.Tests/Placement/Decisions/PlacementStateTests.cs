using System.Text;
using System.Text.Json;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Placement.Decisions;

public sealed class PlacementStateTests
{
    [Fact]
    public void A_placed_session_is_starting_and_was_never_recorded()
    {
        var session = Farm.With(Farm.NodeA).Sessions[1];

        Assert.Equal(
            (SessionPhase.Starting, Farm.NodeA, false),
            (session.Summary.Phase, session.Summary.Node, session.Summary.EverRecorded)
        );
        Assert.True(session.Summary.Running);
    }

    [Fact]
    public void A_report_replaces_the_summary_and_keeps_shard_and_key()
    {
        var state = new PlacementState()
            .Apply(Farm.Placed(1, 7, Farm.NodeA, "key"))
            .Apply(Farm.Reported(1, SessionPhase.Recording, 4, Farm.NodeB));

        var session = state.Sessions[1];
        Assert.Equal((7, 4L, "key"), (session.Shard, session.Version, session.IdempotencyKey));
        Assert.Equal((SessionPhase.Recording, Farm.NodeB), (session.Summary.Phase, session.Summary.Node));
    }

    [Fact]
    public void A_report_of_a_session_nobody_placed_changes_nothing() =>
        Assert.Empty(new PlacementState().Apply(Farm.Reported(1, SessionPhase.Recording, 4)).Sessions);

    [Fact]
    public void The_list_is_in_the_order_of_ids() =>
        Assert.Equal(
            Enumerable.Range(1, 12),
            Farm.With([.. Enumerable.Repeat(Farm.NodeA, 12)])
                .Sessions.Values.Select(session => session.Summary.Id.Value)
        );

    [Fact]
    public void A_snapshot_written_and_read_is_the_same_list()
    {
        var state = Farm.With(Farm.NodeA, Farm.NodeB)
            .Apply(Farm.Placed(3, 2, Farm.NodeB, "key"))
            .Apply(Farm.Reported(1, SessionPhase.Stopped, 9));

        var written = JsonSerializer.SerializeToUtf8Bytes(state.ToSnapshot(), WireSerializer.Json);
        var read = PlacementState.FromSnapshot(
            JsonSerializer.Deserialize<PlacementSnapshot>(written, WireSerializer.Json)!
        );

        Assert.Equal(3, read.LastId);
        Assert.Equal(3, read.IdempotencyKeys["key"]);
        Assert.Equal([2, 3], read.Running.Select(session => session.Summary.Id.Value));
        Assert.Equal(
            Encoding.UTF8.GetString(written),
            JsonSerializer.Serialize(read.ToSnapshot(), WireSerializer.Json)
        );
    }

    [Fact]
    public void The_highest_id_outlives_a_snapshot_that_no_longer_lists_its_session() =>
        Assert.Equal(9, PlacementState.FromSnapshot(new PlacementSnapshot(9, [])).LastId);
}
