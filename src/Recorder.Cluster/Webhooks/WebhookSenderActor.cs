using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;

namespace Recorder.Cluster.Webhooks;

/// <summary>
/// Sends events to their receivers, on one node of the farm. The actor goes in rounds: what has been sent is written
/// down, new events are taken from the feed, and what is due is claimed and sent. All that must not be forgotten is in
/// the <see cref="WebhookLedger"/>.
/// </summary>
internal sealed class WebhookSenderActor : ReceiveActor, IWithTimers, IDisposable
{
    /// <summary>The most calls of one receiver at once.</summary>
    public const int MostOfOne = 8;

    /// <summary>The most calls of one host and port at once, whatever webhooks call there. Half of all, so that one
    /// host that hangs leaves room for the others, and some hanging receivers of a host leave room for its good
    /// ones.</summary>
    public const int MostOfHost = 200;

    /// <summary>The most calls at once.</summary>
    public const int MostAtOnce = 400;

    /// <summary>How often the actor looks when nothing calls it.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ForgetInterval = TimeSpan.FromMinutes(10);

    /// <summary>How often the webhooks of sessions are taken out that are done.</summary>
    private static readonly TimeSpan TidyInterval = TimeSpan.FromSeconds(30);

    /// <summary>The pause after a full step.</summary>
    private static readonly TimeSpan ForgetPause = TimeSpan.FromSeconds(2);

    private readonly WebhookLedger _ledger;
    private readonly WebhookStore _store;
    private readonly IWebhookCalls _calls;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _kept;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, int> _underWay = [];
    private readonly Dictionary<string, int> _underWayByHost = [];
    private ImmutableList<SettledDelivery> _settled = [];
    private ImmutableList<ConfiguredWebhook>? _unwritten;
    private bool _round;
    private bool _again;
    private bool _silent;

    public WebhookSenderActor(
        FarmDatabase database,
        IWebhookCalls calls,
        ImmutableList<ConfiguredWebhook> configured,
        TimeSpan kept,
        TimeProvider clock
    )
    {
        _unwritten = configured;
        _store = new WebhookStore(database);
        _ledger = new WebhookLedger(database);
        _calls = calls;
        _kept = kept;
        _clock = clock;
        Receive<FeedGrew>(_ => BeginRound());
        Receive<WebhooksChanged>(_ => BeginRound());
        Receive<Due>(_ => BeginRound());
        Receive<RoundDone>(OnRoundDone);
        Receive<RoundFailed>(OnRoundFailed);
        Receive<SettledDelivery>(OnSettled);
        Receive<ForgetDue>(_ => Forget());
        Receive<TidyDue>(_ => Tidy());
        Receive<Tidied>(OnTidied);
        Receive<Forgotten>(OnForgotten);
        Receive<TestWebhook>(OnTest);
        Receive<Status.Failure>(failure =>
            _log.Warning("The ledger of the webhooks could not be tidied: {0}", failure.Cause.Message)
        );
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(FeedGrew));
        Timers.StartPeriodicTimer(nameof(ForgetDue), new ForgetDue(), ForgetInterval);
        Timers.StartPeriodicTimer(nameof(TidyDue), new TidyDue(), TidyInterval);
        BeginRound();
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _stopping.Cancel();
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    /// <summary>Begins a round, or another one after the present round.</summary>
    private void BeginRound()
    {
        if (_round)
        {
            _again = true;
            return;
        }
        _round = true;
        _again = false;
        var settled = _settled;
        _settled = [];
        var room = new CallRoom(_underWay.ToImmutableDictionary(), MostOfOne, MostAtOnce - _underWay.Values.Sum())
        {
            UnderWayByHost = _underWayByHost.ToImmutableDictionary(),
            MostOfHost = MostOfHost,
        };
        RoundAsync(settled, room)
            .PipeTo(Self, success: done => done, failure: cause => new RoundFailed(settled, cause));
    }

    private async Task<object> RoundAsync(ImmutableList<SettledDelivery> settled, CallRoom room)
    {
        var stopping = _stopping.Token;
        if (_unwritten is { } configured)
        {
            await _store.TakeConfiguredAsync(configured, _clock.GetUtcNow(), stopping);
            _unwritten = null;
        }
        await _ledger.SettleAsync(settled, _clock.GetUtcNow(), stopping);
        var more = await _ledger.TakeNewAsync(_clock.GetUtcNow(), stopping);
        var due =
            room.Most > 0
                ? await _ledger.ClaimAsync(room, _clock.GetUtcNow(), stopping)
                : ImmutableList<DueDelivery>.Empty;
        return new RoundDone(due, more, await _ledger.NextDueAsync(stopping));
    }

    private void OnRoundDone(RoundDone done)
    {
        _round = false;
        _silent = false;
        foreach (var due in done.Due)
        {
            Count(_underWay, due.Webhook, 1);
            Count(_underWayByHost, due.Host, 1);
            SendAsync(due).PipeTo(Self);
        }
        if (_again || done.More || !_settled.IsEmpty)
        {
            BeginRound();
            return;
        }
        var rest = done.NextDue is { } next ? next - _clock.GetUtcNow() : LongestRest;

        // What is due already waits for a receiver that is called as often as it may be. Its next answer begins a
        // round.
        Timers.StartSingleTimer(
            nameof(Due),
            new Due(),
            rest <= TimeSpan.Zero || rest > LongestRest ? LongestRest : rest
        );
    }

