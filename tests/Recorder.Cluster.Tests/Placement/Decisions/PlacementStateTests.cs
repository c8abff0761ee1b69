using System.Text;
using System.Text.Json;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

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
        Assert.Equal(3, Assert.Single(read.IdempotencyKeys.Keys).Id.Value);
        Assert.Equal([2, 3], read.Running.Select(session => session.Summary.Id.Value));
        Assert.Equal(
            Encoding.UTF8.GetString(written),
            JsonSerializer.Serialize(read.ToSnapshot(), WireSerializer.Json)
        );
    }

    [Fact]
    public void A_snapshot_of_an_earlier_version_has_its_keys_in_its_sessions()
    {
        var state = new PlacementState()
            .Apply(Farm.Placed(1, 0, Farm.NodeA, "key"))
            .Apply(Farm.Placed(2, 1, Farm.NodeA, "failed"))
            .Apply(Farm.Reported(2, SessionPhase.Failed, 2));
        var read = PlacementState.FromSnapshot(state.ToSnapshot() with { Keys = [] });
        Assert.Equal(state.IdempotencyKeys.Keys, read.IdempotencyKeys.Keys);
        Assert.Equal("key", Assert.Single(read.IdempotencyKeys.Keys).Key);
    }

    [Fact]
    public void A_key_is_kept_for_a_day_and_the_key_of_a_failed_start_not_at_all()
    {
        var state = new PlacementState()
            .Apply(Farm.Placed(1, 0, Farm.NodeA, "old"))
            .Apply(Farm.Placed(2, 1, Farm.NodeA, "failed"))
            .Apply(Farm.Placed(3, 2, Farm.NodeA, "recorded"))
            .Apply(Farm.Reported(2, SessionPhase.Failed, 2))
            .Apply(
                new SessionReported(Farm.Summary(3, SessionPhase.Stopped) with { EverRecorded = true }, 9)
            );
        Assert.Equal(["old", "recorded"], state.IdempotencyKeys.Keys.Select(key => key.Key));

        state = state.Apply(
            Farm.Placed(4, 3, Farm.NodeA, "late") with
            {
                At = Sample.Begin + KeyBook.Lifetime + TimeSpan.FromSeconds(1),
            }
        );
        Assert.Equal(["late"], state.IdempotencyKeys.Keys.Select(key => key.Key));
    }

    [Fact]
    public void A_forgotten_session_leaves_its_id_and_its_key_and_one_that_runs_is_not_forgotten()
    {
        var state = new PlacementState()
            .Apply(Farm.Placed(1, 0, Farm.NodeA))
            .Apply(Farm.Placed(2, 1, Farm.NodeA, "key"))
            .Apply(new SessionReported(Farm.Summary(2, SessionPhase.Stopped) with { EverRecorded = true }, 9))
            .Apply(new SessionsForgotten([new SessionId(1), new SessionId(2)], Sample.Begin));
        Assert.Equal([1], state.Sessions.Keys);
        SessionIndexTests.AssertRecounted(state);

        foreach (var kept in new[] { state, PlacementState.FromSnapshot(state.ToSnapshot()) })
        {
            var nodes = Farm.Nodes((Farm.NodeA, 9, null));
            var same = Assert.IsType<SessionAdmitted>(Admission.Decide(Farm.View(kept, nodes), Farm.Ask("key")));
            var next = Assert.IsType<SessionAdmitted>(Admission.Decide(Farm.View(kept, nodes), Farm.Ask()));
            Assert.Equal((2, 3), (same.Id.Value, next.Id.Value));
            Assert.IsType<IdempotencyConflict>(
                Admission.Decide(Farm.View(kept, nodes), Farm.Ask("key", "https://example.org/other"))
            );
        }
    }

    [Fact]
    public void An_id_that_was_seen_is_not_given_again() =>
        Assert.Equal(
            42,
            new PlacementState()
                .Apply(new IdSeen(new SessionId(42), Sample.Begin))
                .Apply(new IdSeen(new SessionId(7), Sample.Begin))
                .LastId
        );

    [Fact]
    public void The_highest_id_outlives_a_snapshot_that_no_longer_lists_its_session() =>
        Assert.Equal(9, PlacementState.FromSnapshot(new PlacementSnapshot(9, [])).LastId);
}
