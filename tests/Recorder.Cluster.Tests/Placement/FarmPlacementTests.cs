using Akka.Actor;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Placement;

/// <summary>Placement over three nodes in this process, with the real hosting on one database and a simulated media
/// side.</summary>
public sealed class FarmPlacementTests : TestFarm
{
    [Fact]
    public async Task A_stop_that_comes_to_a_shard_of_earlier_ends_the_session_where_it_records()
    {
        var id = await Nodes[0].RecordAsync();

        // An asker may have been told this shard before the session moved.
        var reply = await Nodes[0].Sessions.Ask<StopReply>(new StopSession(id).To(77), TestNode.Limit);

        Assert.IsType<StopDone>(reply);
        var summary = await Nodes[0].SummaryAsync(id);
        Assert.Equal((SessionPhase.Stopped, 0, 0), (summary.Phase, summary.Faults.Count, summary.Gaps.Count));
        Assert.Equal((true, false), (summary.Records[0].Finished, summary.Records[0].Repaired));
    }

    [Fact]
    public async Task A_hundred_starts_at_once_fill_the_farm_and_no_node_beyond_its_slots()
    {
        await CapacitiesAsync(3);
        var starts = Enumerable.Range(0, 100).Select(index => StartAsync(Nodes[index % 3])).ToArray();
        var started = (await Task.WhenAll(starts)).OfType<SessionId>().ToList();

        Assert.Equal(12, started.Count);
        Assert.Equal(12, started.Distinct().Count());
        var sessions = await Nodes[0].ListAsync();
        Assert.All(sessions, session => Assert.Equal(SessionPhase.Recording, session.Phase));
        Assert.Equal([4, 4, 4], sessions.GroupBy(session => session.Node).Select(node => node.Count()));
        Assert.All(Nodes, node => Assert.Equal(4, node.Media.Live));
    }

    [Fact]
    public async Task Sessions_of_a_killed_node_go_on_where_room_is_and_the_others_are_left_alone()
    {
        await CapacitiesAsync(3);
        for (var count = 0; count < 6; count++)
        {
            await Nodes[count % 3].RecordAsync();
        }
        var before = await Nodes[1].ListAsync();

        // The first node has the placement and the coordinator of the shards.
        var killed = Nodes[0].Address;
        await Nodes[0].KillAsync();

        foreach (var session in before)
        {
            var after = await Nodes[1]
                .SummaryAsync(
                    session.Id,
                    "recording on a living node",
                    now => now.Phase == SessionPhase.Recording && now.Node != killed
                );
            if (session.Node == killed)
            {
                Assert.Equal(2, after.Attempt);
                Assert.NotNull(Assert.Single(after.Gaps).To);
            }
            else
            {
                Assert.Equal((session.Node, 1), (after.Node, after.Attempt));
            }
        }

        Assert.Equal([3, 3], [Nodes[1].Media.Live, Nodes[2].Media.Live]);
    }

    [Fact]
    public async Task Without_room_a_session_waits_visibly_and_goes_on_when_another_ends()
    {
        await CapacitiesAsync(3);
        List<SessionId> all = [];
        for (var count = 0; count < 12; count++)
        {
            all.Add(await Nodes[0].RecordAsync());
        }
        var killed = Nodes[2].Address;
        var lost = (await Nodes[0].ListAsync())
            .Where(session => session.Node == killed)
            .Select(session => session.Id)
            .ToList();
        await Nodes[2].KillAsync();
        foreach (var id in lost)
        {
            await Nodes[0]
                .SummaryAsync(id, "waiting for room", session => session.Phase == SessionPhase.WaitingForRoom);
        }

        await Nodes[0].StopAsync(all.First(id => !lost.Contains(id)));
        await Nodes[0]
            .SummaryAsync(
                lost[0],
                "recording again",
                session => session.Phase == SessionPhase.Recording && session.Attempt == 2
            );
        Assert.Equal(SessionPhase.WaitingForRoom, (await Nodes[0].SummaryAsync(lost[1])).Phase);

        Assert.IsType<StopDone>(await Nodes[0].StopAsync(lost[1]));
    }

