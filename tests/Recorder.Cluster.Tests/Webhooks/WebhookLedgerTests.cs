using System.Collections.Immutable;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Database;
using Recorder.Cluster.Tests.Journal;
using Recorder.Cluster.Tests.Sessions;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Tests.Webhooks;

/// <summary>The ledger of webhooks in each kind of database.</summary>
[Trait("ring", "farm")]
public sealed partial class WebhookLedgerTests(TestPostgres postgres) : InEachDatabase(postgres)
{
    private DateTimeOffset _now = Sample.Begin;

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_failing_event_holds_up_its_own_session_and_no_other(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var (store, ledger) = await WithWebhookAsync(database, "a");
        await TellAsync(database, 1, 2);
        await TellAsync(database, 2, 1);
        Assert.False(await ledger.TakeNewAsync(_now, CancellationToken.None));

        var due = await ClaimAsync(ledger);
        Assert.Equal(["evt_1-1-0", "evt_2-1-0"], due.Select(one => one.Call!.EventId));
        Assert.Empty(await ClaimAsync(ledger));
        await SettleAsync(ledger, due[0], new AfterCall.Retry(TimeSpan.FromSeconds(5)));
        await SettleAsync(ledger, due[1], new AfterCall.Delivered());
        Assert.Empty(await ClaimAsync(ledger));
        Assert.Equal(_now.AddSeconds(5), await ledger.NextDueAsync(CancellationToken.None));

        _now = _now.AddSeconds(5);
        var again = Assert.Single(await ClaimAsync(ledger));
        Assert.Equal(("evt_1-1-0", 2), (again.Call!.EventId, again.Attempts));
        await SettleAsync(ledger, again, new AfterCall.Dead());

        // What was given up does not hold the session up.
        Assert.Equal("evt_1-2-0", Assert.Single(await ClaimAsync(ledger)).Call!.EventId);
        var told = await ledger.ReadAsync("a", null, long.MaxValue, 10, CancellationToken.None);
        Assert.Equal(
            [WebhookDeliveryState.Delivered, WebhookDeliveryState.Pending, WebhookDeliveryState.Dead],
            told.Select(one => one.State)
        );
        Assert.NotNull(await store.FindAsync("a", CancellationToken.None));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_receiver_that_is_gone_is_switched_off_and_keeps_its_place(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var (store, ledger) = await WithWebhookAsync(database, "a");
        await TellAsync(database, 1, 2);
        await ledger.TakeNewAsync(_now, CancellationToken.None);
        await SettleAsync(ledger, Assert.Single(await ClaimAsync(ledger)), new AfterCall.Gone());

        Assert.Empty(await ClaimAsync(ledger));
        Assert.Null(await ledger.NextDueAsync(CancellationToken.None));
        var gone = (await store.FindAsync("a", CancellationToken.None))!;
        Assert.False(gone.Enabled);
        Assert.Contains("410", gone.DisabledReason, StringComparison.Ordinal);

        await store.PutAsync(gone with { Enabled = true, DisabledReason = null }, CancellationToken.None);
        Assert.Equal(["evt_1-1-0", "evt_1-2-0"], await DrainAsync(ledger));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task What_piled_up_behind_an_event_that_dies_is_tried_at_once_and_the_newest_stays(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var (_, ledger) = await WithWebhookAsync(database, "a");
        await TellAsync(database, 1, 5);
        await ledger.TakeNewAsync(_now, CancellationToken.None);
        var began = _now;
        var failed = new CallOutcome(500, "The receiver answered 500.", null, TimeSpan.Zero);
        List<string> dead = [];
        while (dead.Count < 5)
        {
            if (dead.Count == 0 && _now - began > TimeSpan.FromHours(24))
            {
                await TellAsync(database, 1, 6, from: 6);
                await ledger.TakeNewAsync(_now, CancellationToken.None);
            }
            var due = Assert.Single(await ClaimAsync(ledger));
            var after = RetryPlan.Next(due.Attempts, _now - due.AddedAt!.Value, failed, 0.5);
            await ledger.SettleAsync([new SettledDelivery(due, failed, after)], _now, CancellationToken.None);
            if (after is AfterCall.Dead)
            {
                dead.Add(due.Call!.EventId);
            }
            _now = await ledger.NextDueAsync(CancellationToken.None) is { } next && next > _now ? next : _now;
        }

        // The four behind the first one die with it, and the event of the last hour is tried as any other.
        Assert.Equal(["evt_1-1-0", "evt_1-2-0", "evt_1-3-0", "evt_1-4-0", "evt_1-5-0"], dead);
        Assert.InRange(_now - began, TimeSpan.FromHours(24), TimeSpan.FromHours(30));
        var last = Assert.Single(await ClaimAsync(ledger));
        Assert.Equal("evt_1-6-0", last.Call!.EventId);
        Assert.IsType<AfterCall.Retry>(RetryPlan.Next(last.Attempts, _now - last.AddedAt!.Value, failed, 0.5));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_receiver_gets_the_events_of_sessions_with_its_labels(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var store = new WebhookStore(database);
        var ledger = new WebhookLedger(database);
        var webhook = Webhook("a") with { Labels = [new SessionLabel("room", "Sal")] };
        await store.PutAsync(webhook, CancellationToken.None);
        Assert.Equal(webhook.Labels, (await store.FindAsync("a", CancellationToken.None))!.Labels);
        await TellAsync(database, 1, 1, labels: new SessionLabel("room", "Sal"));
        await TellAsync(database, 2, 1, labels: new SessionLabel("room", "Aula"));
        await ledger.TakeNewAsync(_now, CancellationToken.None);
        Assert.Equal(["evt_1-1-0"], await DrainAsync(ledger));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_new_webhook_gets_the_events_from_now_on_and_the_past_when_asked(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        await TellAsync(database, 1, 2);
        var (_, ledger) = await WithWebhookAsync(database, "a");
        await TellAsync(database, 1, 3);
        await ledger.TakeNewAsync(_now, CancellationToken.None);
        var due = Assert.Single(await ClaimAsync(ledger));
        Assert.Equal("evt_1-3-0", due.Call!.EventId);
        await SettleAsync(ledger, due, new AfterCall.Delivered());

        var past = await new EventFeed(database).AfterAsync(0, EventFilter.Everything, 10, CancellationToken.None);
        await ledger.SendAgainAsync("a", past.Events, _now, CancellationToken.None);
        Assert.Equal(["evt_1-1-0", "evt_1-2-0", "evt_1-3-0"], await DrainAsync(ledger));
        Assert.Empty(await DrainAsync(ledger));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task An_event_that_a_webhook_is_still_to_get_is_not_deleted(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var (_, ledger) = await WithWebhookAsync(database, "a");
        await TellAsync(database, 1, 2);
        await ledger.TakeNewAsync(_now, CancellationToken.None);
        Assert.Equal(0, await DeleteAsync(database, _now));
        Assert.Equal(2, (await DrainAsync(ledger)).Count);
        Assert.Equal(2, await DeleteAsync(database, _now));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task An_event_that_a_webhook_has_not_taken_for_long_is_deleted(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var (_, ledger) = await WithWebhookAsync(database, "a");
        await TellAsync(database, 1, 2);
        await ledger.TakeNewAsync(_now, CancellationToken.None);

        Assert.Equal(2, await DeleteAsync(database, _now.AddDays(1)));
        Assert.Null(Assert.Single(await ClaimAsync(ledger)).Call);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Whatever_fails_and_dies_each_event_arrives_in_the_order_of_its_session(int seed)
    {
        await using var database = await PreparedAsync(DatabaseKind.Sqlite);
        var random = new Random(seed);
        var (store, ledger) = await WithWebhookAsync(database, "a");
        await store.PutAsync(Webhook("b") with { Types = ["record.*"] }, CancellationToken.None);
        string[] receivers = ["a", "b"];
        var arrived = receivers.ToDictionary(id => id, _ => new List<string>());
        var told = new Dictionary<int, int>();
        List<SettledDelivery> unwritten = [];
        List<(DueDelivery Due, DateTimeOffset Since)> underWay = [];
        for (var step = 0; step < 300; step++)
        {
            _now = _now.AddSeconds(random.NextDouble() * 8);

            // A call ends within 15 s, long before its claim lapses.
            underWay.RemoveAll(call => _now - call.Since > TimeSpan.FromSeconds(15));
            switch (random.Next(6))
            {
                case 0 when told.Values.Sum() < 60:
                    var session = random.Next(1, 4);
                    told[session] = told.GetValueOrDefault(session) + 1;
                    await TellAsync(database, session, told[session], from: told[session]);
                    break;
                case 1:
                    await ledger.TakeNewAsync(_now, CancellationToken.None);
                    break;
                case 2:
                    underWay.AddRange(
                        (await ClaimAsync(ledger, random.Next(1, 5))).Select(due => (due, _now))
                    );
                    break;
                case 3 when underWay.Count > 0:
                    var (called, since) = underWay[random.Next(underWay.Count)];
                    underWay.Remove((called, since));
                    var failed = random.Next(3) == 0;

                    // Also a receiver that has the event may fail to say so.
                    if (!failed || random.Next(2) == 0)
                    {
                        arrived[called.Webhook].Add(called.Call!.EventId);
                    }
                    var outcome = new CallOutcome(failed ? 500 : 200, failed ? "failed" : null, null, TimeSpan.Zero);
                    unwritten.Add(
                        new SettledDelivery(
                            called,
                            outcome,
                            failed ? new AfterCall.Retry(TimeSpan.FromSeconds(5)) : new AfterCall.Delivered()
                        )
                    );
                    break;
                case 4:
                    await ledger.SettleAsync(unwritten, _now, CancellationToken.None);
                    unwritten.Clear();
                    break;
                case 5 when random.Next(8) == 0:
                    // The sender dies: what it has not written down is forgotten, and what is under way ends with it.
                    unwritten.Clear();
                    underWay.Clear();
                    ledger = new WebhookLedger(database);
                    break;
            }
        }
        await ledger.SettleAsync(unwritten, _now, CancellationToken.None);
        for (var round = 0; round < 200; round++)
        {
            _now = _now.AddSeconds(40);
            await ledger.TakeNewAsync(_now, CancellationToken.None);
            foreach (var due in await ClaimAsync(ledger))
            {
                arrived[due.Webhook].Add(due.Call!.EventId);
                await SettleAsync(ledger, due, new AfterCall.Delivered());
            }
        }

        foreach (var (session, count) in told)
        {
            var expected = Enumerable.Range(1, count).Select(number => $"evt_{session}-{number}-0").ToList();
            foreach (var receiver in receivers)
            {
                // Seen for the first time, the events come in order; an event that comes again is one that was seen.
                Assert.Equal(
                    expected,
                    arrived[receiver]
                        .Where(id => id.StartsWith($"evt_{session}-", StringComparison.Ordinal))
                        .Distinct()
                );
            }
        }
    }

    private static Webhook Webhook(string id) =>
        new(
            id,
            WebhookSource.Api,
            "https://example.org/hook",
            [],
            null,
            null,
            true,
            null,
            Sample.Begin.AddDays(-1),
            WebhookSecret.New(),
            null,
            null
        );

    private static async Task<(WebhookStore, WebhookLedger)> WithWebhookAsync(FarmDatabase database, string id)
    {
        var store = new WebhookStore(database);
        await store.PutAsync(Webhook(id), CancellationToken.None);
        return (store, new WebhookLedger(database));
    }

    private Task<ImmutableList<DueDelivery>> ClaimAsync(WebhookLedger ledger, int most = 100) =>
        ledger.ClaimAsync(
            new CallRoom(ImmutableDictionary<string, int>.Empty, 100, most),
            _now,
            CancellationToken.None
        );

    private Task SettleAsync(WebhookLedger ledger, DueDelivery due, AfterCall after) =>
        ledger.SettleAsync(
            [new SettledDelivery(due, new CallOutcome(200, null, null, TimeSpan.FromMilliseconds(3)), after)],
            _now,
            CancellationToken.None
        );

    /// <summary>Deletes the events of the past; up to a time even those that a webhook is to get.</summary>
    private Task<int> DeleteAsync(FarmDatabase database, DateTimeOffset evenWanted) =>
        EventDeletion.StepAsync(database, _now.AddDays(1), evenWanted, CancellationToken.None);

    /// <summary>Delivers all that is due, and tells in which order.</summary>
    private async Task<List<string>> DrainAsync(WebhookLedger ledger)
    {
        List<string> sent = [];
        while (await ClaimAsync(ledger) is { IsEmpty: false } due)
        {
            foreach (var one in due)
            {
                sent.Add(one.Call!.EventId);
                await SettleAsync(ledger, one, new AfterCall.Delivered());
            }
        }
        return sent;
    }

    /// <summary>Tells events of a session.</summary>
    private static async Task TellAsync(
        FarmDatabase database,
        int session,
        int upTo,
        int from = 1,
        params SessionLabel[] labels
    )
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync();
        await EventTables.WriteAsync(
            transaction,
            new ToldSession(new SessionId(session), null, [.. labels]),
            [
                .. Enumerable
                    .Range(from, upTo - from + 1)
                    .Select(number => new EventDraft(
                        $"evt_{session}-{number}-0",
                        EventType.RecordOpened,
                        Sample.Begin,
                        Sample.Node,
                        number,
                        new NoData()
                    )),
            ],
            upTo
        );
        await transaction.CommitAsync();
    }
}
