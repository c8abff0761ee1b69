using System.Collections.Immutable;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Database;
using Recorder.Cluster.Tests.Journal;
using Recorder.Cluster.Tests.Sessions;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Tests.Webhooks;

/// <summary>Random schedules of what receivers, senders and people do. Every event arrives at least once, in the order
/// of its session, signed by secrets that its receiver knows.</summary>
[Trait("ring", "farm")]
public sealed class WebhookScheduleTests(TestPostgres postgres) : InEachDatabase(postgres)
{
    private const int Sessions = 4;
    private const int Events = 60;
    private const int MostFaultsOfAnEvent = 4;

    private static readonly string[] Receivers = ["a", "b"];

    private readonly Dictionary<string, List<string>> _arrived = Receivers.ToDictionary(
        id => id,
        _ => new List<string>()
    );
    private readonly Dictionary<string, (string Now, string? Before, DateTimeOffset Until)> _secrets = [];
    private readonly Dictionary<(string, string), int> _faults = [];
    private readonly HashSet<Fault> _met = [];
    private readonly int[] _told = new int[Sessions + 1];
    private List<Call> _underWay = [];
    private DateTimeOffset _now = Sample.Begin;

    private enum Fault
    {
        None,
        Broken,
        Hangs,
        Gone,
        Slow,
        CutOff,
        Busy,
    }

    [Theory]
    [InlineData(1, DatabaseKind.Sqlite)]
    [InlineData(2, DatabaseKind.Sqlite)]
    [InlineData(3, DatabaseKind.Sqlite)]
    [InlineData(4, DatabaseKind.Sqlite)]
    [InlineData(5, DatabaseKind.Sqlite)]
    [InlineData(6, DatabaseKind.Sqlite)]
    [InlineData(7, DatabaseKind.Postgres)]
    [InlineData(8, DatabaseKind.Postgres)]
    public async Task Each_event_arrives_in_the_order_of_its_session(int seed, DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var random = new Random(seed);
        var store = new WebhookStore(database);
        foreach (var id in Receivers)
        {
            var secret = WebhookSecret.New();
            _secrets[id] = (secret, null, _now);
            await store.PutAsync(
                new Webhook(
                    id,
                    WebhookSource.Api,
                    "https://example.org/hook",
                    id == "a" ? [] : ["record.*"],
                    null,
                    null,
                    Enabled: true,
                    null,
                    Sample.Begin.AddDays(-1),
                    secret,
                    null,
                    null
                ),
                CancellationToken.None
            );
        }
        var ledger = new WebhookLedger(database);
        var moves = 0;
        for (var step = 0; ; step++)
        {
            Assert.True(step < 20_000, $"Not all events arrived: {string.Join("; ", _arrived["a"])}");
            if (_told.Sum() < Events && random.Next(3) == 0)
            {
                await TellAsync(database, random.Next(1, Sessions + 1));
            }
            if (random.Next(40) == 0)
            {
                // The sender moves. What is under way is not written down, or is written by the node that was cut off.
                moves++;
                ledger = new WebhookLedger(database);
                _underWay = random.Next(2) == 0 ? [] : _underWay;
            }
            if (random.Next(60) == 0)
            {
                await RotateAsync(store, Receivers[random.Next(Receivers.Length)]);
            }
            foreach (var id in Receivers.Where(_ => random.Next(10) == 0))
            {
                await SwitchOnAsync(store, id);
            }
            await RoundAsync(ledger, random);
            if (_told.Sum() == Events && Receivers.All(HasAll))
            {
                break;
            }
            var next = await ledger.NextDueAsync(CancellationToken.None);
            var idle = _underWay.Count == 0 && next > _now && _told.Sum() == Events;
            _now = idle && random.Next(2) == 0 ? next!.Value : _now.AddSeconds(random.NextDouble() * 4);
        }

        Assert.True(moves > 0);
        Assert.Equal(Enum.GetValues<Fault>().Length, _met.Count);
    }

