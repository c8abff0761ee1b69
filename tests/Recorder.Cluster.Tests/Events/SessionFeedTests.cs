using System.Collections.Immutable;
using System.Text.Json;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Tests.Events;

/// <summary>What people are told of a session, from what the session has journalled.</summary>
public sealed class SessionFeedTests
{
    [Fact]
    public void A_recording_from_start_to_stop_is_told_in_this_order() =>
        Assert.Equal(
            [
                "session.accepted",
                "record.opened",
                "session.started",
                "session.stopping",
                "record.finished",
                "session.stopped",
            ],
            Types(StoppedJournal)
        );

    [Fact]
    public void A_repair_that_moves_the_beginning_of_a_gap_neither_ends_nor_begins_a_gap()
    {
        var next = Story.OnTheWayToTheNextRecord;
        var journal = Facts
            .Starting.AddRange(Facts.Opened)
            .AddRange(Facts.Grew)
            .AddRange(
                Story
                    .Recording.Hears(
                        12,
                        new WorkerLost(Sample.FirstRecord, FaultCode.PipelineFailed, "The worker was killed.")
                    )
                    .Last
            )
            .AddRange(next.Last)
            .Add(
                new RecordClosed(Sample.FirstRecord, TimeSpan.FromSeconds(11), 9, true, Sample.Time(13), Sample.Node)
            )
            .AddRange(next.Hears(14, new FirstFrameWritten(next.CurrentPath, Sample.Time(14))).Last);

        Assert.Equal(
            ["session.fault", "session.gap_began", "record.finished", "record.opened", "session.gap_ended"],
            Types(journal).SkipWhile(type => type != "session.fault")
        );
    }

    [Fact]
    public void A_delivery_is_told_with_its_next_try_and_whether_the_object_is_partial()
    {
        var state = new SessionState(new SessionId(1)) { Spec = Sample.Spec };
        var (path, next) = (Sample.FirstRecord, Sample.Time(60));
        var failed = new DeliveryFailed(path, "s3", 2, null, null, "No answer.", Sample.Time(30), Sample.Node);
        var delivered = new RecordDelivered(path, "s3", 3, null, null, Sample.Time(60), Sample.Node);

        var retrying = Assert.Single(SessionFeed.Of(state, failed with { NextTry = next }, state, 5));
        Assert.Equal((EventType.DeliveryRetrying, next), (retrying.Type, ((DeliveryData)retrying.Data).NextTry));
        Assert.Empty(SessionFeed.Of(state, failed, state, 5));
        foreach (var partial in new[] { true, false })
        {
            var told = Assert.Single(SessionFeed.Of(state, delivered with { Partial = partial }, state, 6));
            Assert.Equal((EventType.DeliveryDelivered, partial), (told.Type, ((DeliveryData)told.Data).Partial));
        }
    }

    [Fact]
    public void A_lost_worker_is_a_fault_and_a_gap_with_an_end()
    {
        var next = Story.OnTheWayToTheNextRecord;
        var opened = next.Hears(14, new FirstFrameWritten(next.CurrentPath, Sample.Time(14)));
        var journal = Facts
            .Starting.AddRange(Facts.Opened)
            .AddRange(Facts.Grew)
            .AddRange(
                Story
                    .Recording.Hears(
                        12,
                        new WorkerLost(Sample.FirstRecord, FaultCode.PipelineFailed, "The worker was killed.")
                    )
                    .Last
            )
            .AddRange(next.Last)
            .AddRange(opened.Last);

        Assert.Equal(
            [
                "session.accepted",
                "record.opened",
                "session.started",
                "session.fault",
                "session.gap_began",
                "record.opened",
                "session.gap_ended",
            ],
            Types(journal)
        );
    }

    [Fact]
    public void A_start_that_fails_is_told_without_a_record()
    {
        var failed = Story.StoppedAtStart.Hears(2, new MediaFailed(FaultCode.PageFailed, "net::ERR_FAILED")).Ends(3);
        var journal = Facts
            .Starting.AddRange(Story.StoppedAtStart.Last)
            .AddRange(Story.StoppedAtStart.Hears(2, new MediaFailed(FaultCode.PageFailed, "net::ERR_FAILED")).Last)
            .AddRange(failed.Last);

        Assert.Equal("session.failed", Types(journal)[^1]);
        Assert.DoesNotContain("session.started", Types(journal));
    }