    [Fact]
    public async Task What_a_killed_node_left_open_is_repaired_there_when_it_is_back()
    {
        await CapacitiesAsync(3);
        var id = await Nodes[0].RecordAsync();
        var ended = await Nodes[0].RecordAsync();
        while ((await Nodes[0].SummaryAsync(id)).Node != Nodes[2].Address)
        {
            id = await Nodes[0].RecordAsync();
        }
        var port = PortOf(Nodes[2]);
        await Nodes[2].KillAsync();
        await Nodes[0]
            .SummaryAsync(
                id,
                "recording elsewhere",
                session => session is { Phase: SessionPhase.Recording, Attempt: 2 }
            );
        await Nodes[0].StopAsync(id);
        Assert.Equal([false, true], (await Nodes[0].SummaryAsync(id)).Records.Select(record => record.Finished));

        await JoinAsync(port);
        var repaired = await Nodes[0]
            .SummaryAsync(id, "complete", session => session.Records.All(record => record.Finished));
        Assert.Equal([true, false], repaired.Records.Select(record => record.Repaired));
        Assert.Equal(SessionPhase.Stopped, repaired.Phase);
        var described = await Nodes[0]
            .SummaryAsync(
                id,
                "described by manifests",
                session => session.Records.All(record => record.Sha256 is not null)
            );
        Assert.All(
            described.Records,
            record => Assert.Equal(record.Sha256, TestFolder.ManifestOf(record.Path).GetProperty("sha256").GetString())
        );
        Assert.NotEqual(id, ended);
    }

    [Fact]
    public async Task A_node_that_is_drained_takes_no_new_session_until_it_is_called_back()
    {
        await CapacitiesAsync(3);
        Assert.True(
            (await Nodes[0].Placement.Ask<DrainState>(new DrainNode(Nodes[1].Address, true), TestNode.Limit)).Draining
        );
        for (var count = 0; count < 8; count++)
        {
            await Nodes[0].RecordAsync();
        }
        Assert.DoesNotContain(await Nodes[0].ListAsync(), session => session.Node == Nodes[1].Address);
        Assert.Null(await StartAsync(Nodes[0]));

        await Nodes[0].Placement.Ask<DrainState>(new DrainNode(Nodes[1].Address, false), TestNode.Limit);
        Assert.Equal(Nodes[1].Address, (await Nodes[0].SummaryAsync(await Nodes[0].RecordAsync())).Node);
    }

    [Fact]
    public async Task A_drained_node_hands_its_sessions_over_and_each_next_record_begins_before_the_one_before_ends()
    {
        await CapacitiesAsync(3);
        for (var count = 0; count < 6; count++)
        {
            await Nodes[0].RecordAsync();
        }
        var drained = Nodes[1].Address;
        var before = (await Nodes[0].ListAsync()).Where(session => session.Node == drained).ToList();
        Assert.Equal(2, before.Count);

        await Nodes[0].Placement.Ask<DrainState>(new DrainNode(drained, true), TestNode.Limit);
        foreach (var session in before)
        {
            var after = await Nodes[0]
                .SummaryAsync(
                    session.Id,
                    "recording on another node",
                    now => now is { Phase: SessionPhase.Recording, Attempt: 2 } && now.Node != drained
                );
            Assert.Empty(after.Gaps);
            Assert.Empty(after.Faults);
            Assert.Equal([true, false], after.Records.Select(record => record.Finished));
            Assert.Equal([drained, after.Node], after.Records.Select(record => record.Node));

            Assert.True(
                after.Records[1].OpenedAt <= EndOf(after.Records[0]),
                "The next record began after the end of the one before."
            );
        }

        Assert.Equal(0, Nodes[1].Media.Live);
        foreach (var session in before)
        {
            Assert.IsType<StopDone>(await Nodes[0].StopAsync(session.Id));
        }
        Assert.All(
            await Nodes[0].ListAsync(),
            session =>
                Assert.Equal(
                    before.Exists(one => one.Id == session.Id) ? SessionPhase.Stopped : SessionPhase.Recording,
                    session.Phase
                )
        );
    }