    private bool HasAll(string receiver)
    {
        var all = true;
        for (var session = 1; session <= Sessions; session++)
        {
            var expected = Enumerable.Range(1, _told[session]).Select(number => $"evt_{session}-{number}-0").ToList();
            var first = _arrived[receiver]
                .Where(id => id.StartsWith($"evt_{session}-", StringComparison.Ordinal))
                .Distinct()
                .ToList();
            Assert.Equal(expected.Take(first.Count), first);
            all &= first.Count == expected.Count;
        }
        return all;
    }

    private async Task RoundAsync(WebhookLedger ledger, Random random)
    {
        var ended = _underWay.FindAll(call => call.Until <= _now);
        _underWay = _underWay.FindAll(call => call.Until > _now);
        await ledger.SettleAsync(
            ended.ConvertAll(call =>
            {
                var age = _now - call.Due.AddedAt!.Value;
                var after = RetryPlan.Next(call.Due.Attempts, age, call.Outcome, random.NextDouble());
                return new SettledDelivery(call.Due, call.Outcome, after);
            }),
            _now,
            CancellationToken.None
        );
        await ledger.TakeNewAsync(_now, CancellationToken.None);
        var busy = _underWay
            .GroupBy(call => call.Due.Webhook)
            .ToImmutableDictionary(group => group.Key, group => group.Count());
        var due = await ledger.ClaimAsync(new CallRoom(busy, 3, random.Next(1, 9)), _now, CancellationToken.None);
        _underWay.AddRange(due.Select(one => Send(one, random)));
    }

    /// <summary>What a receiver does with a call.</summary>
    private Call Send(DueDelivery due, Random random)
    {
        var call = due.Call!;
        var (secret, before, until) = _secrets[due.Webhook];
        Assert.Equal(before is not null && _now < until ? [secret, before] : [secret], call.Secrets);

        var faults = _faults.GetValueOrDefault((due.Webhook, call.EventId));
        var fault = faults < MostFaultsOfAnEvent ? (Fault)random.Next(Enum.GetValues<Fault>().Length) : Fault.None;
        _faults[(due.Webhook, call.EventId)] = faults + (fault == Fault.None ? 0 : 1);
        _met.Add(fault);
        if (fault is Fault.None or Fault.Slow or Fault.CutOff)
        {
            _arrived[due.Webhook].Add(call.EventId);
        }
        (int? Status, string? Error, double? RetryAfter, double Took) outcome = fault switch
        {
            Fault.None => (200, null, null, 0.1),
            Fault.Slow => (200, null, null, 14),
            Fault.CutOff => (200, "The answer broke off.", null, 0.2),
            Fault.Hangs => (null, "The receiver did not answer within 15 s.", null, 15),
            Fault.Gone => (410, "The receiver answered 410.", null, 0.1),
            Fault.Busy => (503, "The receiver answered 503.", random.Next(1, 300), 0.1),
            _ => (500, "The receiver answered 500.", null, 0.1),
        };
        var time = TimeSpan.FromSeconds(outcome.Took);
        var wait = outcome.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        return new Call(due, new CallOutcome(outcome.Status, outcome.Error, wait, time), _now + time);
    }

    private async Task RotateAsync(WebhookStore store, string id)
    {
        var webhook = (await store.FindAsync(id, CancellationToken.None))!.WithSecret(WebhookSecret.New(), _now);
        await store.PutAsync(webhook, CancellationToken.None);
        _secrets[id] = (webhook.Secret, webhook.EarlierSecret, webhook.EarlierUntil!.Value);
    }

    private static async Task SwitchOnAsync(WebhookStore store, string id)
    {
        if (await store.FindAsync(id, CancellationToken.None) is { Enabled: false } off)
        {
            await store.PutAsync(off with { Enabled = true, DisabledReason = null }, CancellationToken.None);
        }
    }

    private async Task TellAsync(FarmDatabase database, int session)
    {
        var number = ++_told[session];
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync();
        await EventTables.WriteAsync(
            transaction,
            ToldSession.Of(new SessionId(session)),
            [
                new EventDraft(
                    $"evt_{session}-{number}-0",
                    EventType.RecordOpened,
                    _now,
                    Sample.Node,
                    number,
                    new NoData()
                ),
            ],
            number
        );
        await transaction.CommitAsync();
    }

    private sealed record Call(DueDelivery Due, CallOutcome Outcome, DateTimeOffset Until);
}