    private void OnRoundFailed(RoundFailed failed)
    {
        _round = false;
        _settled = failed.Settled.AddRange(_settled);
        if (!_silent && !_stopping.IsCancellationRequested)
        {
            _silent = true;
            _log.Warning(
                "No events are sent to webhooks until the database answers again: {0}",
                failed.Cause.GetBaseException().Message
            );
        }
        Timers.StartSingleTimer(nameof(Due), new Due(), TimeSpan.FromSeconds(1));
    }

    private async Task<SettledDelivery> SendAsync(DueDelivery due)
    {
        if (due.Call is null)
        {
            return new SettledDelivery(
                due,
                new CallOutcome(null, "The event is no longer kept (Retention:Events).", null, TimeSpan.Zero),
                new AfterCall.Dead()
            );
        }
        var outcome = await _calls.SendAsync(due.Call, _stopping.Token);
        var age = due.AddedAt is { } added ? _clock.GetUtcNow() - added : TimeSpan.Zero;
        return new SettledDelivery(
            due,
            outcome,
            RetryPlan.Next(due.Attempts, age, outcome, Random.Shared.NextDouble())
        );
    }

    private void OnSettled(SettledDelivery settled)
    {
        var webhook = settled.Delivery.Webhook;
        Count(_underWay, webhook, -1);
        Count(_underWayByHost, settled.Delivery.Host, -1);
        if (settled.After is AfterCall.Gone)
        {
            _log.Warning("The receiver of webhook {0} answered 410, and gets no events until it is switched on", webhook);
        }
        if (settled.After is AfterCall.Dead)
        {
            _log.Warning(
                "Event {0} is not sent to webhook {1} any more after {2} tries: {3}",
                [
                    settled.Delivery.Call?.EventId ?? "?",
                    webhook,
                    settled.Delivery.Attempts,
                    settled.Outcome.Error ?? $"the receiver answered {settled.Outcome.Status}",
                ]
            );
        }
        _settled = _settled.Add(settled);
        BeginRound();
    }

    private static void Count(Dictionary<string, int> calls, string called, int more)
    {
        calls[called] = calls.GetValueOrDefault(called) + more;
        if (calls[called] <= 0)
        {
            calls.Remove(called);
        }
    }

    private void Forget() =>
        _ledger
            .ForgetAsync(_clock.GetUtcNow() - _kept, _stopping.Token)
            .PipeTo(Self, success: forgotten => new Forgotten(forgotten));

    private void Tidy() =>
        _store
            .RemoveDoneAsync(_clock.GetUtcNow(), _kept, _stopping.Token)
            .PipeTo(Self, success: done => new Tidied(done));

    private void OnTidied(Tidied tidied)
    {
        if (!tidied.Done.Attached.IsEmpty)
        {
            _log.Debug("The webhooks {0} of sessions are done", string.Join(", ", tidied.Done.Attached));
        }
        if (!tidied.Done.Absent.IsEmpty)
        {
            _log.Info(
                "The webhooks {0} are removed with their ledgers, since the configuration has not had them for long",
                string.Join(", ", tidied.Done.Absent)
            );
        }
        if (!tidied.Done.Prepared.IsEmpty)
        {
            _log.Warning(
                "The webhooks {0} were named by a start, no session has taken them, and they are removed. That is so after "
                    + "a start that was refused or repeated. A session that did start with such a webhook sends no events to "
                    + "the webhook's receiver; read the session's events from GET /api/events.",
                string.Join(", ", tidied.Done.Prepared)
            );
        }
    }

    private void OnForgotten(Forgotten forgotten)
    {
        if (forgotten.Count == WebhookLedger.MostForgotten)
        {
            Timers.StartSingleTimer(nameof(Forgotten), new ForgetDue(), ForgetPause);
        }
    }

    private void OnTest(TestWebhook test)
    {
        var asker = Sender;
        TestAsync(test.Webhook)
            .PipeTo(
                asker,
                Self,
                failure: cause => new WebhookTested(
                    test.Webhook,
                    null,
                    $"The test could not be made: {cause.GetBaseException().Message}",
                    TimeSpan.Zero
                )
            );
    }

    private async Task<WebhookTested> TestAsync(string id)
    {
        if (await _store.FindAsync(id, _stopping.Token) is not { } webhook)
        {
            return new WebhookTested(id, null, $"There is no webhook {id}.", TimeSpan.Zero);
        }
        var at = _clock.GetUtcNow();
        var call = WebhookTest.Of(webhook, at);
        var outcome = await _calls.SendAsync(call, _stopping.Token);
        return new WebhookTested(id, outcome.Status, outcome.Error, outcome.Took);
    }

    private sealed record Due;

    private sealed record ForgetDue;

    private sealed record Forgotten(int Count);

    private sealed record TidyDue;

    private sealed record Tidied(DoneWebhooks Done);

    private sealed record RoundDone(ImmutableList<DueDelivery> Due, bool More, DateTimeOffset? NextDue);

    private sealed record RoundFailed(ImmutableList<SettledDelivery> Settled, Exception Cause);
}