    // The first node has the placement and the coordinator of the shards.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(2, 2)]
    public async Task A_node_that_is_told_to_leave_hands_its_sessions_over_first(int leaving, int told)
    {
        await CapacitiesAsync(3);
        for (var count = 0; count < 6; count++)
        {
            await Nodes[0].RecordAsync();
        }
        var left = Nodes[leaving].Address;
        var other = Nodes[(leaving + 1) % 3];
        var before = (await other.ListAsync()).Where(session => session.Node == left).ToList();
        Assert.Equal(2, before.Count);
        Assert.Equal(
            new MemberChange(left),
            await Nodes[told].Membership.Ask<MemberChange>(new LetLeave(left), TestNode.Limit)
        );
        await Nodes[leaving].System.WhenTerminated.WaitAsync(TestNode.FarmLimit);

        foreach (var session in before)
        {
            var after = await other.SummaryAsync(
                session.Id,
                "recording on another node",
                now => now is { Phase: SessionPhase.Recording, Attempt: 2 } && now.Node != left
            );
            Assert.Empty(after.Gaps);
            Assert.Empty(after.Faults);
            Assert.True(
                after.Records[1].OpenedAt <= EndOf(after.Records[0]),
                "The next record began after the end of the one before."
            );
        }

        Assert.Equal([3, 3], Nodes.Where(node => node != Nodes[leaving]).Select(node => node.Media.Live));
    }

    [Fact]
    public async Task A_session_that_has_come_back_to_a_node_is_still_known_whole_on_the_next_one()
    {
        await CapacitiesAsync(3);
        await DrainAsync(Nodes[2].Address, true);
        var id = await Nodes[0].RecordAsync();
        for (var attempt = 2; attempt <= 4; attempt++)
        {
            var from = (await Nodes[0].SummaryAsync(id)).Node;
            var other = from == Nodes[0].Address ? Nodes[1].Address : Nodes[0].Address;
            await DrainAsync(other, false);
            await DrainAsync(from, true);
            var moved = await Nodes[0]
                .SummaryAsync(
                    id,
                    $"in attempt {attempt} on {other}",
                    now => now.Phase == SessionPhase.Recording && now.Node == other && now.Attempt == attempt
                );
            Assert.Equal(Enumerable.Range(1, attempt), moved.Records.Select(record => record.Attempt));
            Assert.Empty(moved.Gaps);
        }

        Task DrainAsync(string node, bool on) =>
            Nodes[0].Placement.Ask<DrainState>(new DrainNode(node, on), TestNode.Limit);
    }

    [Fact]
    public async Task A_node_that_is_told_to_stop_hands_its_sessions_over_first()
    {
        await CapacitiesAsync(3);
        for (var count = 0; count < 6; count++)
        {
            await Nodes[0].RecordAsync();
        }

        // The first node has the placement and the coordinator of the shards.
        var stopped = Nodes[0].Address;
        var before = (await Nodes[1].ListAsync()).Where(session => session.Node == stopped).ToList();
        Assert.Equal(2, before.Count);
        await Nodes[0].ShutDownAsync();

        foreach (var session in before)
        {
            var after = await Nodes[1]
                .SummaryAsync(
                    session.Id,
                    "recording on another node",
                    now => now is { Phase: SessionPhase.Recording, Attempt: 2 } && now.Node != stopped
                );
            Assert.Empty(after.Gaps);
            Assert.True(
                after.Records[1].OpenedAt <= EndOf(after.Records[0]),
                "The next record began after the end of the one before."
            );
        }

        Assert.Equal([3, 3], [Nodes[1].Media.Live, Nodes[2].Media.Live]);
    }

    private static async Task<SessionId?> StartAsync(TestNode node)
    {
        if (
            await node.Placement.Ask<AdmissionReply>(new AdmitSession(TestNode.Spec, null), TestNode.Limit)
            is not SessionAdmitted admitted
        )
        {
            return null;
        }
        Assert.IsType<SessionRecords>(
            await node.Sessions.Ask<StartReply>(
                new StartSession(admitted.Id, TestNode.Spec).To(admitted.Shard),
                TestNode.Limit
            )
        );
        return admitted.Id;
    }
}
