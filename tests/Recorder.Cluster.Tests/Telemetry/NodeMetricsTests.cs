using System.Collections.Immutable;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Journal;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Telemetry;
using Recorder.Cluster.Tests.Sessions;
using FarmSample = Recorder.Cluster.Tests.Placement.Farm;

namespace Recorder.Cluster.Tests.Telemetry;

/// <summary>The metrics of the node itself, of its journal and of its farm.</summary>
public sealed class NodeMetricsTests : IDisposable
{
    private readonly MeterReading _reading = new();
    private readonly Limits _limits = new();
    private readonly RecorderMeter _meter;
    private FarmMembers _members = Members("Up", unreachable: []);

    public NodeMetricsTests() =>
        _meter = new RecorderMeter(_reading.Meters, new ManualClock(Sample.Begin), () => _members, _limits);

    public void Dispose() => _reading.Dispose();

    [Fact]
    public void Slots_are_told_and_what_sessions_take_of_them()
    {
        Assert.Equal((2, 0), (_reading["recorder.slots"], _reading["recorder.slots.used"]));

        Run(1, Sample.Spec);
        Run(2, Streams.RtpSpec);

        Assert.Equal(1.1, _reading["recorder.slots.used"]);
    }

    [Fact]
    public void A_node_whose_slots_are_taken_is_closed_for_that_reason_and_no_other()
    {
        Assert.Empty(ClosedBy());

        Run(1, Sample.Spec);
        Run(2, Sample.Spec);

        Assert.Equal(["full"], ClosedBy());
    }

    [Theory]
    [InlineData(ClosedReason.Disk, "disk")]
    [InlineData(ClosedReason.RecordsFolder, "records_folder")]
    [InlineData(ClosedReason.Cpu, "cpu")]
    [InlineData(ClosedReason.Memory, "memory")]
    [InlineData(ClosedReason.Database, "database")]
    public void A_node_that_has_closed_itself_says_why(ClosedReason reason, string word)
    {
        _limits.Reasons = [reason];

        Assert.Equal([word], ClosedBy());
    }

    [Theory]
    [InlineData("Joining")]
    [InlineData("Leaving")]
    [InlineData("Down")]
    public void A_node_that_is_not_up_in_its_farm_is_closed(string status)
    {
        _members = Members(status, unreachable: []);

        Assert.Equal(["not_in_farm"], ClosedBy());
    }

    [Fact]
    public void Load_is_told_in_base_units_and_not_at_all_where_it_is_not_known()
    {
        Assert.Equal(
            (null, null, null),
            (_reading["recorder.disk.free"], _reading["recorder.memory.available"], _reading["recorder.cpu.used.ratio"])
        );

        _limits.Load = new NodeLoad(37.5, 4_096, 250_000);

        Assert.Equal(
            (250e9, 4_096e6, 0.375),
            (_reading["recorder.disk.free"], _reading["recorder.memory.available"], _reading["recorder.cpu.used.ratio"])
        );
    }

    [Fact]
    public void A_node_that_records_nothing_tells_of_no_slots()
    {
        using var reading = new MeterReading();
        var meter = new RecorderMeter(reading.Meters, new ManualClock(Sample.Begin), () => _members, limits: null);
        meter.Hear(new JournalNews(0, 0));

        Assert.Null(reading["recorder.slots"]);
        Assert.Equal(1, reading["recorder.members{status=up}"]);
    }

    [Fact]
    public void Members_are_counted_by_status_and_those_that_do_not_answer_apart()
    {
        _members = Members(
            "Up",
            unreachable: [FarmSample.NodeB],
            (FarmSample.NodeB, "Up"),
            ("akka.tcp://recorder@10.0.0.3:34569", "WeaklyUp")
        );

        Assert.Equal(
            (2, 1, 0, 1),
            (
                _reading["recorder.members{status=up}"],
                _reading["recorder.members{status=weakly_up}"],
                _reading["recorder.members{status=down}"],
                _reading["recorder.members.unreachable"]
            )
        );
    }

    [Fact]
    public void Writes_to_the_journal_are_timed_by_their_result_and_those_under_way_show()
    {
        _meter.Hear(new JournalNews(2, 1) { Ended = new EndedWrite(TimeSpan.FromMilliseconds(5), Written: true) });
        _meter.Hear(new JournalNews(1, 1) { Ended = new EndedWrite(TimeSpan.FromHours(1), Written: false) });

        Assert.Equal([0.005], _reading.Recorded("recorder.journal.write.duration{result=written}"));
        Assert.Equal([3600], _reading.Recorded("recorder.journal.write.duration{result=failed}"));
        Assert.Equal(
            (1, 1),
            (_reading["recorder.journal.writes.pending"], _reading["recorder.journal.writes.waiting"])
        );
    }

    [Fact]
    public void Sessions_that_cannot_be_read_show_on_the_node_that_fills_the_lists()
    {
        _meter.Hear(new ReadModelNews(2));
        Assert.Equal(2, _reading["recorder.sessions.unreadable"]);
        _meter.Hear(new ReadModelNews(null));
        Assert.Null(_reading["recorder.sessions.unreadable"]);
    }

