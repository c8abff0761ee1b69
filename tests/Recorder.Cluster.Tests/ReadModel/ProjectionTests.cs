using System.Collections.Immutable;
using System.Data.Common;
using System.Text.Json;
using Akka.Persistence.Query;
using Akka.TestKit.Xunit2;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Database;
using Recorder.Cluster.Tests.Journal;
using Recorder.Cluster.Tests.Sessions;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Tests.ReadModel;

/// <summary>The projection into each kind of database, from a journal that is played.</summary>
[Trait("ring", "farm")]
public sealed class ProjectionTests : TestKit, IClassFixture<TestPostgres>
{
    private readonly TestDatabases _databases;
    private readonly ManualClock _clock = new(Sample.Begin);
    private readonly PlayedJournal _journal = new();

    public ProjectionTests(TestPostgres postgres)
        : base("akka.loglevel = INFO, akka.stdout-loglevel = OFF") => _databases = new TestDatabases(postgres);

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_session_that_cannot_be_read_keeps_no_other_session_from_the_lists(DatabaseKind kind)
    {
        await using var database = await _databases.PreparedAsync(kind);
        var archive = new SessionArchive(database);
        var projection = new Projection(database, _journal, _clock, Sys.Log);
        await projection.BeginAsync(CancellationToken.None);
        _journal.Broken = new JsonException("The payload of session-event/started:1 is null.");

        ImmutableList<SessionId> ended = [];
        await EventFilter
            .Error(contains: "Session 2 cannot be read from the journal")
            .ExpectOneAsync(async () =>
            {
                ended = await projection.TakeAsync([Event(10, 1), Event(11, 2), Event(12, 3)], CancellationToken.None);
                Assert.Empty(await projection.TakeAsync([Event(13, 2)], CancellationToken.None));
            });

        Assert.Equal([1, 3], ended.Select(id => id.Value));
        Assert.NotNull(await archive.FindAsync(new SessionId(1), CancellationToken.None));
        Assert.Null(await archive.FindAsync(new SessionId(2), CancellationToken.None));
        Assert.NotNull(await archive.FindAsync(new SessionId(3), CancellationToken.None));
        Assert.Equal((1, 4), (projection.Unreadable, projection.Read));

        // The placement asks every few seconds; the session is tried again only after the pause.
        Assert.Empty(await projection.CatchUpAsync([new SessionId(2)], CancellationToken.None));
        Assert.Equal(4, projection.Read);
        _journal.Broken = null;
        _clock.Advance(UnreadableSessions.Pause);
        Assert.Equal([new SessionId(2)], await projection.CatchUpAsync([new SessionId(2)], CancellationToken.None));
        Assert.NotNull(await archive.FindAsync(new SessionId(2), CancellationToken.None));
        Assert.Equal(0, projection.Unreadable);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_database_that_does_not_answer_ends_the_step_and_writes_nothing(DatabaseKind kind)
    {
        await using var database = await _databases.PreparedAsync(kind);
        var projection = new Projection(database, _journal, _clock, Sys.Log);
        await projection.BeginAsync(CancellationToken.None);
        _journal.Broken = new InvalidOperationException("The query failed.", new TimeoutException("Too slow."));

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            projection.TakeAsync([Event(10, 1), Event(11, 2)], CancellationToken.None)
        );

        Assert.Null(await new SessionArchive(database).FindAsync(new SessionId(1), CancellationToken.None));
        Assert.Equal(0, projection.Unreadable);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Sessions_that_an_earlier_version_brought_into_the_lists_are_told(DatabaseKind kind)
    {
        await using var database = await _databases.PreparedAsync(kind);
        var projection = new Projection(database, _journal, _clock, Sys.Log);
        await projection.BeginAsync(CancellationToken.None);
        await projection.TakeAsync([Event(10, 1), Event(11, 2), Event(12, 3)], CancellationToken.None);
        var told = await CountAsync(database);
        Assert.Empty(await projection.UntoldAsync(CancellationToken.None));

        // An earlier version knows no events: it writes the rows of a session and tells nothing.
        await using (var connection = await database.OpenAsync(CancellationToken.None))
        {
            await connection.ExecuteAsync(
                "DELETE FROM events WHERE session_id IN (2, 3); DELETE FROM event_streams WHERE session_id IN (2, 3)"
            );
        }
        var untold = await projection.UntoldAsync(CancellationToken.None);
        Assert.Equal([2, 3], untold.Keys.Select(id => id.Value).Order());

        // When the placement asks, and when the next node begins.
        await projection.CatchUpAsync([new SessionId(2)], CancellationToken.None);
        await projection.TakeAheadAsync(await projection.UntoldAsync(CancellationToken.None), CancellationToken.None);
        Assert.Equal(told, await CountAsync(database));
        Assert.Empty(await projection.UntoldAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_session_whose_beginning_an_earlier_version_took_has_its_receivers(DatabaseKind kind)
    {
        await using var database = await _databases.PreparedAsync(kind);
        var store = new WebhookStore(database);
        var webhook = new Webhook(
            "whk_1",
            WebhookSource.Session,
            "https://example.org/hook",
            [],
            null,
            null,
            Enabled: false,
            null,
            Sample.Begin,
            WebhookSecret.New(),
            null,
            null
        );
        await store.PrepareAsync([webhook], CancellationToken.None);
        var projection = new Projection(database, _journal, _clock, Sys.Log);
        await projection.BeginAsync(CancellationToken.None);
        _journal.Webhooks = ["whk_1"];
        _journal.Phase = SessionPhase.Recording;

        // What is told has no session.accepted.
        await projection.TakeAsync([Event(10, 1)], CancellationToken.None);

        Assert.Equal(1, (await store.FindAsync("whk_1-1", CancellationToken.None))?.Session);
    }

    private static async Task<Dictionary<long, long>> CountAsync(FarmDatabase database)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        return (
            await connection.QueryAsync<(long Session, long Count)>(
                "SELECT session_id, COUNT(*) FROM events GROUP BY session_id"
            )
        ).ToDictionary(row => row.Session, row => row.Count);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _databases.Dispose();
    }

    private static EventEnvelope Event(long ordering, int session) =>
        new(
            new Sequence(ordering),
            SessionJournal.IdOf(new SessionId(session)),
            ordering,
            new UnreadableEvent(new JsonException("Whatever has happened to the session.")),
            0,
            []
        );

    /// <summary>A journal of sessions that have ended. Session 2 can be broken.</summary>
    private sealed class PlayedJournal : ISessionJournal
    {
        public Exception? Broken { get; set; }

        public ImmutableList<string> Webhooks { get; set; } = [];

        public SessionPhase Phase { get; set; } = SessionPhase.Stopped;

        public Task<JournaledSession> ReadAsync(SessionId session, long told) =>
            Broken is { } broken && session.Value == 2
                ? Task.FromException<JournaledSession>(broken)
                : Task.FromResult(
                    new JournaledSession(
                        new SessionState(session)
                        {
                            Spec = Sample.Spec with { Webhooks = Webhooks },
                            Node = Sample.Node,
                            Phase = Phase,
                            PhaseSince = Sample.Begin,
                            AcceptedAt = Sample.Begin,
                        },
                        20
                    )
                    {
                        Told =
                            told < 20
                                ?
                                [
                                    new EventDraft(
                                        $"evt_{session.Value}-20-0",
                                        EventType.SessionStopped,
                                        Sample.Begin,
                                        Sample.Node,
                                        20,
                                        new NoData()
                                    ),
                                ]
                                : [],
                    }
                );

        public Task<List<EventEnvelope>> NextAsync(DbConnection connection, long ordering) =>
            throw new NotSupportedException();

        public Task<Dictionary<SessionId, long>> NewestAsync(
            DbConnection connection,
            IReadOnlyCollection<SessionId> sessions
        ) => Task.FromResult(sessions.ToDictionary(session => session, _ => 20L));
    }
}
