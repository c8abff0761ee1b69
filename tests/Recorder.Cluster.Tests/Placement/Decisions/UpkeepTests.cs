using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement.Decisions;

/// <summary>What is done for sessions that have a node, that lost it, and that left records.</summary>
public sealed class UpkeepTests
{
    private const string NodeC = "akka.tcp://recorder@10.0.0.3:34569";

    [Fact]
    public void Sessions_that_were_not_heard_of_are_asked_to_resume_and_others_are_not()
    {
        var silent = Farm.Settings.SilenceLimit;
        var view = Recording(Farm.NodeA, Farm.NodeA, Farm.NodeA);
        view = view.Hear(new SessionId(1), view.Now - silent).Hear(new SessionId(2), view.Now - (silent / 2));
        Assert.Equal([1, 3], Resumed(view));
    }

    [Theory]
    [InlineData("awaited", 5, false)]
    [InlineData("lost", 60, true)]
    [InlineData("leaving", 60, false)]
    [InlineData("waiting", 60, true)]
    public void A_session_without_a_lasting_node_is_not_asked_to_resume(string why, double after, bool moved)
    {
        var view = Recording(Farm.NodeA) with
        {
            Began = Sample.Begin,
            Now = Sample.Time(after),
            Roster = FarmRoster.Empty.Join(Farm.NodeB),
        };
        view = why switch
        {
            "leaving" => view with { Roster = view.Roster.Join(Farm.NodeA).Leave(Farm.NodeA) },
            "waiting" => view.Apply(new SessionWaiting(new SessionId(1), view.Now)),
            _ => view,
        };
        view = view with { Nodes = Farm.Nodes((Farm.NodeB, 4, null)) };

        Assert.Empty(Resumed(view));
        Assert.Equal(moved, Upkeep.Next(view).Relocations.OfType<SessionMoved>().Any());
    }

    [Theory]
    [InlineData(1, false, false)]
    [InlineData(3, true, false)]
    [InlineData(4, true, true)]
    public void A_lost_node_is_acted_on_once_nodes_have_told_and_a_wrong_shard_once_sessions_have(
        double after,
        bool lostMoves,
        bool misplacedMoves
    )
    {
        // Session 1 has lost its node, and the shard of session 2 is on a node where the session is not. Node C has not
        // told yet.
        var view = Recording(Farm.NodeA, Farm.NodeB) with
        {
            Began = Sample.Begin,
            Now = Sample.Time(after),
            Roster = FarmRoster.Empty.Join(Farm.NodeA).Join(Farm.NodeB).Join(NodeC).Remove(Farm.NodeA),
            Nodes = Farm.Nodes((Farm.NodeB, 4, null), ("other", 0, null)),
            Shards = Farm.Homes((1, "other")),
        };
        var step = Upkeep.Next(view);
        Assert.Equal((lostMoves, misplacedMoves), (Moves(step, 1), Moves(step, 2)));
        Assert.Empty(step.ToResume);
    }

    [Fact]
    public void A_session_that_was_heard_of_keeps_its_shard_wherever_that_is()
    {
        var view = Recording(Farm.NodeA) with
        {
            Nodes = Farm.Nodes((Farm.NodeA, 4, null), (Farm.NodeB, 4, null)),
            Shards = Farm.Homes((0, Farm.NodeB)),
        };
        Assert.True(Moves(Upkeep.Next(view), 1));
        Assert.Empty(Upkeep.Next(view.Hear(new SessionId(1), view.Now)).Relocations);

        // The session was asked to resume before, and its shard went elsewhere meanwhile.
        Assert.True(Moves(Upkeep.Next(view.Hear(new SessionId(1), view.Now - Farm.Settings.SilenceLimit)), 1));
    }

    [Fact]
    public void That_a_session_waits_is_written_before_it_is_moved_and_again_every_quarter_minute()
    {
        var view = Recording(Farm.NodeA) with
        {
            Nodes = Farm.Nodes((Farm.NodeB, 0, null)),
            Roster = FarmRoster.Empty.Join(Farm.NodeA).Remove(Farm.NodeA),
        };
        view = view.Apply(Assert.IsType<SessionWaiting>(Assert.Single(Upkeep.Next(view).Relocations)));
        Assert.Empty(Upkeep.Next(view with { Now = view.Now.AddSeconds(14) }).Relocations);
        Assert.IsType<SessionWaiting>(
            Assert.Single(Upkeep.Next(view with { Now = view.Now.AddSeconds(15) }).Relocations)
        );
        view = view with { Now = view.Now.AddSeconds(15), Nodes = Farm.Nodes((Farm.NodeB, 1, null)) };
        Assert.Equal(
            [typeof(SessionWaiting), typeof(SessionMoved)],
            Upkeep.Next(view).Relocations.Select(happened => happened.GetType())
        );
    }

    [Theory]
    [InlineData(false, 9, 0)]
    [InlineData(false, 10, 1)]
    [InlineData(true, 299, 0)]
    [InlineData(true, 300, 1)]
    public void A_repair_is_asked_for_again_after_ten_seconds_and_a_manifest_after_five_minutes(
        bool finished,
        double after,
        int expected
    )
    {
        var view = Left(finished);
        var step = Upkeep.Next(view);
        Assert.Single(step.Repairs);
        view = Upkeep.AfterRepairs(view, step);
        Assert.Equal(expected, Upkeep.Next(view with { Now = view.Now.AddSeconds(after) }).Repairs.Count);
    }

    [Fact]
    public void A_node_that_was_away_is_asked_for_its_records_as_soon_as_it_is_back()
    {
        var view = Left(finished: false);
        var asked = Upkeep.AfterRepairs(view, Upkeep.Next(view)) with { Nodes = Farm.Nodes((Farm.NodeB, 1, null)) };
        var away = Upkeep.Next(asked);
        Assert.Empty(away.Repairs);
        Assert.Single(Upkeep.Next(Upkeep.AfterRepairs(asked, away) with { Nodes = view.Nodes }).Repairs);
    }

    /// <summary>Sessions 1, 2, 3 … record on these nodes, each of which has reported and is a member.</summary>
    private static FarmView Recording(params string[] nodes) =>
        Farm.View(
            nodes
                .Index()
                .Aggregate(
                    Farm.With(nodes),
                    (state, placed) =>
                        state.Apply(Farm.Reported(placed.Index + 1, SessionPhase.Recording, 5, placed.Item))
                ),
            Farm.Nodes([.. nodes.Distinct().Select(node => (node, 4, (string?)null))])
        );

    private static FarmView Left(bool finished)
    {
        var summary = Farm.Summary(1, SessionPhase.Stopped) with
        {
            Records =
            [
                new RecordSummary(Sample.FirstRecord, 1, finished, Sample.Begin, null, null, false, 100, 0)
                {
                    Node = Farm.NodeA,
                    ManifestDue = finished,
                },
            ],
        };
        return Farm.View(
            Farm.With(Farm.NodeA).Apply(new SessionReported(summary, 5)),
            Farm.Nodes((Farm.NodeA, 1, null))
        );
    }

    private static IEnumerable<int> Resumed(FarmView view) =>
        Upkeep.Next(view).ToResume.Select(session => session.Summary.Id.Value);

    private static bool Moves(UpkeepStep step, int id) =>
        step.Relocations.OfType<SessionMoved>().Any(moved => moved.Id.Value == id);
}
