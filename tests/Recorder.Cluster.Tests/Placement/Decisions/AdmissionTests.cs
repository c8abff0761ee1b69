using Recorder.Cluster.Capacity;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Placement.Decisions;

public sealed class AdmissionTests
{
    private static readonly string[] OneOnEach = [Farm.NodeA, Farm.NodeB];

    [Fact]
    public void The_first_session_is_number_one_in_the_first_shard() =>
        Assert.Equal(
            new SessionAdmitted(new SessionId(1), 0, Farm.NodeA),
            Decide(new PlacementState(), Farm.Nodes((Farm.NodeA, 2, null)))
        );

    [Fact]
    public void The_node_with_the_most_room_takes_the_session()
    {
        var nodes = Farm.Nodes((Farm.NodeA, 2, null), (Farm.NodeB, 3, null));

        Assert.Equal(Farm.NodeB, Assert.IsType<SessionAdmitted>(Decide(new PlacementState(), nodes)).Node);
        Assert.Equal(Farm.NodeB, Assert.IsType<SessionAdmitted>(Decide(Farm.With(OneOnEach), nodes)).Node);
        Assert.Equal(Farm.NodeA, Assert.IsType<SessionAdmitted>(Decide(Farm.With(Farm.NodeB, Farm.NodeB), nodes)).Node);
    }

    [Fact]
    public void A_closed_node_takes_no_session_although_it_has_room()
    {
        var nodes = Farm.Nodes((Farm.NodeA, 1, null), (Farm.NodeB, 9, "Its disk is nearly full."));

        Assert.Equal(Farm.NodeA, Assert.IsType<SessionAdmitted>(Decide(new PlacementState(), nodes)).Node);
    }

    [Fact]
    public void Without_room_the_refusal_names_every_node_and_its_reason()
    {
        var refused = Assert.IsType<AdmissionRefused>(
            Decide(
                Farm.With(Farm.NodeA, Farm.NodeA),
                Farm.Nodes((Farm.NodeA, 2, null), (Farm.NodeB, 9, "Its disk is nearly full."))
            )
        );

        Assert.Equal(FaultCode.AtCapacity, refused.Code);
        Assert.Equal(
            [
                new NodeRefusal(Farm.NodeA, "It holds 2 sessions, which take 2 of its 2 slots."),
                new NodeRefusal(Farm.NodeB, "Its disk is nearly full."),
            ],
            refused.Nodes
        );
        Assert.Contains(Farm.NodeB, refused.Message, StringComparison.Ordinal);
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
    }

