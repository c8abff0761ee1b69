using Akka.Actor;
using Akka.Persistence;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Placement.Shards;
using Recorder.Cluster.Placement.Singleton;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Placement.Singleton;

[Trait("ring", "actor")]
public sealed partial class PlacementActorTests : TestKit
{
    private const string Hocon =
        ActorSettings.OwnTime
        + """
            akka.persistence.snapshot-store.plugin = "akka.persistence.snapshot-store.inmem"
            """;

    private readonly ManualClock _clock = new(Sample.Begin);
    private readonly PlacementOptions _options = new();
    private readonly TestProbe _edge;
    private readonly TestProbe _sessions;
    private readonly ShardBoard _board = new();
    private IActorRef _placement;

    public PlacementActorTests()
        : base(Hocon + "\n" + ScriptedJournal.Hocon)
    {
        _edge = CreateTestProbe("edge");
        _sessions = CreateTestProbe("sessions");
        _board.Observe(System.Collections.Immutable.ImmutableDictionary<int, string>.Empty);
        _placement = Begin(_board);
        Capacity();
    }

    [Fact]
    public async Task What_the_placement_knows_of_the_farm_is_news_until_it_goes_elsewhere()
    {
        await AdmitAsync();
        var news = CreateTestProbe();
        Sys.EventStream.Subscribe(news, typeof(INodeNews));

        await PassAsync(TimeSpan.FromSeconds(5));

        var farm = (FarmNews)await news.FishForMessageAsync(one => one is FarmNews, TimeSpan.FromSeconds(10));
        Assert.Equal((1, 1), (farm.Sessions[SessionPhase.Starting], farm.Nodes[NodeRoom.Open]));
        _placement.Tell(PoisonPill.Instance);
        await news.FishForMessageAsync(one => one is PlacementLeft, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task An_admission_is_written_before_it_is_answered()
    {
        await JournalAsync(new ScriptedJournal.HoldWrites(TestActor));
        Ask(Farm.Ask());
        await ExpectMsgAsync<ScriptedJournal.WriteHeld>();
        var mark = new object();
        _edge.Ref.Tell(mark);
        Assert.Same(mark, await _edge.ReceiveOneAsync());

        ScriptedJournal.Of(Sys).Tell(new ScriptedJournal.ReleaseWrites());
        await _edge.ExpectMsgAsync(new SessionAdmitted(new SessionId(1), 0, Sample.Node));
    }

    [Fact]
    public async Task A_look_up_shows_what_is_being_written_or_when_that_takes_too_long_what_was_written_before()
    {
        await JournalAsync(new ScriptedJournal.HoldWrites(TestActor));
        Ask(Farm.Ask());
        await ExpectMsgAsync<ScriptedJournal.WriteHeld>();
        Ask(new ListSessions());
        ScriptedJournal.Of(Sys).Tell(new ScriptedJournal.ReleaseWrites());
        await _edge.ExpectMsgAsync<SessionAdmitted>();
        Assert.Single((await _edge.ExpectMsgAsync<SessionList>()).Sessions);

        await JournalAsync(new ScriptedJournal.HoldWrites(TestActor));
        Ask(Farm.Ask());
        await ExpectMsgAsync<ScriptedJournal.WriteHeld>();
        Ask(new ListSessions());
        Ask(new FindSession(new SessionId(1)));
        Ask(new FindPressure());
        await _placement.Ask<ActorIdentity>(new Identify(null), TimeSpan.FromSeconds(10));
        ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(1));
        Assert.Single((await _edge.ExpectMsgAsync<SessionList>()).Sessions);
        Assert.Equal(1, (await _edge.ExpectMsgAsync<SessionLocation>()).Id.Value);
        Assert.Equal(1, (await _edge.ExpectMsgAsync<Pressure>()).Nodes.Single().Running);

        // The next part of a long list does not wait as long again.
        Assert.Empty((await AskAsync<SessionList>(new ListSessions { After = new SessionId(1) })).Sessions);

        // Each is answered once.
        ScriptedJournal.Of(Sys).Tell(new ScriptedJournal.ReleaseWrites());
        await _edge.ExpectMsgAsync<SessionAdmitted>();
        Assert.Equal(2, (await AskAsync<SessionList>(new ListSessions())).Sessions.Count);
        var mark = new object();
        _edge.Ref.Tell(mark);
        Assert.Same(mark, await _edge.ReceiveOneAsync());
    }

    [Fact]
    public async Task What_the_database_takes_too_late_for_whoever_asked_is_withdrawn_and_holds_no_shard()
    {
        Capacity(slots: 1);
        await JournalAsync(new ScriptedJournal.HoldWrites(TestActor));
        Ask(Farm.Ask("key"));
        await ExpectMsgAsync<ScriptedJournal.WriteHeld>();
        Ask(Farm.Ask() with { Within = TimeSpan.FromSeconds(10) });
        Ask(Farm.Ask());
        await _placement.Ask<ActorIdentity>(new Identify(null), TimeSpan.FromSeconds(10));
        ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(4));
        for (var refused = 0; refused < 2; refused++)
        {
            var refusal = await _edge.ExpectMsgAsync<AdmissionRefused>();
            Assert.Equal(FaultCode.Unavailable, refusal.Code);
            Assert.Contains("database", refusal.Message, StringComparison.Ordinal);
        }

        // The id is not given again; the room and the key are.
        ScriptedJournal.Of(Sys).Tell(new ScriptedJournal.ReleaseWrites());
        Assert.Equal(2, (await _edge.ExpectMsgAsync<SessionAdmitted>()).Id.Value);
        await RestartAsync();
        Capacity(slots: 2);
        Assert.Equal(2, Assert.Single((await AskAsync<SessionList>(new ListSessions())).Sessions).Id.Value);
        Assert.Equal(3, (await AdmitAsync("key")).Id.Value);
        Assert.Equal(2, (await AskAsync<SessionList>(new ListSessions())).Sessions.Count);
    }

