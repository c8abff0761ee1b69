using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Recorder.Cluster.Capacity;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Schedules;

/// <summary>
/// Carries the schedules out, on one node of the farm. The actor goes in rounds. Times that have come are settled in
/// the database, each once. Each settled time has an <see cref="OccurrenceActor"/> until its session has ended. All
/// that must not be forgotten is in the <see cref="ScheduleBook"/>, so the next such actor goes on from there.
/// </summary>
internal sealed class SchedulesActor : ReceiveActor, IWithTimers, IDisposable
{
    /// <summary>How often the actor looks when nothing calls it.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ForgetInterval = TimeSpan.FromHours(1);

    /// <summary>The most times of one schedule that are settled in a round. A farm that was down for long has missed
    /// many.</summary>
    private const int MostInRound = 100;

    private readonly ScheduleBook _book;
    private readonly WebhookStore _webhooks;
    private readonly TimeSpan _hold;
    private readonly IActorRef _placement;
    private readonly IActorRef _sessions;
    private readonly IActorRef _feed;
    private readonly Func<SessionId, Task<SessionSummary?>> _archive;
    private readonly TimeProvider _clock;
    private readonly string _node = Akka.Cluster.Cluster.Get(Context.System).SelfAddress.ToString();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, IActorRef> _children = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unreadable = new(StringComparer.Ordinal);
    private readonly List<object> _unwritten = [];
    private DateTimeOffset _forgotten = DateTimeOffset.MinValue;
    private bool _round;
    private bool _again;
    private bool _silent;

    /// <summary>The places that the placement was told of.</summary>
    private ImmutableList<PromisedPlace> _places = [];

    /// <summary>The keys of the places at risk, as they were last noted; null: not by this actor yet.</summary>
    private ImmutableHashSet<string>? _atRisk;

    /// <summary>Whether the placement was told of places. Places of an earlier such actor pass by themselves.</summary>
    private bool _promised;

