using Akka.Actor;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.HandOver;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Sessions.HandOver;

/// <summary>What may happen while a session is handed over, on three nodes in this process.</summary>
public sealed class HandOverFaultTests : TestFarm
{
    private static readonly PageSessionSpec BothSpec = new(new Uri("https://example.org/room"))
    {
        Mode = RecordingMode.Both,
        StreamTargets = [new StreamTarget("rtmp://h/app/hush-1")],
        Hls = true,
    };

    private static readonly PageSessionSpec StreamSpec = new(new Uri("https://example.org/room"))
    {
        Mode = RecordingMode.Stream,
        StreamTargets = [new StreamTarget("rtmp://h/app/hush-1")],
    };

    [Fact]
    public async Task A_node_that_fails_to_prepare_costs_nothing_and_the_next_one_is_asked()
    {
        var (from, first, second) = await OnNodeAsync(1);
        var id = await RecordAsync(from);
        first.Media.Fails = true;
        await DrainAsync(from);
        await first.Media.HearAsync<BeginRecording>();
        var after = await ArrivedAsync(id, second);
        Assert.Empty(after.Gaps);
        Assert.Empty(after.Faults);
        Assert.Equal(2, after.Attempt);
        Assert.All(after.Records, record => Assert.True(File.Exists(record.Path)));
        Assert.Equal((0, 0, 1), (from.Media.Live, first.Media.Live, second.Media.Live));
    }

    [Fact]
    public async Task When_every_node_fails_to_prepare_the_session_records_on_where_it_is()
    {
        var (from, first, second) = await OnNodeAsync(1);
        var id = await RecordAsync(from);
        first.Media.Fails = second.Media.Fails = true;
        await DrainAsync(from);
        await first.Media.HearAsync<BeginRecording>();
        await second.Media.HearAsync<BeginRecording>();
        await StillAsync(from);
        var after = await Nodes[0].SummaryAsync(id);
        Assert.Equal((from.Address, SessionPhase.Recording, 1), (after.Node, after.Phase, after.Attempt));
        Assert.Empty(after.Gaps);
        Assert.Empty(after.Faults);
        Assert.False(Assert.Single(after.Records).Finished);
        Assert.Equal(1, from.Media.Live);
    }

