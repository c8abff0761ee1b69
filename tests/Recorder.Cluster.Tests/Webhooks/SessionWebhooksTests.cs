using System.Collections.Immutable;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Database;
using Recorder.Cluster.Tests.Journal;
using Recorder.Cluster.Tests.Sessions;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Tests.Webhooks;

/// <summary>The receivers that the start of a session names, in each kind of database.</summary>
[Trait("ring", "farm")]
public sealed class SessionWebhooksTests(TestPostgres postgres) : InEachDatabase(postgres)
{
    private static readonly SessionId Session = new(7);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private DateTimeOffset _now = Sample.Begin;

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_receiver_gets_the_events_of_its_session_from_the_first_on_and_is_then_gone(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var store = new WebhookStore(database);
        var ledger = new WebhookLedger(database);
        await store.PrepareAsync([Named("whk_1")], CancellationToken.None);
        await TellAsync(database, new SessionId(6), attach: false, upTo: 1);
        await ledger.TakeNewAsync(_now, CancellationToken.None);
        await TellAsync(database, Session, attach: true, upTo: 2);
        await EndAsync(database, settled: false);
        await TellAsync(database, new SessionId(8), attach: false, upTo: 1);
        await ledger.TakeNewAsync(_now, CancellationToken.None);

        Assert.Equal(["evt_7-1-0"], (await ClaimAsync(ledger)).Select(due => due.Call!.EventId));
        await DeliverAsync(ledger, "evt_7-1-0", "evt_7-2-0");

        // The session still has a delivery to make, and then tells of it.
        Assert.Empty(await DoneAsync(store, _now));
        await TellAsync(database, Session, attach: false, upTo: 3, from: 3);
        await EndAsync(database, settled: true);
        Assert.Empty(await DoneAsync(store, _now));
        await ledger.TakeNewAsync(_now, CancellationToken.None);
        Assert.Empty(await DoneAsync(store, _now));
        await DeliverAsync(ledger, "evt_7-3-0");

        Assert.Equal(["whk_1-7"], await DoneAsync(store, _now));
        Assert.Empty(await store.ListAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_start_that_is_repeated_or_comes_to_nothing_leaves_nothing_behind(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var store = new WebhookStore(database);
        await store.PrepareAsync([Named("whk_1"), Named("whk_2")], CancellationToken.None);
        await TellAsync(database, Session, attach: true, upTo: 1);
        await store.PrepareAsync([Named("whk_1"), Named("whk_2")], CancellationToken.None);
        var attached = (await store.FindAsync("whk_1-7", CancellationToken.None))!;
        Assert.Equal((Session.Value, true), (attached.Session, attached.Enabled));
        Assert.False((await store.FindAsync("whk_2", CancellationToken.None))!.Enabled);

        await EndAsync(database, settled: false);
        Assert.Empty(await DoneAsync(store, _now.AddMinutes(59)));
        Assert.Equal(["whk_1*", "whk_2*"], await DoneAsync(store, _now.AddMinutes(61)));

        // What is never delivered ends with the events themselves.
        await EndAsync(database, settled: true);
        Assert.Empty(await DoneAsync(store, _now + Kept));
        Assert.Equal(["whk_1-7"], await DoneAsync(store, _now.AddHours(2) + Kept));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_start_that_is_repeated_since_its_session_failed_has_its_receiver_again(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var store = new WebhookStore(database);
        var ledger = new WebhookLedger(database);
        foreach (var session in new[] { Session, new SessionId(8) })
        {
            await store.PrepareAsync([Named("whk_1")], CancellationToken.None);
            await TellAsync(database, session, attach: true, upTo: 1);
            await ledger.TakeNewAsync(_now, CancellationToken.None);
        }

        Assert.Equal(
            [("whk_1-7", "evt_7-1-0"), ("whk_1-8", "evt_8-1-0")],
            (await ClaimAsync(ledger)).Select(due => (due.Webhook, due.Call!.EventId))
        );

        // A session has its receiver once, however often its start is repeated.
        await store.PrepareAsync([Named("whk_1")], CancellationToken.None);
        await TellAsync(database, Session, attach: true, upTo: 2, from: 2);
        Assert.Null((await store.FindAsync("whk_1", CancellationToken.None))!.Session);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite, true, "dead")]
    [InlineData(DatabaseKind.Postgres, true, "dead")]
    [InlineData(DatabaseKind.Sqlite, true, "gone")]
    [InlineData(DatabaseKind.Postgres, true, "gone")]
    [InlineData(DatabaseKind.Sqlite, false, "delivered")]
    [InlineData(DatabaseKind.Postgres, false, "delivered")]
    public async Task A_receiver_that_gets_nothing_any_more_is_not_kept(DatabaseKind kind, bool known, string end)
    {
        await using var database = await PreparedAsync(kind);
        var store = new WebhookStore(database);
        var ledger = new WebhookLedger(database);
        await store.PrepareAsync([Named("whk_1")], CancellationToken.None);
        await TellAsync(database, Session, attach: true, upTo: 1);
        await ledger.TakeNewAsync(_now, CancellationToken.None);
        AfterCall after = end switch
        {
            "dead" => new AfterCall.Dead(),
            "gone" => new AfterCall.Gone(),
            _ => new AfterCall.Delivered(),
        };
        var due = Assert.Single(await ClaimAsync(ledger));
        await ledger.SettleAsync(
            [new SettledDelivery(due, new CallOutcome(500, null, null, TimeSpan.Zero), after)],
            _now,
            CancellationToken.None
        );
        if (known)
        {
            await EndAsync(database, settled: false);
            Assert.Empty(await DoneAsync(store, _now));
            await EndAsync(database, settled: true);
        }

        var later = known ? _now : _now.AddHours(2);
        Assert.Equal(["whk_1-7"], await DoneAsync(store, later));
    }

    [Fact]
    public async Task A_receiver_waits_for_its_session_until_the_read_model_has_caught_up_with_the_journal()
    {
        await using var database = await PreparedAsync(DatabaseKind.Sqlite);
        var store = new WebhookStore(database);
        await store.PrepareAsync([Named("whk_1")], CancellationToken.None);
        await WriteAsync("INSERT INTO projections (name, ordering) VALUES ('sessions', 4)");
        await WriteAsync(
            "INSERT INTO journal (ordering, persistence_id, sequence_number) VALUES (5, 'session-7', 1), (6, 'session-7', 2)"
        );

        _now = _now.AddHours(3);
        Assert.Empty(await DoneAsync(store, _now));
        await WriteAsync("UPDATE projections SET ordering = 5");
        Assert.Equal(["whk_1*"], await DoneAsync(store, _now));

        async Task WriteAsync(string sql)
        {
            await using var connection = await database.OpenAsync(CancellationToken.None);
            await connection.ExecuteAsync(sql);
        }
    }

    /// <summary>The webhooks that are taken out; an asterisk marks those that no session has taken.</summary>
    private static async Task<ImmutableList<string>> DoneAsync(WebhookStore store, DateTimeOffset now)
    {
        var done = await store.RemoveDoneAsync(now, Kept, CancellationToken.None);
        return done.Attached.AddRange(done.Prepared.Select(id => $"{id}*"));
    }

    private Webhook Named(string id) =>
        new(
            id,
            WebhookSource.Session,
            "https://example.org/hook",
            [],
            null,
            null,
            Enabled: false,
            null,
            _now,
            WebhookSecret.New(),
            null,
            null
        );

    private async Task DeliverAsync(WebhookLedger ledger, params string[] events)
    {
        foreach (var expected in events)
        {
            _now = _now.AddMinutes(1);
            var due = Assert.Single(await ClaimAsync(ledger));
            Assert.Equal(expected, due.Call!.EventId);
            await ledger.SettleAsync(
                [new SettledDelivery(due, new CallOutcome(200, null, null, TimeSpan.Zero), new AfterCall.Delivered())],
                _now,
                CancellationToken.None
            );
        }
    }

    private Task<ImmutableList<DueDelivery>> ClaimAsync(WebhookLedger ledger) =>
        ledger.ClaimAsync(new CallRoom(ImmutableDictionary<string, int>.Empty, 8, 100), _now, CancellationToken.None);

    private static async Task EndAsync(FarmDatabase database, bool settled)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync(
            """
            DELETE FROM sessions;
            INSERT INTO sessions (id, sequence_nr, phase, ended, settled, ever_recorded, node, ended_at, body)
            VALUES (7, 9, 'stopped', @yes, @settled, @yes, 'a', @at, '{}')
            """,
            new
            {
                yes = true,
                settled,
                at = Sample.Begin.AddHours(1).ToUnixTimeMilliseconds(),
            }
        );
    }

    private async Task TellAsync(FarmDatabase database, SessionId session, bool attach, int upTo, int from = 1)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync();
        await EventTables.WriteAsync(
            transaction,
            ToldSession.Of(session),
            [
                .. Enumerable
                    .Range(from, upTo - from + 1)
                    .Select(number => new EventDraft(
                        $"evt_{session.Value}-{number}-0",
                        EventType.RecordOpened,
                        _now,
                        Sample.Node,
                        number,
                        new NoData()
                    )),
            ],
            upTo
        );
        if (attach)
        {
            await WebhookStore.AttachAsync(transaction, session, ["whk_1"]);
        }
        await transaction.CommitAsync();
    }
}