    [Fact]
    public void Without_nodes_the_refusal_says_so()
    {
        var refused = Assert.IsType<AdmissionRefused>(Decide(new PlacementState(), Farm.Nodes()));

        Assert.Equal(FaultCode.AtCapacity, refused.Code);
        Assert.Contains("joined", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shard_is_free_again_when_its_session_has_ended_and_its_id_is_not()
    {
        var state = Farm.With(Farm.NodeA, Farm.NodeA).Apply(Farm.Reported(1, SessionPhase.Stopped, 5));

        Assert.Equal(
            new SessionAdmitted(new SessionId(3), 0, Farm.NodeA),
            Decide(state, Farm.Nodes((Farm.NodeA, 2, null)))
        );
    }

    [Theory]
    [InlineData(SessionPhase.Starting, true)]
    [InlineData(SessionPhase.Recording, true)]
    [InlineData(SessionPhase.Resuming, true)]
    [InlineData(SessionPhase.Stopping, true)]
    [InlineData(SessionPhase.Stopped, false)]
    [InlineData(SessionPhase.Failed, false)]
    [InlineData(SessionPhase.Interrupted, false)]
    public void A_session_takes_room_until_it_has_ended(SessionPhase phase, bool takesRoom)
    {
        var state = Farm.With(Farm.NodeA).Apply(Farm.Reported(1, phase, 5));

        Assert.Equal(takesRoom, Decide(state, Farm.Nodes((Farm.NodeA, 1, null))) is AdmissionRefused);
    }

    [Fact]
    public void When_every_shard_of_the_farm_is_taken_the_refusal_says_how_many_there_are()
    {
        var state = Farm.With([.. Enumerable.Repeat(Farm.NodeA, Farm.Shards)]);
        var refused = Assert.IsType<AdmissionRefused>(Decide(state, Farm.Nodes((Farm.NodeA, 100, null))));

        Assert.Contains("10 shards", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_key_answers_the_same_session_even_after_it_has_ended_and_when_the_farm_is_full()
    {
        var state = new PlacementState()
            .Apply(Farm.Placed(1, 4, Farm.NodeA, "key"))
            .Apply(new SessionReported(Farm.Summary(1, SessionPhase.Stopped) with { EverRecorded = true }, 9));

        Assert.Equal(
            new SessionAdmitted(new SessionId(1), 4, Farm.NodeA),
            Decide(state, Farm.Nodes(), Farm.Ask("key"))
        );
    }

    [Fact]
    public void The_key_of_a_start_that_failed_starts_another_session()
    {
        var state = new PlacementState()
            .Apply(Farm.Placed(1, 4, Farm.NodeA, "key"))
            .Apply(Farm.Reported(1, SessionPhase.Failed, 9));
        var again = Assert.IsType<SessionAdmitted>(
            Decide(state, Farm.Nodes((Farm.NodeA, 2, null)), Farm.Ask("key"))
        );
        Assert.Equal(2, again.Id.Value);

        // What the failed session tells later does not take the key from the second one.
        state = state
            .Apply(Farm.Placed(2, 5, Farm.NodeA, "key"))
            .Apply(Farm.Reported(1, SessionPhase.Failed, 10));
        Assert.Equal(again.Id, Assert.Single(state.IdempotencyKeys.Keys).Id);
    }

    [Fact]
    public void A_key_is_forgotten_after_a_day()
    {
        var state = new PlacementState().Apply(Farm.Placed(1, 4, Farm.NodeA, "key"));
        var view = Farm.View(state, Farm.Nodes((Farm.NodeA, 2, null)));
        Assert.Equal(1, Assert.IsType<SessionAdmitted>(Admission.Decide(Later(24), Farm.Ask("key"))).Id.Value);
        Assert.Equal(2, Assert.IsType<SessionAdmitted>(Admission.Decide(Later(24.1), Farm.Ask("key"))).Id.Value);

        FarmView Later(double hours) => view with { Now = view.Now.AddHours(hours) };
    }

    [Fact]
    public void A_start_does_not_take_a_shard_that_a_session_on_its_way_needs()
    {
        var state = Farm.With([.. Enumerable.Repeat(Farm.NodeA, Farm.Shards - 1)]);
        var view = Farm.View(state, Farm.Nodes((Farm.NodeA, 100, null), (Farm.NodeB, 100, null)));
        Assert.IsType<SessionAdmitted>(Admission.Decide(view, Farm.Ask()));

        view = HandOverPlan.Begin(view, 1, new HandOverUnderWay(Farm.NodeA, Farm.NodeB, 1, TimeSpan.MaxValue));
        var refused = Assert.IsType<AdmissionRefused>(Admission.Decide(view, Farm.Ask()));
        Assert.Contains("being handed over", refused.Message, StringComparison.Ordinal);
        Assert.IsType<SessionMoved>(HandOverPlan.Arrival(view, new SessionId(1), Farm.NodeB));
    }

    [Theory]
    [InlineData("https://example.org/other")]
    [InlineData("https://example.org/room#other")]
    [InlineData("https://someone@example.org/room")]
    public void The_same_key_with_another_request_is_a_conflict(string page)
    {
        var state = new PlacementState().Apply(Farm.Placed(1, 0, Farm.NodeA, "key"));

        Assert.IsType<IdempotencyConflict>(Decide(state, Farm.Nodes((Farm.NodeA, 2, null)), Farm.Ask("key", page)));
    }

    [Fact]
    public void Another_key_is_another_session_although_the_request_is_the_same()
    {
        var state = new PlacementState().Apply(Farm.Placed(1, 0, Farm.NodeA, "key"));

        Assert.Equal(
            2,
            Assert.IsType<SessionAdmitted>(Decide(state, Farm.Nodes((Farm.NodeA, 2, null)), Farm.Ask("other"))).Id.Value
        );
    }

    [Fact]
    public void The_highest_number_of_shards_that_a_node_is_configured_with_counts()
    {
        var state = Farm.With([.. Enumerable.Repeat(Farm.NodeA, Farm.Shards)]);
        var nodes = Farm.Nodes((Farm.NodeA, 100, null), (Farm.NodeB, 100, null));
        Assert.IsType<AdmissionRefused>(Decide(state, nodes));

        var raised = nodes.SetItem(Farm.NodeB, nodes[Farm.NodeB] with { Shards = Farm.Shards + 1 });
        Assert.Equal(Farm.Shards, Assert.IsType<SessionAdmitted>(Decide(state, raised)).Shard);
        var lowered = nodes.SetItem(Farm.NodeB, nodes[Farm.NodeB] with { Shards = 1 });
        Assert.IsType<AdmissionRefused>(Decide(state, lowered));
    }

    [Fact]
    public void Pressure_tells_what_each_node_holds_and_whether_there_is_room()
    {
        var full = Admission.Measure(
            Farm.View(Farm.With(OneOnEach), Farm.Nodes((Farm.NodeA, 1, null), (Farm.NodeB, 1, null)))
        );
        Assert.False(full.HasRoom);
        Assert.Equal([1, 1], full.Nodes.Select(node => node.Running));

        Assert.True(
            Admission
                .Measure(Farm.View(Farm.With(OneOnEach), Farm.Nodes((Farm.NodeA, 1, null), (Farm.NodeB, 2, null))))
                .HasRoom
        );
    }

    [Fact]
    public void Pressure_has_no_room_where_a_page_of_full_size_would_be_refused()
    {
        var small = new PageSessionSpec(new Uri("https://example.org/room"))
        {
            Video = new VideoSettings
            {
                Width = 640,
                Height = 360,
                Framerate = 15,
            },
        };
        Assert.InRange(SessionCost.Of(small), 0.01m, 0.99m);
        Assert.Equal(SessionCost.Reference, SessionCost.Of(new PageSessionSpec(small.Page)));
        var state = new PlacementState().Apply(Farm.Placed(1, 0, Farm.NodeA) with { Spec = small });

        var pressure = Admission.Measure(Farm.View(state, Farm.Nodes((Farm.NodeA, 1, null))));
        Assert.Null(pressure.Nodes[0].Reason);
        Assert.False(pressure.HasRoom);
    }

    [Theory]
    [InlineData(2, 0, "anna", null)]
    [InlineData(1, 0, "anna", "too_many_sessions")]
    [InlineData(1, 0, "ben", null)]
    [InlineData(0, 103_680_000, "anna", null)]
    [InlineData(0, 103_679_999, "anna", "too_many_pixels")]
    [InlineData(0, 51_840_000, "ben", null)]
    [InlineData(0, 51_839_999, "ben", "too_many_pixels")]
    [InlineData(0, 0, "anna", null)]
    public void An_owner_has_no_more_than_the_key_allows_in_the_whole_farm(
        int sessions,
        long pixelRate,
        string owner,
        string? code
    )
    {
        var state = new PlacementState()
            .Apply(Owned(1, "anna"))
            .Apply(Owned(2, "anna"))
            .Apply(Farm.Reported(2, SessionPhase.Stopped, 1))
            .Apply(Farm.Placed(3, 3, Farm.NodeB));
        var ask = Farm.Ask() with
        {
            Spec = Farm.Ask().Spec with { Owner = owner },
            Limits = new OwnerLimits("lectures", sessions, pixelRate),
        };

        var reply = Decide(state, Farm.Nodes((Farm.NodeA, 9, null), (Farm.NodeB, 9, null)), ask);

        if (code is null)
        {
            Assert.IsType<SessionAdmitted>(reply);
            return;
        }
        var refused = Assert.IsType<AdmissionRefused>(reply);
        Assert.Equal(code, refused.Code);
        Assert.StartsWith($"The API key of lectures allows {owner} ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("top a session", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_rtp_session_has_no_pixels_to_count_and_a_repeated_start_has_its_session_already()
    {
        var state = new PlacementState().Apply(Owned(1, "anna", key: "again"));
        var nodes = Farm.Nodes((Farm.NodeA, 9, null));
        var limits = new OwnerLimits("lectures", 0, 1);

        Assert.IsType<SessionAdmitted>(
            Decide(state, nodes, new AdmitSession(new RtpSessionSpec(0, 0) { Owner = "anna" }, null) { Limits = limits })
        );
        Assert.Equal(
            1,
            Assert
                .IsType<SessionAdmitted>(
                    Decide(
                        state,
                        nodes,
                        new AdmitSession(Farm.Ask().Spec with { Owner = "anna" }, "again")
                        {
                            Limits = limits with { Sessions = 1 },
                        }
                    )
                )
                .Id.Value
        );
    }

    [Fact]
    public void The_pressure_tells_what_each_owner_has()
    {
        var state = new PlacementState()
            .Apply(Owned(1, "anna"))
            .Apply(Owned(2, "anna"))
            .Apply(Owned(3, "ben"))
            .Apply(Farm.Reported(3, SessionPhase.Stopped, 1))
            .Apply(Farm.Placed(4, 4, Farm.NodeA));

        var pressure = Admission.Measure(Farm.View(state, Farm.Nodes((Farm.NodeA, 9, null))));

        Assert.Equal(
            [new OwnerPressure(null, 1, 51_840_000), new OwnerPressure("anna", 2, 103_680_000)],
            pressure.Owners
        );
    }

    private static SessionPlaced Owned(int id, string owner, string? key = null)
    {
        var placed = Farm.Placed(id, id, Farm.NodeA, key);
        return placed with { Spec = placed.Spec with { Owner = owner } };
    }

    private static AdmissionReply Decide(
        PlacementState state,
        System.Collections.Immutable.ImmutableSortedDictionary<string, NodeCapacity> nodes,
        AdmitSession? ask = null
    ) => Admission.Decide(Farm.View(state, nodes), ask ?? Farm.Ask());
}