    [Fact]
    public void Starts_are_counted_and_timed_by_their_result()
    {
        _meter.Hear(new StartAnswered(StartAnswered.Started, TimeSpan.FromSeconds(2)));
        _meter.Hear(new StartAnswered(StartAnswered.Started, TimeSpan.FromSeconds(3)));
        _meter.Hear(new StartAnswered(FaultCode.AtCapacity, TimeSpan.FromMilliseconds(10)));

        Assert.Equal(
            (2, 1),
            (_reading["recorder.starts{result=started}"], _reading["recorder.starts{result=at_capacity}"])
        );
        Assert.Equal([2, 3], _reading.Recorded("recorder.start.duration{result=started}"));
    }

    [Fact]
    public void The_farm_as_the_placement_knows_it_is_told_as_long_as_this_node_carries_the_placement()
    {
        Assert.Null(_reading["recorder.farm.sessions{state=recording}"]);
        var state = FarmSample
            .With(FarmSample.NodeA, FarmSample.NodeA, FarmSample.NodeB)
            .Apply(FarmSample.Reported(1, SessionPhase.Recording, 1))
            .Apply(FarmSample.Reported(2, SessionPhase.Stopped, 1))
            .Apply(new SessionWaiting(new SessionId(3), Sample.Begin));

        _meter.Hear(
            FarmNews.Of(
                FarmSample.View(state, FarmSample.Nodes((FarmSample.NodeA, 4, null), (FarmSample.NodeB, 1, null)))
            )
        );

        Assert.Equal(
            (1, 1, 0),
            (
                _reading["recorder.farm.sessions{state=recording}"],
                _reading["recorder.farm.sessions{state=waiting_for_room}"],
                _reading["recorder.farm.sessions{state=stopping}"]
            )
        );
        Assert.Equal(
            (2, 0),
            (_reading["recorder.farm.nodes{state=open}"], _reading["recorder.farm.nodes{state=full}"])
        );
        Assert.Equal(1, _reading["recorder.farm.sessions.ended"]);
        _meter.Hear(new StartDecided(TimeSpan.FromMilliseconds(2)));
        Assert.Equal([0.002], _reading.Recorded("recorder.placement.decision.duration"));
        _meter.Hear(PlacementLeft.Instance);
        Assert.Equal(
            (null, null),
            (_reading["recorder.farm.sessions{state=recording}"], _reading["recorder.farm.nodes{state=open}"])
        );
    }

    [Fact]
    public void Each_node_of_the_farm_counts_for_the_first_reason_that_keeps_it_from_taking_sessions()
    {
        const string Draining = "akka.tcp://recorder@10.0.0.3:34569";
        const string Leaving = "akka.tcp://recorder@10.0.0.4:34569";
        var state = FarmSample
            .With(FarmSample.NodeA)
            .Apply(new DrainBegan(Draining, Sample.Begin))
            .Apply(new DrainBegan(Leaving, Sample.Begin));

        var nodes = FarmSample.Nodes(
            (FarmSample.NodeA, 1, null),
            (FarmSample.NodeB, 1, "Its disk is full."),
            (Draining, 1, "Its disk is full."),
            (Leaving, 1, null)
        );
        var news = FarmNews.Of(FarmSample.View(state, nodes) with { Roster = FarmRoster.Empty.Leave(Leaving) });

        Assert.Equal(
            [(NodeRoom.Leaving, 1), (NodeRoom.Draining, 1), (NodeRoom.Closed, 1), (NodeRoom.Full, 1)],
            news.Nodes.OrderBy(node => node.Key).Select(node => (node.Key, node.Value))
        );
    }

    private static FarmMembers Members(
        string own,
        ImmutableList<string> unreachable,
        params (string Node, string Status)[] others
    ) =>
        new(
            Sample.Node,
            [
                .. others
                    .Prepend((Sample.Node, own))
                    .Select(member => new FarmMember(member.Item1, 1, member.Item2, ["recorder"], "1.0.0")),
            ],
            unreachable,
            null,
            null,
            ImmutableSortedDictionary<string, string>.Empty
        );

    private void Run(int id, SessionSpec spec)
    {
        var before = new SessionState(new SessionId(id));
        var accepted = new SessionAccepted(before.Id, spec, Sample.Begin, Sample.Node);
        _meter.Hear(new SessionEventWritten(before.Id, accepted, before, before.Apply(accepted), new LiveFigures()));
    }

    private IEnumerable<string> ClosedBy() =>
        new[] { "disk", "records_folder", "cpu", "memory", "database", "full", "not_in_farm" }.Where(reason =>
            _reading[$"recorder.node.closed{{reason={reason}}}"] switch
            {
                1 => true,
                0 => false,
                var other => throw new InvalidOperationException($"The reason {reason} shows {other}."),
            }
        );

    private sealed class Limits : INodeLimits
    {
        public NodeSlots Slots => new(2, "configured by the test");

        public NodeLoad? Load { get; set; }

        public ImmutableHashSet<ClosedReason> Reasons { get; set; } = [];

        public string? WhyClosed() => null;

        public ImmutableHashSet<ClosedReason> ClosedBy() => Reasons;
    }
}