    // The first node has the placement and the coordinator of the shards.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task If_the_earlier_node_dies_before_the_next_record_has_a_frame_the_session_goes_on_with_that_record(
        int drained
    )
    {
        var (from, first, other) = await OnNodeAsync(drained);
        var id = await RecordAsync(from);
        first.Media.HoldsFirstFrames = true;
        await DrainAsync(from);
        var begun = await first.Media.HearAsync<BeginRecording>();
        await from.KillAsync();
        first.Media.HoldsFirstFrames = false;
        var after = await ArrivedAsync(id, first, other);
        Assert.Equal([begun.RecordPath], after.Records.Skip(1).Select(record => record.Path));
        Assert.Equal((2, 1), (after.Attempt, after.Faults.Count));
        Assert.NotNull(Assert.Single(after.Gaps).To);
        Assert.Equal((1, 0), (first.Media.Live, other.Media.Live));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task If_the_earlier_node_dies_after_the_next_record_began_nothing_of_it_is_lost(int drained)
    {
        var (from, first, other) = await OnNodeAsync(drained);
        var id = await RecordAsync(from);
        from.Media.HoldsEnds = true;
        await DrainAsync(from);
        var begun = await first.Media.HearAsync<BeginRecording>();
        await from.Media.HearAsync<FinishRecording>();
        var killed = TimeProvider.System.GetUtcNow();
        await from.KillAsync();
        var after = await ArrivedAsync(id, first, other);
        Assert.Equal([begun.RecordPath], after.Records.Skip(1).Select(record => record.Path));
        Assert.True(after.Records[1].OpenedAt < killed, "The next record began only after the earlier node had died.");
        Assert.Equal((2, 1), (after.Attempt, after.Faults.Count));
        Assert.Equal((1, 0), (first.Media.Live, other.Media.Live));
        Assert.IsType<StopDone>(await first.StopAsync(id));
    }

    [Fact]
    public async Task If_the_next_node_dies_while_it_prepares_another_one_is_asked()
    {
        var (from, first, second) = await OnNodeAsync(0);
        var id = await RecordAsync(from);
        first.Media.HoldsFirstFrames = true;
        await DrainAsync(from);
        await first.Media.HearAsync<BeginRecording>();
        await first.KillAsync();
        var after = await ArrivedAsync(id, second);
        Assert.Empty(after.Gaps);
        Assert.Empty(after.Faults);
        Assert.True(
            after.Records[1].OpenedAt <= EndOf(after.Records[0]),
            "The next record began after the end of the one before."
        );
        Assert.Equal((0, 1), (from.Media.Live, second.Media.Live));
    }

    [Fact]
    public async Task If_the_next_node_dies_before_the_session_has_arrived_it_goes_on_on_a_third_with_a_gap()
    {
        var (from, first, second) = await OnNodeAsync(0);
        var id = await RecordAsync(from);
        from.Media.HoldsEnds = true;
        await DrainAsync(from);
        await from.Media.HearAsync<FinishRecording>();
        var begun = await first.Media.HearAsync<BeginRecording>();
        await first.KillAsync();

        // A host's folder goes with it; in these tests all share one, and within the same second the next node would
        // choose the same name.
        File.Delete(begun.RecordPath!);
        await from.MembersAsync(
            "without the node",
            members => !members.Members.Exists(member => member.Node == first.Address)
        );
        from.Media.HoldsEnds = false;
        var after = await ArrivedAsync(id, second);
        Assert.Equal(2, after.Attempt);
        Assert.NotNull(Assert.Single(after.Gaps).To);
        Assert.Contains("handed over", Assert.Single(after.Faults).Message, StringComparison.Ordinal);
        Assert.Equal((0, 1), (from.Media.Live, second.Media.Live));
    }

    [Fact]
    public async Task If_the_next_node_dies_after_the_session_has_arrived_it_goes_on_as_any_other()
    {
        var (from, first, second) = await OnNodeAsync(0);
        var id = await RecordAsync(from);
        await DrainAsync(from);
        await ArrivedAsync(id, first);
        await first.KillAsync();
        var after = await ArrivedAsync(id, second);
        Assert.Equal(3, after.Attempt);
        Assert.NotNull(Assert.Single(after.Gaps).To);
        Assert.Equal([from.Address, first.Address, second.Address], after.Records.Select(record => record.Node));
    }

    [Fact]
    public async Task A_stop_while_the_next_node_prepares_ends_the_session_where_it_is()
    {
        var (from, first, _) = await OnNodeAsync(1);
        var id = await RecordAsync(from);
        first.Media.HoldsFirstFrames = true;
        await DrainAsync(from);
        var begun = await first.Media.HearAsync<BeginRecording>();
        Assert.IsType<StopDone>(await Nodes[0].StopAsync(id));
        await StillAsync(from);

        // Whatever were left of it would write its first frame.
        await NothingPresentAsync(first);
        first.Media.HoldsFirstFrames = false;
        var after = await Nodes[0].SummaryAsync(id);
        Assert.Equal(SessionPhase.Stopped, after.Phase);
        Assert.True(Assert.Single(after.Records).Finished);
        Assert.False(File.Exists(begun.RecordPath));
        Assert.Equal((0, 0), (from.Media.Live, first.Media.Live));
    }

    [Fact]
    public async Task A_stop_between_two_nodes_is_answered_and_ends_both_records()
    {
        var (from, first, _) = await OnNodeAsync(1);
        var id = await RecordAsync(from);
        from.Media.HoldsEnds = true;
        await DrainAsync(from);
        await from.Media.HearAsync<FinishRecording>();
        var stop = Nodes[0].StopAsync(id);
        Assert.NotEqual(SessionPhase.Stopped, (await Nodes[0].SummaryAsync(id)).Phase);
        from.Media.HoldsEnds = false;
        Assert.IsType<StopDone>(await stop);
        var after = await Nodes[0].SummaryAsync(id);
        Assert.Equal(SessionPhase.Stopped, after.Phase);
        Assert.Equal(
            [(from.Address, true), (first.Address, true)],
            after.Records.Select(record => (record.Node!, record.Finished))
        );
        Assert.Empty(after.Gaps);
        Assert.Empty(after.Faults);
    }

    [Fact]
    public async Task What_is_changed_while_the_next_node_prepares_is_so_there()
    {
        var (from, first, _) = await OnNodeAsync(1);
        var id = await RecordAsync(from, BothSpec);
        first.Media.HoldsFirstFrames = true;
        await DrainAsync(from);
        var begun = await first.Media.HearAsync<BeginRecording>();
        Assert.Empty(begun.Targets);
        Assert.True(Assert.IsType<PageSessionSpec>(begun.Spec).Hls);
        await ChangeAsync(id, shard => new PauseSession(id).To(shard));
        await ChangeAsync(id, shard => new ChangeTargets(id, [new StreamTarget("rtmp://h/app/hush-2")], []).To(shard));
        first.Media.HoldsFirstFrames = false;

        await first.Media.HearAsync<PauseRecording>();
        Assert.Equal(
            ["target-1", "target-2"],
            (await first.Media.HearAsync<ChangeStreamTargets>()).Targets.Select(target => target.Id)
        );
        Assert.NotNull((await ArrivedAsync(id, first)).PausedSince);
        await ChangeAsync(id, shard => new UnpauseSession(id).To(shard));
        await first.Media.HearAsync<UnpauseRecording>();
    }

    [Fact]
    public async Task A_paused_session_stays_paused()
    {
        var (from, first, _) = await OnNodeAsync(1);
        var id = await RecordAsync(from);
        await ChangeAsync(id, shard => new PauseSession(id).To(shard));
        await DrainAsync(from);
        await first.Media.HearAsync<PauseRecording>();
        Assert.NotNull((await ArrivedAsync(id, first)).PausedSince);
    }

    [Fact]
    public async Task What_only_streams_is_ended_here_and_begun_there()
    {
        var (from, first, _) = await OnNodeAsync(1);
        var id = await RecordAsync(from, StreamSpec);
        await DrainAsync(from);
        await from.Media.HearAsync<FinishRecording>();
        var begun = await first.Media.HearAsync<BeginRecording>();
        Assert.Null(begun.RecordPath);
        Assert.Equal("target-1", Assert.Single(begun.Targets).Id);
        var after = await Nodes[0]
            .SummaryAsync(
                id,
                "streaming on the next node",
                now => now is { Phase: SessionPhase.Recording, Attempt: 2 } && now.Node == first.Address
            );
        Assert.NotNull(Assert.Single(after.Gaps).To);
    }

    [Fact]
    public async Task A_node_that_is_called_back_in_the_middle_takes_new_sessions_and_what_was_begun_is_completed()
    {
        var (from, first, second) = await OnNodeAsync(1);
        var id = await RecordAsync(from);
        var other = await RecordAsync(from);
        first.Media.HoldsFirstFrames = true;
        await DrainAsync(from);
        await first.Media.HearAsync<BeginRecording>();
        Assert.False((await DrainAsync(from, on: false)).Draining);
        first.Media.HoldsFirstFrames = false;
        var after = await ArrivedAsync(id, first);
        Assert.Empty(after.Gaps);
        await StillAsync(from, draining: false);
        Assert.Equal(
            (from.Address, 1),
            ((await Nodes[0].SummaryAsync(other)).Node, (await Nodes[0].SummaryAsync(other)).Attempt)
        );
        Assert.Equal((1, 1, 0), (from.Media.Live, first.Media.Live, second.Media.Live));
    }

    [Fact]
    public async Task Two_nodes_that_are_drained_at_once_fill_the_third_and_no_further()
    {
        await CapacitiesAsync(3);
        for (var count = 0; count < 6; count++)
        {
            await Nodes[0].RecordAsync();
        }
        await Task.WhenAll(DrainAsync(Nodes[1]), DrainAsync(Nodes[2]));
        await StillAsync(Nodes[1]);
        await StillAsync(Nodes[2]);
        var sessions = await Nodes[0].ListAsync();
        Assert.All(sessions, session => Assert.Equal(SessionPhase.Recording, session.Phase));
        Assert.Equal(4, sessions.Count(session => session.Node == Nodes[0].Address));
        Assert.All(sessions, session => Assert.Empty(session.Gaps));
        Assert.Equal((4, 2), (Nodes[0].Media.Live, Nodes[1].Media.Live + Nodes[2].Media.Live));
    }

    [Fact]
    public async Task The_placement_may_move_in_the_middle()
    {
        var (from, target, placement) = await OnNodeAsync(1, Nodes[0]);
        var there = await RecordAsync(placement);
        var id = await RecordAsync(from);
        target.Media.HoldsFirstFrames = true;
        await DrainAsync(from);
        var begun = await target.Media.HearAsync<BeginRecording>();
        await placement.KillAsync();
        await from.SummaryAsync(there, "moved by the next placement", session => session.Node == target.Address);
        target.Media.HoldsFirstFrames = false;

        var after = await ArrivedAsync(id, target, from);
        Assert.Empty(after.Gaps);
        Assert.Equal([begun.RecordPath], after.Records.Skip(1).Select(record => record.Path));
        Assert.Equal(2, (await ArrivedAsync(there, target, from)).Attempt);
        Assert.Equal((0, 2), (from.Media.Live, target.Media.Live));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_record_that_nobody_took_up_gets_into_its_session_s_list(bool ended)
    {
        var (from, first, _) = await OnNodeAsync(1);
        var id = await RecordAsync(from);
        if (ended)
        {
            await Nodes[0].StopAsync(id);
        }
        var openedAt = TimeProvider.System.GetUtcNow().AddSeconds(10);
        var left = new RecordLeft(
            id,
            2,
            "/elsewhere/2021-09-22_07:56:14__0.mp4",
            first.Address,
            openedAt,
            TimeSpan.FromSeconds(60),
            1000
        );

        // The first time it is written, the second time it is answered.
        first.Placement.Tell(left);
        await Nodes[0]
            .SummaryAsync(
                id,
                "with that record",
                session => session.Records.Exists(record => record.Path == left.Path && record.Finished)
            );
        Assert.Equal(new RecordListed(id, left.Path), await first.Placement.Ask<RecordListed>(left, TestNode.Limit));
        Assert.Equal(2, (await Nodes[0].SummaryAsync(id)).Records.Count);
    }

    /// <summary>A node to be drained, the one its first session is handed over to, and the other one.</summary>
    private async Task<(TestNode From, TestNode First, TestNode Other)> OnNodeAsync(int index, TestNode? other = null)
    {
        await CapacitiesAsync(3);
        var others = Nodes
            .Where(node => node != Nodes[index])
            .OrderBy(node => node == other)
            .ThenBy(node => node.Address, StringComparer.Ordinal)
            .ToList();
        return (Nodes[index], others[0], others[1]);
    }

    /// <summary>A session on this node: those that get elsewhere are ended again.</summary>
    private async Task<SessionId> RecordAsync(TestNode node, SessionSpec? spec = null)
    {
        List<SessionId> elsewhere = [];
        while (true)
        {
            var admitted = Assert.IsType<SessionAdmitted>(
                await node.Placement.Ask<AdmissionReply>(new AdmitSession(spec ?? TestNode.Spec, null), TestNode.Limit)
            );
            Assert.IsType<SessionRecords>(
                await node.Sessions.Ask<StartReply>(
                    new StartSession(admitted.Id, spec ?? TestNode.Spec).To(admitted.Shard),
                    TestNode.Limit
                )
            );
            if (admitted.Node != node.Address)
            {
                elsewhere.Add(admitted.Id);
                continue;
            }

            foreach (var id in elsewhere)
            {
                Assert.IsType<StopDone>(await node.StopAsync(id));
            }
            foreach (var other in Nodes)
            {
                other.Media.Forget();
            }
            return admitted.Id;
        }
    }

    private static async Task<DrainState> DrainAsync(TestNode node, bool on = true) =>
        await node.Placement.Ask<DrainState>(new DrainNode(node.Address, on), TestNode.Limit);

    private async Task ChangeAsync(SessionId id, Func<int, object> change)
    {
        var location = Assert.IsType<SessionLocation>(
            await Nodes[0].Placement.Ask<LocationReply>(new FindSession(id), TestNode.Limit)
        );
        Assert.IsType<SessionChanged>(await Nodes[0].Sessions.Ask<ChangeReply>(change(location.Shard), TestNode.Limit));
    }

    /// <summary>Waits until a session records on a node that it was handed over to, its earlier records closed where
    /// their node lives.</summary>
    private static Task<SessionSummary> ArrivedAsync(SessionId id, TestNode node, TestNode? asked = null) =>
        (asked ?? node).SummaryAsync(
            id,
            $"recording on {node.Address}",
            now =>
                now.Phase == SessionPhase.Recording
                && now.Node == node.Address
                && now.Records[^1] is { Finished: false, OpenedAt: not null }
        );

    /// <summary>Waits until no session has a media side on a node.</summary>
    private static async Task NothingPresentAsync(TestNode node)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (node.Media.Present > 0)
        {
            if (TimeProvider.System.GetElapsedTime(since) > TestNode.FarmLimit)
            {
                throw new TimeoutException(
                    $"{node.Address} still has the media side of {node.Media.Present} sessions."
                );
            }
            await Task.Delay(20);
        }
    }

    /// <summary>Waits until nothing is being handed over by a node.</summary>
    private static async Task StillAsync(TestNode node, bool draining = true)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var state = await DrainAsync(node, draining);
            if (!state.Moving)
            {
                return;
            }
            if (TimeProvider.System.GetElapsedTime(since) > TestNode.FarmLimit)
            {
                throw new TimeoutException($"{node.Address} still hands over: {string.Join(", ", state.Sessions)}");
            }
            await Task.Delay(20);
        }
    }
}