    [Fact]
    public void The_same_journal_gives_the_same_ids_wherever_the_reading_begins()
    {
        var journal = StoppedJournal;
        var whole = Tell(journal, 0);
        Assert.Equal(whole.Count, whole.Select(told => told.Id).Distinct().Count());
        for (var from = 0; from <= journal.Count; from++)
        {
            Assert.Equal(
                whole.Where(told => told.SequenceNr > from).Select(TextOf),
                Tell(journal, from).Select(TextOf)
            );
        }
        Assert.Matches("^evt_1-[0-9]+-[0-9]+-[0-9a-f]+$", whole[0].Id);
    }

    [Fact]
    public void Another_event_under_the_same_number_has_another_id()
    {
        // After the restore of a backup, the session goes on from an earlier event.
        var session = new SessionId(1);
        Assert.NotEqual(
            SessionFeed.IdOf(session, 7, 0, Sample.Time(0)),
            SessionFeed.IdOf(session, 7, 0, Sample.Time(0.001))
        );
    }

    [Fact]
    public void No_event_tells_what_grants_access()
    {
        SessionSpec spec = new PageSessionSpec(new Uri("https://user:hush1@example.org/room?token=hush2#hush3"))
        {
            Mode = RecordingMode.Both,
            StreamTargets = [new StreamTarget("rtmp://live.example.org/app/hush4")],
            Name = "Board",
        };
        ImmutableList<ISessionEvent> journal =
        [
            new SessionAccepted(Sample.Id, spec, Sample.Time(0), Sample.Node),
            new FaultMet(
                FaultCode.PageFailed,
                "https://example.org/room?token=hush5 did not load",
                Sample.Time(1),
                Sample.Node
            ),
            new OutputStateChanged(
                "target-1",
                OutputKind.Rtmp,
                "rtmp://live.example.org/app/hush6",
                OutputState.Retrying,
                "rtmp://live.example.org/app/hush7 refused",
                1,
                Sample.Time(2),
                Sample.Node
            ),
            new TargetsChanged(
                [new StreamOutput("target-2", new StreamTarget("rtmps://live.example.org/app/hush8"))],
                Sample.Time(3),
                Sample.Node
            ),
            new EndDecided(
                SessionPhase.Failed,
                FaultCode.PageFailed,
                "https://example.org/?hush9 is gone",
                Sample.Time(4),
                Sample.Node
            ),
            new SessionEnded(Sample.Time(5), Sample.Node),
        ];

        var texts = Tell(journal, 0).ConvertAll(told => EventBody.Of(told, 1, ToldSession.Of(Sample.Id, spec)));

        Assert.Equal(6, texts.Count);
        Assert.All(texts, text => Assert.DoesNotContain("hush", text, StringComparison.Ordinal));
    }

    [Fact]
    public void An_event_has_this_form()
    {
        var finished = Tell(StoppedJournal, 0)
            .Find(told => told.Type == EventType.RecordFinished)!;

        using var text = JsonDocument.Parse(EventBody.Of(
                finished,
                5,
                new ToldSession(Sample.Id, "Board", [new SessionLabel("room", "Sal"), new SessionLabel("a", "")])
            ));

        var root = text.RootElement;
        Assert.Equal(
            ["id", "type", "timestamp", "seq", "session", "name", "node", "data", "labels"],
            root.EnumerateObject().Select(field => field.Name)
        );
        Assert.Equal(5, root.GetProperty("seq").GetInt64());
        Assert.Equal("Board", root.GetProperty("name").GetString());
        Assert.Equal("2021-09-22T07:56:21+00:00", root.GetProperty("timestamp").GetString());
        Assert.Equal("""{"a":"","room":"Sal"}""", root.GetProperty("labels").GetRawText());
        var data = root.GetProperty("data");
        Assert.Equal(Sample.FirstRecord, data.GetProperty("path").GetString());
        Assert.EndsWith("-1", data.GetProperty("record").GetString(), StringComparison.Ordinal);
        Assert.Equal(18, data.GetProperty("duration").GetDouble());
        Assert.Equal(12_000_000, data.GetProperty("bytes").GetInt64());
    }