    [Fact]
    public async Task Ids_list_and_keys_survive_a_restart()
    {
        await AdmitAsync("key");
        await AdmitAsync();
        await ReportAsync(Farm.Summary(1, SessionPhase.Stopped) with { EverRecorded = true }, 9);
        await RestartAsync();
        Capacity();

        Assert.Equal(1, (await AdmitAsync("key")).Id.Value);
        Assert.Equal(3, (await AdmitAsync()).Id.Value);
        var list = await AskAsync<SessionList>(new ListSessions());
        Assert.Equal(
            [SessionPhase.Stopped, SessionPhase.Starting, SessionPhase.Starting],
            list.Sessions.Select(session => session.Phase)
        );
    }

    [Fact]
    public async Task A_hundred_admissions_at_once_give_a_hundred_ids_and_shards()
    {
        Capacity(slots: 100);
        for (var count = 0; count < 100; count++)
        {
            Ask(Farm.Ask());
        }
        List<SessionAdmitted> admitted = [];
        for (var count = 0; count < 100; count++)
        {
            admitted.Add(await _edge.ExpectMsgAsync<SessionAdmitted>());
        }

        Assert.Equal(Enumerable.Range(1, 100), admitted.Select(session => session.Id.Value).Order());
        Assert.Equal(Enumerable.Range(0, 100), admitted.Select(session => session.Shard).Order());
        Ask(Farm.Ask());
        await _edge.ExpectMsgAsync<AdmissionRefused>();
    }

    [Fact]
    public async Task The_same_key_at_once_gives_one_session()
    {
        for (var count = 0; count < 10; count++)
        {
            Ask(Farm.Ask("key"));
        }
        for (var count = 0; count < 10; count++)
        {
            Assert.Equal(1, (await _edge.ExpectMsgAsync<SessionAdmitted>()).Id.Value);
        }

        Assert.Single((await AskAsync<SessionList>(new ListSessions())).Sessions);
    }

    [Fact]
    public async Task A_session_is_located_with_its_shard_and_an_unknown_one_is_not()
    {
        await AdmitAsync();

        Assert.Equal(0, (await AskAsync<SessionLocation>(new FindSession(new SessionId(1)))).Shard);
        await AskAsync<SessionUnknown>(new FindSession(new SessionId(2)));
    }

    [Fact]
    public async Task A_report_is_written_before_it_is_accepted_and_survives_a_restart()
    {
        await AdmitAsync();
        await JournalAsync(new ScriptedJournal.HoldWrites(TestActor));
        Ask(new ReportSession(Farm.Summary(1, SessionPhase.Recording), 4));
        await ExpectMsgAsync<ScriptedJournal.WriteHeld>();
        ScriptedJournal.Of(Sys).Tell(new ScriptedJournal.ReleaseWrites());
        await _edge.ExpectMsgAsync(new ReportAccepted(new SessionId(1), 4));

        await RestartAsync();
        Assert.Equal(SessionPhase.Recording, (await SummaryAsync(1)).Phase);
    }

    [Fact]
    public async Task An_older_report_never_replaces_a_newer_one()
    {
        await AdmitAsync();
        await ReportAsync(Farm.Summary(1, SessionPhase.Stopped), 9);
        await ReportAsync(Farm.Summary(1, SessionPhase.Recording), 8);

        Assert.Equal(SessionPhase.Stopped, (await SummaryAsync(1)).Phase);
    }

