using System.Collections.Immutable;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Tests.Webhooks;

/// <summary>What one receiver may take, and what several who write at once do to each other.</summary>
public sealed partial class WebhookLedgerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_receiver_that_hangs_takes_no_more_than_its_own_places(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        await WithWebhookAsync(database, "a");
        var (_, ledger) = await WithWebhookAsync(database, "b");
        for (var session = 1; session <= 12; session++)
        {
            await TellAsync(database, session, 1);
        }
        await ledger.TakeNewAsync(_now, CancellationToken.None);

        var underWay = ImmutableDictionary<string, int>.Empty.Add("a", 5).Add("gone", 8);
        var due = await ledger.ClaimAsync(new CallRoom(underWay, 8, 100), _now, CancellationToken.None);
        Assert.Equal((3, 8), (due.Count(one => one.Webhook == "a"), due.Count(one => one.Webhook == "b")));

        underWay = ImmutableDictionary<string, int>.Empty.Add("a", 8).Add("b", 7);
        var next = await ledger.ClaimAsync(new CallRoom(underWay, 8, 100), _now, CancellationToken.None);
        Assert.Equal(["b"], next.Select(one => one.Webhook));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_host_that_hangs_takes_no_more_than_its_own_places_under_however_many_webhooks(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var (store, ledger) = await WithWebhookAsync(database, "other");
        foreach (var (id, url) in new[] { ("a", "https://Hangs.example/1"), ("b", "https://hangs.example:443/2") })
        {
            await store.PutAsync(Webhook(id) with { Url = url }, CancellationToken.None);
        }
        for (var session = 1; session <= 4; session++)
        {
            await TellAsync(database, session, 1);
        }
        await ledger.TakeNewAsync(_now, CancellationToken.None);

        var room = new CallRoom(ImmutableDictionary<string, int>.Empty, 8, 8)
        {
            MostOfHost = 5,
            UnderWayByHost = ImmutableDictionary<string, int>.Empty.Add("hangs.example:443", 2),
        };
        var due = await ledger.ClaimAsync(room, _now, CancellationToken.None);
        Assert.Equal((3, 4), (due.Count(one => one.Webhook != "other"), due.Count(one => one.Webhook == "other")));
        Assert.Equal(
            ["example.org:443", "hangs.example:443"],
            due.Select(one => one.Host).Distinct().Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_receiver_that_is_switched_off_keeps_no_event_and_goes_on_at_its_place(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var (store, ledger) = await WithWebhookAsync(database, "a");
        await store.PutAsync(Webhook("a") with { Enabled = false }, CancellationToken.None);
        await TellAsync(database, 1, 2);
        Assert.False(await ledger.TakeNewAsync(_now, CancellationToken.None));
        Assert.Empty(await ledger.ReadAsync("a", null, long.MaxValue, 10, CancellationToken.None));
        Assert.Equal(2, await DeleteAsync(database, _now));

        await TellAsync(database, 1, 4, from: 3);
        await store.PutAsync(Webhook("a"), CancellationToken.None);
        await ledger.TakeNewAsync(_now, CancellationToken.None);
        Assert.Equal(["evt_1-3-0", "evt_1-4-0"], await DrainAsync(ledger));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Nothing_is_written_for_a_webhook_that_was_taken_out(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var (store, ledger) = await WithWebhookAsync(database, "a");
        await TellAsync(database, 1, 1);
        await store.RemoveAsync("a", CancellationToken.None);

        var past = await new EventFeed(database).AfterAsync(0, EventFilter.Everything, 10, CancellationToken.None);
        await ledger.SendAgainAsync("a", past.Events, _now, CancellationToken.None);

        Assert.Empty(await ledger.ReadAsync("a", null, long.MaxValue, 10, CancellationToken.None));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_long_ledger_is_forgotten_in_steps_and_what_is_open_stays(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var (_, ledger) = await WithWebhookAsync(database, "a");
        await using (var connection = await database.OpenAsync(CancellationToken.None))
        {
            await connection.ExecuteAsync(
                """
                WITH RECURSIVE numbers(number) AS (
                    SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 1010
                )
                INSERT INTO webhook_deliveries
                    (webhook_id, position, event_id, session_id, type, state, attempts, updated_at)
                SELECT 'a', number, '', number, '',
                    CASE WHEN number <= 5 THEN 'waiting' WHEN number % 2 = 0 THEN 'dead' ELSE 'delivered' END, 1, 1
                FROM numbers
                """
            );
        }

        Assert.Equal(0, await ledger.ForgetAsync(DateTimeOffset.FromUnixTimeMilliseconds(1), CancellationToken.None));
        Assert.Equal(WebhookLedger.MostForgotten, await ledger.ForgetAsync(_now, CancellationToken.None));
        Assert.Equal(5, await ledger.ForgetAsync(_now, CancellationToken.None));
        Assert.Equal(
            [5L, 4, 3, 2, 1],
            (await ledger.ReadAsync("a", null, long.MaxValue, 10, CancellationToken.None)).Select(one => one.Position)
        );
    }

    [Fact]
    public async Task An_event_that_is_added_while_the_one_before_is_settled_is_sent()
    {
        await using var database = await PreparedAsync(DatabaseKind.Postgres);
        var (_, ledger) = await WithWebhookAsync(database, "a");
        await TellAsync(database, 1, 1);
        await ledger.TakeNewAsync(_now, CancellationToken.None);
        var first = Assert.Single(await ClaimAsync(ledger));
        await TellAsync(database, 1, 2, from: 2);

        // Another node is in the middle of adding the second event, which waits for the first.
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using var adding = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync(
            """
            UPDATE webhooks SET position = 2 WHERE id = 'a';
            INSERT INTO webhook_deliveries
                (webhook_id, position, event_id, session_id, type, state, attempts, updated_at)
            VALUES ('a', 2, 'evt_1-2-0', 1, 'record.opened', 'waiting', 0, 0)
            """,
            transaction: adding
        );
        var settling = SettleAsync(ledger, first, new AfterCall.Delivered());
        await WaitsOrEndsAsync(database, settling);
        await adding.CommitAsync();
        await settling.WaitAsync(Limit);

        Assert.Equal("evt_1-2-0", Assert.Single(await ClaimAsync(ledger)).Call!.EventId);
    }

    [Fact]
    public async Task A_receiver_that_is_changed_while_events_are_taken_gets_what_it_wants_now()
    {
        await using var database = await PreparedAsync(DatabaseKind.Postgres);
        var (_, ledger) = await WithWebhookAsync(database, "a");
        await TellAsync(database, 1, 1);
        await TellAsync(database, 2, 1);

        // Somebody is in the middle of giving the receiver a session of its own.
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using var changing = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync("UPDATE webhooks SET session_id = 2 WHERE id = 'a'", transaction: changing);
        var taking = ledger.TakeNewAsync(_now, CancellationToken.None);
        await WaitsOrEndsAsync(database, taking);
        await changing.CommitAsync();
        await taking.WaitAsync(Limit);

        Assert.Equal("evt_2-1-0", Assert.Single(await ClaimAsync(ledger)).Call!.EventId);
    }

    [Fact]
    public async Task Calls_are_settled_in_one_order_however_they_ended()
    {
        await using var database = await PreparedAsync(DatabaseKind.Postgres);
        await WithWebhookAsync(database, "a");
        var (_, ledger) = await WithWebhookAsync(database, "b");
        await TellAsync(database, 1, 1);
        await ledger.TakeNewAsync(_now, CancellationToken.None);
        var due = await ClaimAsync(ledger);

        // Another node takes the rows of a, and then those of b.
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using var other = await connection.BeginTransactionAsync();
        await TouchAsync("a");
        var settling = ledger.SettleAsync(
            [
                .. due.OrderByDescending(one => one.Webhook)
                    .Select(one => new SettledDelivery(
                        one,
                        new CallOutcome(200, null, null, TimeSpan.Zero),
                        new AfterCall.Delivered()
                    )),
            ],
            _now,
            CancellationToken.None
        );
        await WaitsOrEndsAsync(database, settling);
        await TouchAsync("b");
        await other.CommitAsync();
        await settling.WaitAsync(Limit);

        Assert.Null(await ledger.NextDueAsync(CancellationToken.None));

        Task<int> TouchAsync(string webhook) =>
            connection.ExecuteAsync(
                """
                UPDATE webhooks SET position = position WHERE id = @webhook;
                UPDATE webhook_deliveries SET took_ms = 1 WHERE webhook_id = @webhook
                """,
                new { webhook },
                other
            );
    }

    /// <summary>Waits until a step waits for another one's rows, or has ended without a wait.</summary>
    private static Task WaitsOrEndsAsync(FarmDatabase database, Task step) =>
        Eventually.BeAsync(
            "the step waits for the rows of another one, or has ended",
            Limit,
            async () =>
            {
                await using var connection = await database.OpenAsync(CancellationToken.None);
                return step.IsCompleted
                    || await connection.ExecuteScalarAsync<long>(
                        "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                    ) > 0;
            }
        );
}