    [Theory]
    [InlineData("record.finished", true)]
    [InlineData("record.*", true)]
    [InlineData("*", true)]
    [InlineData("session.*", false)]
    [InlineData("record.opened", false)]
    [InlineData("record", false)]
    public void A_filter_takes_types_and_groups_of_types(string pattern, bool wanted) =>
        Assert.Equal(wanted, new EventFilter([pattern], null).Wants(Told(1)));

    [Theory]
    [InlineData(null, 1, true)]
    [InlineData(1, 1, true)]
    [InlineData(1, 2, false)]
    [InlineData(1, null, false)]
    public void A_filter_takes_one_session_or_all(int? asked, int? session, bool wanted) =>
        Assert.Equal(wanted, new EventFilter([], asked).Wants(Told(session)));

    [Theory]
    [InlineData("room=Sal", 1, true)]
    [InlineData("room=Sal,term=w26", 1, true)]
    [InlineData("room=Aula", 1, false)]
    [InlineData("room=Sal,floor=2", 1, false)]
    [InlineData("room=Sal", null, false)]
    public void A_filter_takes_sessions_with_all_its_labels(string labels, int? session, bool wanted) =>
        Assert.Equal(
            wanted,
            new EventFilter([], null) { Labels = new WebhookOptions { Labels = labels }.EachLabel! }.Wants(
                Told(session, """{"labels":{"room":"Sal","term":"w26"}}""")
            )
        );

    [Fact]
    public void An_event_of_an_earlier_version_has_no_labels() => Assert.Empty(Told(1).Labels);

    [Theory]
    [InlineData("record.*", true)]
    [InlineData("disk.low", true)]
    [InlineData("recrod.*", false)]
    [InlineData("", false)]
    [InlineData(".*", false)]
    public void A_pattern_that_can_match_nothing_is_a_mistake(string pattern, bool right) =>
        Assert.Equal(right, EventFilter.IsPattern(pattern));

    /// <summary>The events of a recording that was stopped.</summary>
    private static ImmutableList<ISessionEvent> StoppedJournal =>
        Facts
            .Starting.AddRange(Facts.Opened)
            .AddRange(Facts.Grew)
            .AddRange(Story.Stopping.Last)
            .AddRange(
                Story
                    .Stopping.Hears(
                        21,
                        new RecordFinished(Sample.FirstRecord, TimeSpan.FromSeconds(18), 12_000_000, Repaired: false)
                    )
                    .Last
            )
            .AddRange(Story.Stopped.Last);

    private static FarmEvent Told(int? session, string body = "{}") =>
        new(1, "evt_1", EventType.RecordFinished, session, body);

    private static string TextOf(EventDraft told) => EventBody.Of(told, 1, ToldSession.Of(Sample.Id));

    private static ImmutableList<string> Types(ImmutableList<ISessionEvent> journal) =>
        Tell(journal, 0).ConvertAll(told => told.Type);

    private static ImmutableList<EventDraft> Tell(ImmutableList<ISessionEvent> journal, int after)
    {
        var state = new SessionState(Sample.Id);
        var told = ImmutableList<EventDraft>.Empty;
        foreach (var (happened, index) in journal.Select((happened, index) => (happened, index)))
        {
            var next = state.Apply(happened);
            if (index + 1 > after)
            {
                told = told.AddRange(SessionFeed.Of(state, happened, next, index + 1));
            }
            state = next;
        }
        return told;
    }

    private static class Facts
    {
        public static ImmutableList<ISessionEvent> Starting => Story.Starting.Last;

        public static ImmutableList<ISessionEvent> Opened =>
            Story.Starting.Hears(2, new FirstFrameWritten(Sample.FirstRecord, Sample.Time(2))).Last;

        public static ImmutableList<ISessionEvent> Grew => Story.Recording.Last;
    }
}