    /// <param name="database">The database of the farm.</param>
    /// <param name="hold">How long before its time a place is reserved.</param>
    /// <param name="placement">The way to the placement.</param>
    /// <param name="sessions">The way to the sessions.</param>
    /// <param name="feed">The way to the node that tells of events.</param>
    /// <param name="archive">Looks up an ended session.</param>
    /// <param name="clock">The clock of the farm.</param>
    public SchedulesActor(
        FarmDatabase database,
        TimeSpan hold,
        IActorRef placement,
        IActorRef sessions,
        IActorRef feed,
        Func<SessionId, Task<SessionSummary?>> archive,
        TimeProvider clock
    )
    {
        (_book, _webhooks) = (new ScheduleBook(database), new WebhookStore(database));
        (_hold, _placement, _sessions, _feed, _archive, _clock) = (hold, placement, sessions, feed, archive, clock);
        Receive<SchedulesChanged>(_ => BeginRound());
        Receive<Due>(_ => BeginRound());
        Receive<RoundDone>(OnRoundDone);
        Receive<RoundFailed>(OnRoundFailed);
        Receive<OccurrencePlaced>(Note);
        Receive<OccurrenceClosed>(Note);
        Receive<PlacesAtRisk>(OnRisks);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => BeginRound();

    protected override void PostStop()
    {
        _stopping.Cancel();
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private void Note(object news)
    {
        _unwritten.Add(news);
        BeginRound();
    }

    private void OnRisks(PlacesAtRisk told)
    {
        var keys = told.Keys.ToImmutableHashSet(StringComparer.Ordinal);
        if (_atRisk?.SetEquals(keys) != true)
        {
            _atRisk = keys;
            Note(new RisksKnown(_places.FindAll(place => keys.Contains(place.Key))));
        }
    }

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
        var news = _unwritten.ToImmutableList();
        _unwritten.Clear();
        RoundAsync(news).PipeTo(Self, success: done => done, failure: cause => new RoundFailed(news, cause));
    }

    private async Task<RoundDone> RoundAsync(ImmutableList<object> news)
    {
        var stopping = _stopping.Token;
        var now = _clock.GetUtcNow();
        var told = false;
        foreach (var one in news)
        {
            switch (one)
            {
                case OccurrencePlaced placed:
                    await _book.StartedAsync(placed.Occurrence, now, stopping);
                    break;
                case OccurrenceClosed closed:
                    await _book.CloseAsync(closed.Occurrence, closed.Name, _node, now, stopping);
                    told |= closed.Occurrence.State == OccurrenceState.Missed;
                    break;
                case RisksKnown risks:
                    told |= await _book.Risks.NoteAsync(risks.Places, _node, now, stopping);
                    break;
                default:
                    throw new InvalidOperationException($"{one.GetType().Name} is no news of a time.");
            }
        }
        var open = await _book.OpenAsync(stopping);
        var wake = now + LongestRest;
        var promises = ImmutableList.CreateBuilder<PromisedPlace>();
        var unreadable = ImmutableList.CreateBuilder<(string Id, string Problem)>();
        foreach (var listed in await _book.DueAsync(now + _hold + LongestRest, stopping))
        {
            SchedulePlan plan;
            try
            {
                plan = listed.Schedule.Plan();
            }
            catch (FormatException error)
            {
                unreadable.Add((listed.Schedule.Id, error.Message));
                continue;
            }
            var kept = listed;
            for (var settled = 0; ; settled++)
            {
                var running = open.Exists(one => one.Occurrence.Schedule == kept.Schedule.Id);
                var step = ScheduleDecisions.Next(plan, new ScheduleProgress(kept.Settled, running), now);
                if (step is ScheduleStep.Wait wait)
                {
                    wake = wait.Until < wake ? wait.Until : wake;
                    break;
                }
                if (step is ScheduleStep.Finish)
                {
                    break;
                }
                if (settled == MostInRound)
                {
                    wake = now;
                    break;
                }
                var at = await TakeAsync(kept, step, now);
                if (at is not { } taken)
                {
                    wake = now;
                    break;
                }
                told |= taken.Missed;
                open = taken.Open is { } opened ? open.Add(opened) : open;
                kept = kept with { Settled = taken.At };
            }
            promises.AddRange(Promises(kept, plan, now));
        }
        promises.AddRange(
            open.Where(one => one.Occurrence.Session is null)
                .Select(one => new PromisedPlace(
                    one.Key,
                    one.Occurrence.Schedule,
                    one.Occurrence.At,
                    SessionCost.Of(one.Spec)
                )
                {
                    Name = one.Name,
                })
        );
        if (now - _forgotten > ForgetInterval)
        {
            await _book.ForgetAsync(now, stopping);
            _forgotten = now;
        }
        return new RoundDone(open, promises.ToImmutable(), unreadable.ToImmutable(), wake, told);
    }

    /// <summary>Settles one time.</summary>
    /// <returns>Null when somebody else has settled the time, or changed the schedule.</returns>
    private async Task<Taken?> TakeAsync(KeptSchedule kept, ScheduleStep step, DateTimeOffset now)
    {
        switch (step)
        {
            case ScheduleStep.Start start:
                return await _book.BeginAsync(kept, start.At, now, _stopping.Token) is { } open
                    ? new Taken(start.At, open, false)
                    : null;
            case ScheduleStep.LeaveOut left:
                var occurrence = new Occurrence(
                    kept.Schedule.Id,
                    left.At,
                    left.Missed ? OccurrenceState.Missed : OccurrenceState.Skipped
                )
                {
                    Code = left.Code,
                    Reason = left.Reason,
                };
                return await _book.LeaveOutAsync(kept, occurrence, _node, now, _stopping.Token)
                    ? new Taken(left.At, null, left.Missed)
                    : null;
            default:
                throw new InvalidOperationException($"{step.GetType().Name} settles no time.");
        }
    }

    /// <summary>The places that a schedule needs soon.</summary>
    private IEnumerable<PromisedPlace> Promises(KeptSchedule kept, SchedulePlan plan, DateTimeOffset now) =>
        plan
            .Times.AllAfter(kept.Settled, MostInRound)
            .TakeWhile(at => at - plan.Lead - _hold <= now)
            .Select(at => new PromisedPlace(
                Schedule.KeyOf(kept.Schedule.Id, at),
                kept.Schedule.Id,
                at,
                SessionCost.Of(kept.Schedule.Spec)
            )
            {
                Name = kept.Schedule.Name,
            });

    private void OnRoundDone(RoundDone done)
    {
        _round = false;
        _silent = false;
        if (_promised || !done.Promises.IsEmpty)
        {
            _places = done.Promises;
            _placement.Tell(new PlacesPromised(done.Promises), Self);
            _promised = !done.Promises.IsEmpty;
        }
        if (done.Told)
        {
            _feed.Tell(new FeedHasNews());
        }
        foreach (var (id, problem) in done.Unreadable.Where(one => _unreadable.Add(one.Id)))
        {
            _log.Error("Schedule {0} cannot be carried out: {1}", id, problem);
        }
        Follow(done.Open);
        if (_again || _unwritten.Count > 0)
        {
            BeginRound();
            return;
        }
        var rest = done.Wake - _clock.GetUtcNow();
        Timers.StartSingleTimer(nameof(Due), Due.Instance, rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
    }

    /// <summary>Gives each open time its actor, and ends the actors of times that are closed or forgotten.</summary>
    private void Follow(ImmutableList<OpenOccurrence> open)
    {
        var keys = open.Select(one => one.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var key in _children.Keys.Except(keys, StringComparer.Ordinal).ToList())
        {
            _children.Remove(key, out var child);
            Context.Stop(child);
        }
        foreach (var one in open.Where(one => !_children.ContainsKey(one.Key)))
        {
            var (placement, sessions, clock) = (_placement, _sessions, _clock);
            var (webhooks, archive) = (_webhooks, _archive);
            _children[one.Key] = Context.ActorOf(
                Props.Create(() => new OccurrenceActor(one, placement, sessions, webhooks, archive, clock))
            );
        }
    }

    private void OnRoundFailed(RoundFailed failed)
    {
        _round = false;
        _unwritten.InsertRange(0, failed.News);
        if (!_silent)
        {
            _silent = true;
            _log.Warning(
                "The schedules could not be read from the database, or written; the node tries again: {0}",
                failed.Cause.Message
            );
        }
        Timers.StartSingleTimer(nameof(Due), Due.Instance, RestAfterFailure);
    }

    private sealed record RisksKnown(ImmutableList<PromisedPlace> Places);

    private sealed record Taken(DateTimeOffset At, OpenOccurrence? Open, bool Missed);

    private sealed record RoundDone(
        ImmutableList<OpenOccurrence> Open,
        ImmutableList<PromisedPlace> Promises,
        ImmutableList<(string Id, string Problem)> Unreadable,
        DateTimeOffset Wake,
        bool Told
    );

    private sealed record RoundFailed(ImmutableList<object> News, Exception Cause);

    private sealed record Due
    {
        public static Due Instance { get; } = new();
    }
}
