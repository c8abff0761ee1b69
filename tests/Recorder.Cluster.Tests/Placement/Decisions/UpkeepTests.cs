using Recorder.Cluster.Identity;
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
        view = (view with { Age = view.Age - silent }).Hear(new SessionId(1)) with { Age = view.Age - (silent / 2) };
        view = view.Hear(new SessionId(2)) with { Age = view.Age + (silent / 2) };
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
            Age = TimeSpan.FromSeconds(after),
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
            Age = TimeSpan.FromSeconds(after),
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
        Assert.Empty(Upkeep.Next(view.Hear(new SessionId(1))).Relocations);

        // The session was asked to resume before, and its shard went elsewhere meanwhile.
        var silent = view.Hear(new SessionId(1)) with { Age = view.Age + Farm.Settings.SilenceLimit };
        Assert.True(Moves(Upkeep.Next(silent), 1));
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
        Assert.Empty(Upkeep.Next(Later(view, 14)).Relocations);
        Assert.IsType<SessionsStillWaiting>(Assert.Single(Upkeep.Next(Later(view, 15)).Relocations));
        view = Later(view, 15) with { Nodes = Farm.Nodes((Farm.NodeB, 1, null)) };
        Assert.Equal(
            [typeof(SessionsStillWaiting), typeof(SessionMoved)],
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
        view = Upkeep.AfterRepairs(view, step.Repairs);
        Assert.Equal(expected, Upkeep.Next(Later(view, after)).Repairs.Count);
    }

    [Fact]
    public void A_node_that_was_away_is_asked_for_its_records_as_soon_as_it_is_back()
    {
        var view = Left(finished: false);
        var asked = Upkeep.AfterRepairs(view, Upkeep.Next(view).Repairs) with
        {
            Nodes = Farm.Nodes((Farm.NodeB, 1, null)),
        };
        var away = Upkeep.Next(asked);
        Assert.Empty(away.Repairs);
        Assert.Single(Upkeep.Next(Upkeep.AfterRepairs(asked, away.Repairs) with { Nodes = view.Nodes }).Repairs);
    }

    [Fact]
    public void A_node_whose_folder_is_away_is_asked_for_nothing_also_not_for_records_that_name_no_folder()
    {
        var view = Left(finished: false);
        var away = view with
        {
            Nodes = view.Nodes.SetItems(
                view.Nodes.Select(node =>
                    KeyValuePair.Create(node.Key, node.Value with { Id = new NodeId(Guid.NewGuid()), Folders = [] })
                )
            ),
        };

        Assert.Single(Upkeep.Next(view).Repairs);
        Assert.Empty(Upkeep.Next(away).Repairs);
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

    [Fact]
    public void A_step_of_the_node_s_clock_makes_no_session_silent_and_no_wait_an_absence()
    {
        var view = Recording(Farm.NodeA, Farm.NodeB).Hear(new SessionId(1)).Hear(new SessionId(2)) with
        {
            Nodes = Farm.Nodes((Farm.NodeA, 1, null)),
            Roster = FarmRoster.Empty.Join(Farm.NodeA).Join(Farm.NodeB).Remove(Farm.NodeB),
        };
        view = view.Apply(Assert.IsType<SessionWaiting>(Assert.Single(Upkeep.Next(view).Relocations)));
        foreach (var step in new[] { TimeSpan.FromHours(-1), TimeSpan.FromHours(1) })
        {
            var after = view with { Now = view.Now + step };
            Assert.Single(after.WithoutSilentNodes().Nodes, node => node.Key == Farm.NodeA);
            Assert.Empty(Resumed(after));
            Assert.Empty(Upkeep.Next(after).Relocations);
            after = after with { Age = after.Age + TimeSpan.FromSeconds(15) };
            Assert.IsType<SessionsStillWaiting>(Assert.Single(Upkeep.Next(after).Relocations));
        }
    }

    [Fact]
    public void A_full_step_is_followed_by_others_until_nothing_is_left()
    {
        // 7 sessions lose node A, 5 of them find room; 4 on node B are silent.
        var view = Recording([.. Enumerable.Repeat(Farm.NodeA, 7), .. Enumerable.Repeat(Farm.NodeB, 4)]) with
        {
            Nodes = Farm.Nodes((Farm.NodeB, 9, null)),
            Roster = FarmRoster.Empty.Join(Farm.NodeB).Join(Farm.NodeA).Remove(Farm.NodeA),
        };
        List<IPlacementEvent> decided = [];
        List<int> asked = [];
        for (var steps = 1; ; steps++)
        {
            Assert.InRange(steps, 1, 5);
            var step = Upkeep.Next(view, most: 3);
            Assert.InRange(step.Relocations.Count, 0, 3);
            Assert.InRange(step.ToResume.Count, 0, 3);
            decided.AddRange(step.Relocations);
            asked.AddRange(step.ToResume.Select(session => session.Summary.Id.Value));
            view = step.Relocations.Aggregate(view, (after, happened) => after.Apply(happened));
            foreach (var session in step.ToResume)
            {
                view = view.Hear(session.Summary.Id);
            }
            foreach (var moved in step.Relocations.OfType<SessionMoved>())
            {
                view = view.Hear(moved.Id);
            }
            if (!step.More)
            {
                break;
            }
        }

        Assert.Equal([1, 2, 3, 4, 5], decided.OfType<SessionMoved>().Select(moved => moved.Id.Value));
        Assert.Equal([6, 7], decided.OfType<SessionWaiting>().Select(waiting => waiting.Id.Value));
        Assert.Equal([8, 9, 10, 11], asked.Order());
    }

    [Theory]
    [InlineData(UpkeepParts.All, 3, 4)]
    [InlineData(UpkeepParts.Homeless, 3, 0)]
    [InlineData(UpkeepParts.Silent, 0, 4)]
    [InlineData(UpkeepParts.Left, 0, 0)]
    public void A_step_that_goes_on_looks_only_for_what_was_left(object parts, int relocations, int resumed)
    {
        var view = Recording([.. Enumerable.Repeat(Farm.NodeA, 3), .. Enumerable.Repeat(Farm.NodeB, 4)]) with
        {
            Nodes = Farm.Nodes((Farm.NodeB, 9, null)),
            Roster = FarmRoster.Empty.Join(Farm.NodeB).Join(Farm.NodeA).Remove(Farm.NodeA),
        };

        var step = Upkeep.Next(view, parts: (UpkeepParts)parts);
        Assert.Equal((relocations, resumed), (step.Relocations.Count, step.ToResume.Count));
        Assert.Equal(UpkeepParts.None, step.Rest);
        var full = Upkeep.Next(view, most: 2, parts: (UpkeepParts)parts);
        Assert.Equal((UpkeepParts)parts & ~UpkeepParts.Left, full.Rest);
    }

    [Fact]
    public void A_record_is_repaired_where_its_folder_is_now_and_not_at_its_node_s_address()
    {
        var folder = FolderId.New();
        var summary = Farm.Summary(1, SessionPhase.Stopped) with
        {
            Records =
            [
                new RecordSummary(Sample.FirstRecord, 1, false, Sample.Begin, null, null, false, 100, 0)
                {
                    Node = Farm.NodeA,
                    Folder = folder,
                },
            ],
        };
        var nodes = Farm.Nodes((Farm.NodeA, 1, null), (Farm.NodeB, 1, null));
        var view = Farm.View(Farm.With(Farm.NodeA).Apply(new SessionReported(summary, 5)), nodes);
        Assert.Empty(Upkeep.Next(view).Repairs);

        view = view with { Nodes = nodes.SetItem(Farm.NodeB, nodes[Farm.NodeB] with { Folders = [folder] }) };
        Assert.Equal(Farm.NodeB, Assert.Single(Upkeep.Next(view).Repairs).Node);
        Assert.Equal(Farm.NodeB, Assert.Single(Upkeep.RepairsOf(view, view.List.Sessions[1])).Node);
        Assert.Empty(Upkeep.Next(Upkeep.AfterRepairs(view, Upkeep.Next(view).Repairs)).Repairs);
    }

    private static FarmView Later(FarmView view, double seconds) =>
        view with
        {
            Now = view.Now.AddSeconds(seconds),
            Age = view.Age + TimeSpan.FromSeconds(seconds),
        };

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