    [Fact]
    public async Task A_report_that_is_no_news_is_shown_and_not_written()
    {
        await AdmitAsync();
        var summary = Farm.Summary(1, SessionPhase.Recording) with
        {
            Records = [new RecordSummary(Sample.FirstRecord, 1, false, Sample.Begin, null, null, false, 100, 0)],
        };
        await ReportAsync(summary, 5);

        // A write would stop the placement.
        await JournalAsync(new ScriptedJournal.FailWrites(1));
        await ReportAsync(summary with { Records = [summary.Records[0] with { FramesCaptured = 350 }] }, 5);
        Assert.Equal(350, Assert.Single((await SummaryAsync(1)).Records).FramesCaptured);
    }

    [Fact]
    public async Task After_a_restart_every_session_that_should_run_is_asked_to_go_on_as_soon_as_there_is_a_node()
    {
        await AdmitAsync();
        await AdmitAsync();
        await ReportAsync(Farm.Summary(1, SessionPhase.Stopped), 9);
        await RestartAsync();
        await AskAsync<SessionList>(new ListSessions());
        Capacity();

        Assert.Equal(
            new ResumeSession(new SessionId(2), Farm.Ask().Spec) { Node = Sample.Node }.To(1),
            await _sessions.ExpectMsgAsync<ResumeSession>()
        );
        await AskAsync<SessionList>(new ListSessions());
        await NothingForSessionsAsync();
    }

    [Fact]
    public async Task After_a_restart_of_the_whole_farm_a_session_waits_for_its_node_and_not_for_the_first_that_is_back()
    {
        await TwoNodesAsync();
        await RestartAsync();
        _placement.Tell(FarmRoster.Empty.Join(Sample.Node));
        Capacity();
        Assert.Equal(1, (await _sessions.ExpectMsgAsync<ResumeSession>()).Id.Value);

        // A member is given slots only once it has told its capacity.
        _placement.Tell(FarmRoster.Empty.Join(Sample.Node).Join(Farm.NodeB));
        await PassAsync(TimeSpan.FromSeconds(5));
        await NothingForSessionsAsync();
        _placement.Tell(new ReportCapacity(Farm.NodeB, 4, null));
        var resumed = await _sessions.ExpectMsgAsync<ResumeSession>();
        Assert.Equal((2, 1), (resumed.Id.Value, resumed.Shard));
    }

    [Fact]
    public async Task A_session_whose_node_does_not_come_back_after_a_restart_of_the_whole_farm_goes_on_only_where_room_is()
    {
        await TwoNodesAsync();
        await RestartAsync();
        _placement.Tell(FarmRoster.Empty.Join(Sample.Node));
        Capacity(slots: 1);
        await _sessions.ExpectMsgAsync<ResumeSession>();
        await PassAsync(TimeSpan.FromSeconds(14), slots: 1);
        Assert.Equal(SessionPhase.Recording, (await SummaryAsync(2)).Phase);
        await PassAsync(TimeSpan.FromSeconds(6), slots: 1);
        Assert.Equal(SessionPhase.WaitingForRoom, (await SummaryAsync(2)).Phase);
        await NothingForSessionsAsync();

        Capacity(slots: 2);
        Assert.Equal(2, (await _sessions.ExpectMsgAsync<ResumeSession>()).Id.Value);
        Assert.Equal(Sample.Node, (await SummaryAsync(2)).Node);
    }

