using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Database;
using Recorder.Cluster.Tests.Journal;
using Recorder.Cluster.Tests.Sessions;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Tests.Webhooks;

/// <summary>What a change of a webhook does to the rest of the webhook, in each kind of database.</summary>
[Trait("ring", "farm")]
public sealed class WebhookChangeTests(TestPostgres postgres) : InEachDatabase(postgres)
{
    private static readonly DateTimeOffset Now = Sample.Begin;

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Only_what_is_named_is_changed(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var store = new WebhookStore(database);
        await store.PutAsync(Webhook("a", WebhookSource.Api), CancellationToken.None);
        await ExecuteAsync(
            database,
            "UPDATE webhooks SET session_id = 7, enabled = 0, disabled_reason = '410', position = 3 WHERE id = 'a'"
        );

        var before = (await store.FindAsync("a", CancellationToken.None))!;
        var change = new WebhookChange { Url = "https://example.org/other", Labels = [new SessionLabel("room", "Sal")] };
        var changed = (await store.ChangeAsync("a", change, Now, CancellationToken.None))!;
        Assert.Equal(("https://example.org/other", 7, false, "410"), Told(changed));
        Assert.Equal(("Sal", before.Secret), (Assert.Single(changed.Labels).Value, changed.Secret));

        change = new WebhookChange { Enabled = true, Secret = "new" };
        changed = (await store.ChangeAsync("a", change, Now, CancellationToken.None))!;
        Assert.Equal(("https://example.org/other", 7, true, null), Told(changed));
        Assert.Equal(["new", before.Secret], changed.SecretsAt(Now.AddHours(23)));
        Assert.Equal(["new"], changed.SecretsAt(Now.AddHours(25)));
        change = new WebhookChange { Enabled = false };
        changed = (await store.ChangeAsync("a", change, Now, CancellationToken.None))!;
        Assert.Equal(("https://example.org/other", 7, false, WebhookChange.SwitchedOff), Told(changed));
        Assert.Null(await store.ChangeAsync("b", change, Now, CancellationToken.None));

        static (string, int?, bool, string?) Told(Webhook webhook) =>
            (webhook.Url, webhook.Session, webhook.Enabled, webhook.DisabledReason);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_webhook_that_waits_for_its_session_is_not_switched_on(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var store = new WebhookStore(database);
        await store.PrepareAsync([Webhook("a", WebhookSource.Session)], CancellationToken.None);

        var change = new WebhookChange { Enabled = true };
        Assert.Null(await store.ChangeAsync("a", change, Now, CancellationToken.None));
        Assert.False((await store.FindAsync("a", CancellationToken.None))!.Enabled);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_webhook_that_the_configuration_loses_is_off_until_it_comes_back_or_is_long_gone(
        DatabaseKind kind
    )
    {
        await using var database = await PreparedAsync(kind);
        var store = new WebhookStore(database);
        var ledger = new WebhookLedger(database);
        var board = new ConfiguredWebhook("config-board", "https://example.org/", WebhookSecret.New(), []);
        await store.TakeConfiguredAsync([board], Now, CancellationToken.None);
        var past = new FarmEvent(1, "evt_1-1-0", "record.opened", 1, "{}") { At = Now };
        await ledger.SendAgainAsync(board.Id, [past], Now, CancellationToken.None);

        await store.TakeConfiguredAsync([], Now, CancellationToken.None);
        var off = (await store.FindAsync(board.Id, CancellationToken.None))!;
        Assert.Equal((false, ConfiguredWebhook.Absent), (off.Enabled, off.DisabledReason));
        await RemoveDoneAsync(29);
        await store.TakeConfiguredAsync([board], Now.AddDays(29), CancellationToken.None);
        await RemoveDoneAsync(60);
        var back = (await store.FindAsync(board.Id, CancellationToken.None))!;
        Assert.Equal((true, null), (back.Enabled, back.DisabledReason));
        Assert.Single(await ledger.ReadAsync(board.Id, null, long.MaxValue, 10, CancellationToken.None));

        await store.TakeConfiguredAsync([], Now.AddDays(60), CancellationToken.None);
        await RemoveDoneAsync(91);
        Assert.Null(await store.FindAsync(board.Id, CancellationToken.None));

        Task RemoveDoneAsync(int days) =>
            store.RemoveDoneAsync(Now.AddDays(days), TimeSpan.FromDays(30), CancellationToken.None);
    }

    [Fact]
    public async Task A_start_with_the_same_configuration_writes_no_webhook_that_somebody_may_be_changing()
    {
        await using var database = await PreparedAsync(DatabaseKind.Sqlite);
        var store = new WebhookStore(database);
        var board = new ConfiguredWebhook("config-board", "https://example.org/", WebhookSecret.New(), ["record.*"]);
        await store.TakeConfiguredAsync([board], Now, CancellationToken.None);
        await ExecuteAsync(database, "CREATE TABLE written (id TEXT)");
        await ExecuteAsync(
            database,
            "CREATE TRIGGER telling AFTER UPDATE ON webhooks BEGIN INSERT INTO written VALUES (new.id); END"
        );

        await store.TakeConfiguredAsync([board], Now, CancellationToken.None);
        Assert.Equal(0, await WrittenAsync());

        await store.TakeConfiguredAsync([board with { Types = ["session.*"] }], Now, CancellationToken.None);
        Assert.Equal(1, await WrittenAsync());
        Assert.Equal(["session.*"], (await store.FindAsync(board.Id, CancellationToken.None))!.Types);

        async Task<long> WrittenAsync()
        {
            await using var connection = await database.OpenAsync(CancellationToken.None);
            return await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM written");
        }
    }

    private static async Task ExecuteAsync(FarmDatabase database, string sql)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync(sql);
    }

    private static Webhook Webhook(string id, WebhookSource source) =>
        new(
            id,
            source,
            "https://example.org/hook",
            [],
            null,
            null,
            Enabled: true,
            null,
            Now,
            WebhookSecret.New(),
            null,
            null
        );
}