    [Fact]
    public async Task A_session_may_wait_for_longer_than_the_resume_window_in_a_living_farm_and_not_in_one_that_was_away()
    {
        await TwoNodesAsync();
        Capacity(slots: 1);
        await AskAsync<SessionList>(new ListSessions());
        _placement.Tell(FarmRoster.Empty.Join(Sample.Node).Remove(Farm.NodeB));
        await PassAsync(Sample.ResumeWindow + TimeSpan.FromMinutes(1), slots: 1);
        var summary = await SummaryAsync(2);
        Assert.Equal(SessionPhase.WaitingForRoom, summary.Phase);
        Assert.InRange(_clock.GetUtcNow() - summary.PhaseSince, Sample.ResumeWindow, TimeSpan.FromHours(1));

        // Whoever takes over knows that it has waited all the time.
        await RestartAsync();
        _placement.Tell(FarmRoster.Empty.Join(Sample.Node).Remove(Farm.NodeB));
        await PassAsync(TimeSpan.FromSeconds(5), slots: 1);
        await RestartAsync();
        var stopped = _clock.GetUtcNow();
        _clock.Advance(Sample.ResumeWindow + TimeSpan.FromMinutes(1));
        _placement.Tell(FarmRoster.Empty.Join(Sample.Node).Remove(Farm.NodeB));
        await PassAsync(TimeSpan.FromMinutes(1), slots: 1);
        Capacity(slots: 2);
        var resumed = await ResumedAsync(2);
        Assert.InRange(stopped - resumed.WaitedUntil!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_moving_session_gets_another_shard_when_its_shard_went_to_a_third_node()
    {
        await TwoNodesAsync();
        Capacity();
        _placement.Tell(FarmRoster.Empty.Join(Sample.Node).Remove(Farm.NodeB));
        var resumed = await ResumedAsync(2);
        Assert.Equal((Sample.Node, 1), (resumed.Node, resumed.Shard));

        _placement.Tell(new ReportCapacity(Farm.NodeB, 4, null));
        await AskAsync<SessionList>(new ListSessions());
        _board.Observe(
            System.Collections.Immutable.ImmutableDictionary<int, string>.Empty.Add(0, Sample.Node).Add(1, Farm.NodeB)
        );
        await PassAsync(TimeSpan.FromSeconds(1));
        while (resumed.Shard == 1)
        {
            resumed = await ResumedAsync(2);
        }
        Assert.Equal((Sample.Node, 2), (resumed.Node, resumed.Shard));
    }

    [Fact]
    public async Task A_session_that_was_looked_up_before_its_node_was_back_still_goes_on_there()
    {
        await TwoNodesAsync();
        await RestartAsync();
        _placement.Tell(FarmRoster.Empty.Join(Sample.Node).Join(Farm.NodeB));
        Capacity();
        await _sessions.ExpectMsgAsync<ResumeSession>();
        _board.Observe(
            System.Collections.Immutable.ImmutableDictionary<int, string>.Empty.Add(0, Sample.Node).Add(1, Sample.Node)
        );
        await PassAsync(TimeSpan.FromSeconds(5));

        _placement.Tell(new ReportCapacity(Farm.NodeB, 4, null));
        Assert.Equal(2, (await _sessions.ExpectMsgAsync<ResumeSession>()).Shard);
        var location = await AskAsync<SessionLocation>(new FindSession(new SessionId(2)));
        Assert.Equal((2, Farm.NodeB), (location.Shard, location.Summary.Node));
    }

    [Fact]
    public async Task A_session_that_falls_silent_is_asked_to_go_on_once_in_a_silence_limit()
    {
        await AdmitAsync();
        await PassAsync(_options.SilenceLimit - TimeSpan.FromSeconds(1));
        await NothingForSessionsAsync();

        // It is looked for five times in a silence limit, at 1, 6 … 26 s, and then at 31 … 51 s.
        await PassAsync(TimeSpan.FromSeconds(2));
        await _sessions.ExpectMsgAsync<ResumeSession>();
        await PassAsync(_options.SilenceLimit - TimeSpan.FromSeconds(1));
        await NothingForSessionsAsync();
        await PassAsync(TimeSpan.FromSeconds(1));
        await _sessions.ExpectMsgAsync<ResumeSession>();
    }

    [Fact]
    public async Task A_session_that_reports_is_left_alone()
    {
        await AdmitAsync();
        await ReportAsync(Farm.Summary(1, SessionPhase.Recording), 5);
        for (var round = 0; round < 5; round++)
        {
            await PassAsync(TimeSpan.FromSeconds(10));
            await ReportAsync(Farm.Summary(1, SessionPhase.Recording), 5);
        }

        await NothingForSessionsAsync();
    }

    [Fact]
    public async Task A_session_of_a_node_that_leaves_is_not_asked_to_go_on()
    {
        await AdmitAsync();
        await ReportAsync(Farm.Summary(1, SessionPhase.Recording, Sample.Node), 4);
        _placement.Tell(FarmRoster.Empty.Join(Sample.Node).Leave(Sample.Node));

        await PassAsync(_options.SilenceLimit * 2);
        await NothingForSessionsAsync();
    }

    [Fact]
    public async Task A_drain_is_not_over_while_a_start_is_on_its_way_to_the_node()
    {
        await AdmitAsync();
        Assert.True((await AskAsync<DrainState>(new DrainNode(Sample.Node, true))).Moving);

        await ReportAsync(Farm.Summary(1, SessionPhase.Recording, Sample.Node), 4);
        Assert.False((await AskAsync<DrainState>(new DrainNode(Sample.Node, true))).Moving);
    }

    [Fact]
    public async Task A_node_that_does_not_report_any_more_takes_no_session()
    {
        // It has recovered and heard the first report before the clock goes on.
        await AskAsync<SessionList>(new ListSessions());
        await PassAsync(_options.ReportInterval * 5, reporting: false);

        Ask(Farm.Ask());
        await _edge.ExpectMsgAsync<AdmissionRefused>();
        Capacity();
        await AdmitAsync();
    }

    [Fact]
    public async Task The_list_is_the_same_after_a_recovery_from_a_snapshot()
    {
        Capacity(slots: 1000);
        for (var count = 0; count < 130; count++)
        {
            await AdmitAsync();
            await ReportAsync(Farm.Summary(count + 1, SessionPhase.Stopped), 9);
        }

        // 260 events: the snapshot at the 200th and 60 events after it. It is certain to be there once it is read.
        await RestartAsync();
        Capacity();
        Assert.Equal(131, (await AdmitAsync()).Id.Value);
        Assert.Equal(131, (await AskAsync<SessionList>(new ListSessions())).Sessions.Count);
    }

    [Fact]
    public async Task A_placement_whose_journal_fails_begins_again_and_gives_the_id_to_the_next_who_asks()
    {
        await AdmitAsync();
        await _placement.StopAsync();
        _placement = Sys.ActorOf(
            PlacementActor.SupervisedProps(
                PlacementSettings.Of(_options, alone: true, Sample.ResumeWindow),
                _clock,
                _sessions,
                new ShardBoard()
            )
        );
        Capacity();
        await AskAsync<SessionList>(new ListSessions());
        await JournalAsync(new ScriptedJournal.FailWrites(1));
        await WatchAsync(await ChildAsync());
        Ask(Farm.Ask());
        await ExpectMsgAsync<Terminated>();

        await ChildAsync();
        Capacity();
        Assert.Equal(2, (await AdmitAsync()).Id.Value);
    }

    [Fact]
    public async Task An_admission_that_is_asked_before_the_first_node_has_told_its_capacity_waits_for_it()
    {
        await RestartAsync();
        Ask(Farm.Ask());
        Ask(Farm.Ask());
        await AskAsync<SessionList>(new ListSessions());
        Capacity();

        Assert.Equal(1, (await _edge.ExpectMsgAsync<SessionAdmitted>()).Id.Value);
        Assert.Equal(2, (await _edge.ExpectMsgAsync<SessionAdmitted>()).Id.Value);
    }

    [Fact]
    public async Task A_placement_that_takes_over_admits_nobody_before_it_knows_where_idle_shards_are()
    {
        var board = new ShardBoard();
        await RestartAsync(board);
        Capacity();
        Ask(Farm.Ask());
        Assert.Empty((await AskAsync<SessionList>(new ListSessions())).Sessions);

        board.Observe(System.Collections.Immutable.ImmutableDictionary<int, string>.Empty.Add(0, Farm.NodeB));
        Assert.Equal(
            new SessionAdmitted(new SessionId(1), 1, Sample.Node),
            await _edge.ExpectMsgAsync<SessionAdmitted>()
        );
    }

    [Fact]
    public async Task An_admission_does_not_wait_long_for_a_node()
    {
        await RestartAsync();
        Ask(Farm.Ask());
        await AskAsync<SessionList>(new ListSessions());
        _clock.Advance(TimeSpan.FromSeconds(3));
        ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(3));

        Assert.Contains("joined", (await _edge.ExpectMsgAsync<AdmissionRefused>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pressure_of_the_farm_is_told()
    {
        await AdmitAsync();
        var load = new NodeLoad(12.5, 900, 5_000);
        _placement.Tell(new ReportCapacity(Sample.Node, 4, null) { Found = "found", Load = load });
        var pressure = await AskAsync<Pressure>(new FindPressure());

        Assert.True(pressure.HasRoom);
        Assert.Equal(
            new NodePressure(Sample.Node, 4, 1, null)
            {
                Used = 1,
                Found = "found",
                Load = load,
            },
            Assert.Single(pressure.Nodes)
        );
    }

    [Fact]
    public async Task A_missing_manifest_is_asked_for_every_five_minutes_and_a_record_left_open_every_ten_seconds()
    {
        await AdmitAsync();
        await ReportAsync(Left(finished: true), 2);
        Assert.Equal(2, await AskedAsync(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(5)));

        await ReportAsync(Left(finished: false), 3);
        Assert.InRange(await AskedAsync(TimeSpan.FromMinutes(1)), 5, 7);

        static SessionSummary Left(bool finished) =>
            Farm.Summary(1, SessionPhase.Stopped) with
            {
                Records =
                [
                    new RecordSummary(Sample.FirstRecord, 1, finished, Sample.Begin, null, null, false, 100, 0)
                    {
                        Node = Sample.Node,
                        ManifestDue = finished,
                    },
                ],
            };

        async Task<int> AskedAsync(TimeSpan within)
        {
            await PassAsync(within);
            var last = new object();
            _sessions.Ref.Tell(last);
            var asked = 0;
            while (await _sessions.ReceiveOneAsync() is { } message && message != last)
            {
                asked += message is RecordsReachable ? 1 : 0;
            }
            return asked;
        }
    }

    [Fact]
    public async Task What_a_session_that_has_ended_tells_again_makes_no_manifest_due_that_an_earlier_version_did_not_know_of()
    {
        await AdmitAsync();
        var ended = Farm.Summary(1, SessionPhase.Stopped) with
        {
            Records =
            [
                new RecordSummary(Sample.FirstRecord, 1, true, Sample.Begin, null, null, false, 100, 0)
                {
                    Node = Sample.Node,
                },
            ],
        };
        await ReportAsync(ended, 2);
        await ReportAsync(ended with { Records = [ended.Records[0] with { ManifestDue = true }] }, 2);

        Assert.False((await SummaryAsync(1)).Records[0].ManifestDue);
    }

    [Fact]
    public async Task While_a_write_waits_a_thousand_repeats_of_a_report_are_written_as_one()
    {
        await AdmitAsync();
        await JournalAsync(new ScriptedJournal.HoldWrites(TestActor));
        Ask(Farm.Ask());
        await ExpectMsgAsync<ScriptedJournal.WriteHeld>();
        for (var version = 2; version <= 1_001; version++)
        {
            Ask(new ReportSession(Farm.Summary(1, SessionPhase.Recording), version));
        }
        ScriptedJournal.Of(Sys).Tell(new ScriptedJournal.ReleaseWrites());
        Assert.Equal(2, (await _edge.ExpectMsgAsync<SessionAdmitted>()).Id.Value);
        Assert.Equal(1_001, (await _edge.ExpectMsgAsync<ReportAccepted>()).Version);
        var mark = new object();
        _edge.Ref.Tell(mark);
        Assert.Same(mark, await _edge.ReceiveOneAsync());
    }

    [Fact]
    public async Task Reports_that_wait_are_written_together_and_each_is_answered()
    {
        Capacity(slots: 10);
        for (var count = 0; count < 5; count++)
        {
            await AdmitAsync();
        }
        await JournalAsync(new ScriptedJournal.HoldWrites(TestActor));
        Ask(new ReportSession(Farm.Summary(1, SessionPhase.Stopped), 2));
        await ExpectMsgAsync<ScriptedJournal.WriteHeld>();
        for (var id = 2; id <= 5; id++)
        {
            Ask(new ReportSession(Farm.Summary(id, SessionPhase.Recording), 2));
        }
        ScriptedJournal.Of(Sys).Tell(new ScriptedJournal.ReleaseWrites());
        List<int> accepted = [];
        for (var id = 1; id <= 5; id++)
        {
            accepted.Add((await _edge.ExpectMsgAsync<ReportAccepted>()).Id.Value);
        }
        Assert.Equal([1, 2, 3, 4, 5], accepted);
        await RestartAsync();
        Assert.Equal(SessionPhase.Stopped, (await SummaryAsync(1)).Phase);
        Assert.Equal(SessionPhase.Recording, (await SummaryAsync(5)).Phase);
    }

    [Fact]
    public async Task A_running_session_that_the_database_does_not_know_is_told_so_and_its_id_is_not_given()
    {
        await AdmitAsync();
        await AskAsync<SessionUnknown>(new ReportSession(Farm.Summary(7, SessionPhase.Recording), 3));
        Assert.Equal(8, (await AdmitAsync()).Id.Value);
        await RestartAsync();
        Capacity();
        Assert.Equal(9, (await AdmitAsync()).Id.Value);
    }

    [Fact]
    public async Task A_start_whose_placement_dies_before_the_answer_holds_no_room()
    {
        Capacity(slots: 1);
        await JournalAsync(new ScriptedJournal.HoldWrites(TestActor) { TellsWritten = true });
        Ask(Farm.Ask());
        await ExpectMsgAsync<ScriptedJournal.WriteHeld>();
        await WatchAsync(_placement);
        Sys.Stop(_placement);
        await ExpectMsgAsync<Terminated>();
        ScriptedJournal.Of(Sys).Tell(new ScriptedJournal.ReleaseWrites());
        await ExpectMsgAsync<ScriptedJournal.HeldWriteDone>();
        _placement = Begin(_board);
        _placement.Tell(FarmRoster.Empty.Join(Sample.Node));
        Capacity(slots: 1);

        // The write came through although nobody was told. The session is woken, knows of no start, and ends.
        await ResumedAsync(1);
        Ask(Farm.Ask());
        await _edge.ExpectMsgAsync<AdmissionRefused>();
        await ReportAsync(Farm.Summary(1, SessionPhase.Failed, Sample.Node), 2);
        Assert.Equal(2, (await AdmitAsync()).Id.Value);
    }

    [Fact]
    public async Task A_session_leaves_the_list_when_it_has_ended_and_the_read_model_holds_it_and_some_seconds_have_passed()
    {
        var readModel = CreateTestProbe();
        await _placement.StopAsync();
        _placement = Begin(_board, readModel);
        Capacity();
        await AdmitAsync("key");
        await AdmitAsync();
        await ReportAsync(Farm.Summary(1, SessionPhase.Stopped) with { EverRecorded = true }, 9);
        await PassAsync(TimeSpan.FromSeconds(2));
        Assert.Equal([new SessionId(1)], (await readModel.ExpectMsgAsync<FindProjected>()).Ended);
        _placement.Tell(new SessionsProjected([new SessionId(1), new SessionId(2), new SessionId(99)]));
        Assert.Equal(2, (await AskAsync<SessionList>(new ListSessions())).Sessions.Count);
        await PassAsync(TimeSpan.FromSeconds(20));
        await AskAsync<SessionUnknown>(new FindSession(new SessionId(1)));
        Assert.Equal(2, Assert.Single((await AskAsync<SessionList>(new ListSessions())).Sessions).Id.Value);

        // A late repeat of its last report is accepted; the key still answers it; its id is not given again.
        await ReportAsync(Farm.Summary(1, SessionPhase.Stopped), 9);
        await _placement.StopAsync();
        _placement = Begin(_board, readModel);
        Capacity();
        Assert.Equal(1, (await AdmitAsync("key")).Id.Value);
        Assert.Equal(3, (await AdmitAsync()).Id.Value);
        await AskAsync<SessionUnknown>(new FindSession(new SessionId(1)));
    }

    [Fact]
    public async Task A_session_whose_last_report_never_came_leaves_the_list_by_the_word_of_the_read_model()
    {
        var readModel = CreateTestProbe();
        await BeginWithAnOpenRecordAsync(readModel);
        await PassAsync(TimeSpan.FromSeconds(12));

        Assert.Equal([new SessionId(1)], (await readModel.ExpectMsgAsync<FindProjected>()).Ended);
        _placement.Tell(new SessionsProjected([new SessionId(1)]));
        await PassAsync(TimeSpan.FromSeconds(20));
        await AskAsync<SessionUnknown>(new FindSession(new SessionId(1)));
    }

    [Fact]
    public async Task A_session_that_tells_of_an_open_record_stays_in_the_list_until_the_read_model_is_heard_again()
    {
        var readModel = CreateTestProbe();
        var open = await BeginWithAnOpenRecordAsync(readModel);
        _placement.Tell(new SessionsProjected([new SessionId(1)]));
        await ReportAsync(open, 3);
        await PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, (await SummaryAsync(1)).Id.Value);

        _placement.Tell(new SessionsProjected([new SessionId(1)]));
        await PassAsync(TimeSpan.FromSeconds(20));
        await AskAsync<SessionUnknown>(new FindSession(new SessionId(1)));
    }

    /// <summary>A placement with a read model, and with a session that has reported its end while its record was
    /// open.</summary>
    private async Task<SessionSummary> BeginWithAnOpenRecordAsync(TestProbe readModel)
    {
        await _placement.StopAsync();
        _placement = Begin(_board, readModel);
        Capacity();
        await AdmitAsync();
        var open = Farm.Summary(1, SessionPhase.Stopped) with
        {
            Records =
            [
                new RecordSummary(Sample.FirstRecord, 1, false, Sample.Begin, null, null, false, 100, 0)
                {
                    Node = Farm.NodeB,
                },
            ],
        };
        await ReportAsync(open, 2);
        return open;
    }

    [Fact]
    public async Task Behind_the_snapshot_before_last_no_event_is_kept_and_the_list_is_whole()
    {
        Capacity(slots: 1000);
        for (var count = 0; count < 350; count++)
        {
            await AdmitAsync();
            await ReportAsync(Farm.Summary(count + 1, SessionPhase.Stopped), 9);
        }

        // Snapshots at 200, 400 and 600 of 700 events: the third deletes what is behind the second.
        var kept = await EventsAsync(atMost: 300);
        Assert.InRange(kept, 201, 601);
        await RestartAsync();
        Capacity();
        Assert.Equal(351, (await AdmitAsync()).Id.Value);
        Assert.Equal(351, (await AskAsync<SessionList>(new ListSessions())).Sessions.Count);
    }

    /// <summary>The number of the first event that is kept, once at most so many are.</summary>
    private async Task<long> EventsAsync(int atMost)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(30))
        {
            var reader = CreateTestProbe();
            ScriptedJournal
                .Of(Sys)
                .Tell(new ReplayMessages(1, long.MaxValue, long.MaxValue, "placement", reader), reader);
            List<long> events = [];
            while (await reader.ReceiveOneAsync() is ReplayedMessage replayed)
            {
                events.Add(replayed.Persistent.SequenceNr);
            }
            if (events.Count <= atMost)
            {
                return events[0];
            }
        }

        throw new TimeoutException($"More than {atMost} events of the placement were kept for 30 seconds.");
    }

    private IActorRef Begin(ShardBoard board, IActorRef? readModel = null) =>
        Sys.ActorOf(
            Props.Create(() =>
                new PlacementActor(
                    PlacementSettings.Of(_options, false, Sample.ResumeWindow),
                    _clock,
                    _sessions,
                    board,
                    readModel
                )
            )
        );

    private void Capacity(int slots = 4) => _placement.Tell(new ReportCapacity(Sample.Node, slots, null));

    private void Ask(object message) => _placement.Tell(message, _edge);

    private async Task<T> AskAsync<T>(object message)
    {
        Ask(message);
        return await _edge.ExpectMsgAsync<T>();
    }

    private Task<SessionAdmitted> AdmitAsync(string? key = null) => AskAsync<SessionAdmitted>(Farm.Ask(key));

    private Task<ReportAccepted> ReportAsync(SessionSummary summary, long version) =>
        AskAsync<ReportAccepted>(new ReportSession(summary, version));

    private async Task<SessionSummary> SummaryAsync(int id) =>
        (await AskAsync<SessionLocation>(new FindSession(new SessionId(id)))).Summary;

    private async Task RestartAsync(ShardBoard? board = null)
    {
        await _placement.StopAsync();
        _placement = Begin(board ?? _board);
    }

    /// <summary>Sessions 1 and 2 record, on a node each.</summary>
    private async Task TwoNodesAsync()
    {
        await AdmitAsync();
        await AdmitAsync();
        await ReportAsync(Farm.Summary(1, SessionPhase.Recording, Sample.Node), 5);
        await ReportAsync(Farm.Summary(2, SessionPhase.Recording, Farm.NodeB), 5);
    }

    /// <summary>Lets time pass second by second, with the node's reports in it.</summary>
    private async Task PassAsync(TimeSpan time, bool reporting = true, int slots = 4)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(1))
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            if (reporting)
            {
                Capacity(slots);
            }
            ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(1));
            await AskAsync<SessionList>(new ListSessions());
        }
    }

    /// <summary>How a session is asked to go on, whatever others are asked.</summary>
    private async Task<ResumeSession> ResumedAsync(int id) =>
        (ResumeSession)
            await _sessions.FishForMessageAsync(
                message => message is ResumeSession resume && resume.Id.Value == id,
                TimeSpan.FromSeconds(10)
            );

    private async Task NothingForSessionsAsync()
    {
        var mark = new object();
        _sessions.Ref.Tell(mark);
        Assert.Same(mark, await _sessions.ReceiveOneAsync());
    }

    /// <summary>The placement under its supervisor, once it is there; the time of the back-off passes while it is
    /// looked for.</summary>
    private async Task<IActorRef> ChildAsync()
    {
        var since = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(30))
        {
            var child = await Sys.ActorSelection(_placement.Path / "list")
                .Ask<ActorIdentity>(new Identify(null), TimeSpan.FromSeconds(10));
            if (child.Subject is { } subject)
            {
                return subject;
            }
            ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(1));

            // The supervisor may not have seen the end of the one before yet.
            await Task.Delay(5);
        }

        throw new TimeoutException("The supervisor did not begin the placement again within 30 seconds.");
    }

    private async Task JournalAsync(object instruction)
    {
        var probe = CreateTestProbe();
        ScriptedJournal.Of(Sys).Tell(instruction, probe);
        await probe.ExpectMsgAsync<ScriptedJournal.Done>();
    }
}
