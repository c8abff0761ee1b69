using System.Collections.Immutable;
using Akka;
using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.Persistence.Query;
using Akka.Streams;
using Akka.Streams.Dsl;
using Recorder.Cluster.Database;
using Recorder.Cluster.Events;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.ReadModel;

/// <summary>
/// Fills the read model, on one node of the farm. The actor reads the journal in its order from the place that the last
/// one reached. It tells the placement which sessions have ended and are in the read model, so that the placement may
/// forget them.
/// </summary>
internal sealed class ReadModelActor : ReceiveActor, IWithTimers, IDisposable
{
    /// <summary>The most events in one step.</summary>
    private const int EventsInAStep = 500;

    /// <summary>How long events are gathered for one step.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(200);

    private readonly FarmDatabase _database;
    private readonly IActorRef _placement;
    private readonly Props _retention;
    private readonly Props _eventRetention;
    private readonly Props _secretErasure;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _delay;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly IMaterializer _materializer = Context.Materializer();
    private readonly Dictionary<SessionId, long> _news = [];
    private readonly HashSet<IActorRef> _watchers = [];
    private readonly EventFeed _feed;
    private readonly IActorRef _farmEvents;
    private SessionJournal? _journal;
    private Projection? _projection;
    private long? _anewUntil;
    private int? _toldUnreadable;
    private long _last;
    private bool _takesAhead;

    /// <summary>The step that is under way; the reader's failure does not end the step.</summary>
    private volatile Task _step = Task.CompletedTask;

    /// <param name="database">The database of the farm.</param>
    /// <param name="placement">Is told which sessions are in the read model.</param>
    /// <param name="retention">How long the events of ended sessions are kept.</param>
    /// <param name="clock">The node's clock.</param>
    /// <param name="delay">How long after the start of the actor system the work begins.</param>
    public ReadModelActor(
        FarmDatabase database,
        IActorRef placement,
        RetentionOptions retention,
        TimeProvider clock,
        TimeSpan delay
    )
    {
        _delay = delay;
        _database = database;
        _placement = placement;
        _clock = clock;
        _retention = Props.Create(() => new JournalRetentionActor(database, retention.Journal, clock));
        _eventRetention = Props.Create(() => new EventRetentionActor(database, retention.Events, clock));
        _secretErasure = Props.Create(() => new SecretErasureActor(database, retention.Secrets, clock));
        _feed = new EventFeed(database);
        _farmEvents = Context.ActorOf(Props.Create(() => new FarmEventsActor(database, clock)), "farm-events");
        ReceiveAsync<Begin>(_ => OrStopAsync(BeginAsync));
        Receive<Written>(OnWritten);
        Receive<Swept>(swept =>
            _log.Info(
                "The lists of sessions are complete; {0} sessions were taken out, which the journal no longer knows.",
                swept.Removed
            )
        );
        ReceiveAsync<FindProjected>(find => OrStopAsync(() => OnFindAsync(find)));
        ReceiveAsync<ReaderFailed>(failed => OrStopAsync(() => PassOverAsync(failed.Cause)));
        Receive<SessionHasNews>(OnNews);
        Receive<TakenAhead>(taken =>
        {
            _takesAhead = false;
            Tell(taken.Ended);
            Self.Tell(new FeedWritten());
            TakeAhead();
        });
        Receive<WatchFeed>(_ =>
        {
            if (_watchers.Add(Sender))
            {
                Context.Watch(Sender);
            }
            Sender.Tell(new FeedGrew(_last));
        });
        Receive<FeedHasNews>(_ => Self.Tell(new FeedWritten()));
        Receive<ReportDisk>(report => _farmEvents.Tell(report));
        Receive<Terminated>(gone => _watchers.Remove(gone.ActorRef));
        ReceiveAsync<FeedWritten>(_ => OrStopAsync(LookAtFeedAsync));
        Receive<Status.Failure>(failure => StopFor(failure.Cause));
    }

    /// <summary>The actor with what begins it again: the database may be away.</summary>
    public static Props SupervisedProps(
        FarmDatabase database,
        IActorRef placement,
        RetentionOptions retention,
        TimeProvider clock,
        TimeSpan delay
    ) =>
        BackoffSupervisor.Props(
            Backoff.OnStop(
                Props.Create(() => new ReadModelActor(database, placement, retention, clock, delay)),
                "projection",
                TimeSpan.FromMilliseconds(500),
                TimeSpan.FromSeconds(10),
                randomFactor: 0.1,
                maxNrOfRetries: -1
            )
        );

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        var rest = _delay - Context.System.Uptime;
        if (rest > TimeSpan.Zero)
        {
            Timers.StartSingleTimer(nameof(Begin), new Begin(), rest);
        }
        else
        {
            Self.Tell(new Begin());
        }
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Publish(new ReadModelNews(Unreadable: null));
        _stopping.Cancel();
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private async Task BeginAsync()
    {
        _journal = new SessionJournal(Context.System, _materializer);
        _projection = new Projection(_database, _journal, _clock, _log);
        var (ordering, anewUntil) = await _projection.BeginAsync(_stopping.Token);
        _anewUntil = anewUntil;
        if (anewUntil > 0)
        {
            _log.Info("The lists of sessions are made from the whole journal, which has {0} events.", anewUntil);
        }
        foreach (var (session, number) in await _projection.UntoldAsync(_stopping.Token))
        {
            _news[session] = Math.Max(number, _news.GetValueOrDefault(session));
        }
        ReadAfter(ordering);
        Context.ActorOf(_retention, "retention");
        Context.ActorOf(_eventRetention, "event-retention");
        Context.ActorOf(_secretErasure, "secret-erasure");
        Self.Tell(new FeedWritten());
        TakeAhead();
    }

    /// <summary>Reads the journal after a place, for ever.</summary>
    private void ReadAfter(long ordering)
    {
        var self = Self;
        var projection = _projection!;
        var stopping = _stopping.Token;
        _ = _journal!
            .AllAfter(ordering)
            .GroupedWithin(EventsInAStep, Gathering)
            .SelectAsync(
                1,
                async events =>
                {
                    var part = events.ToList();
                    var taking = projection.TakeAsync(part, stopping);
                    _step = taking;
                    var ended = await taking;
                    self.Tell(new Written(ended, ((Sequence)part[^1].Offset).Value));
                    return NotUsed.Instance;
                }
            )
            .RunWith(Sink.Ignore<NotUsed>(), _materializer)
            .PipeTo(
                self,
                success: () => new ReaderFailed(new InvalidOperationException("The reader of the journal has ended.")),
                failure: error => new ReaderFailed(error)
            );
    }

    /// <summary>One event that cannot be read ends the reader of the journal. The reader goes on after that event.
    /// </summary>
    private async Task PassOverAsync(Exception cause)
    {
        await _step;
        if (
            !UnreadableSessions.IsOfTheSession(cause)
            || await _projection!.PassOverAsync(_stopping.Token) is not { } passed
        )
        {
            StopFor(cause);
            return;
        }
        OnWritten(new Written(passed.Ended, passed.Ordering));
        ReadAfter(passed.Ordering);
    }

    private void OnNews(SessionHasNews changed)
    {
        _news[changed.Id] = Math.Max(changed.SequenceNr, _news.GetValueOrDefault(changed.Id));
        TakeAhead();
    }

    /// <summary>Takes the news that have come, unless a step is under way. Of several news meanwhile, the next step
    /// takes all.</summary>
    private void TakeAhead()
    {
        if (_takesAhead || _news.Count == 0 || _projection is not { } projection)
        {
            return;
        }
        _takesAhead = true;
        var news = _news.ToImmutableDictionary();
        _news.Clear();
        projection.TakeAheadAsync(news, _stopping.Token).PipeTo(Self, success: ended => new TakenAhead(ended));
    }

    /// <summary>Tells the watchers when the feed has grown.</summary>
    private async Task LookAtFeedAsync()
    {
        var last = (await _feed.BoundsAsync(_stopping.Token)).Last;
        if (last > _last)
        {
            _last = last;
            foreach (var watcher in _watchers)
            {
                watcher.Tell(new FeedGrew(last));
            }
        }
    }

    private void OnWritten(Written written)
    {
        TellOfUnreadable();
        Tell(written.Ended);
        Self.Tell(new FeedWritten());
        if (written.Ordering >= _anewUntil)
        {
            _anewUntil = null;
            _projection!.SweepAsync(_stopping.Token).PipeTo(Self, success: removed => new Swept(removed));
        }
    }

    /// <summary>The placement asks about sessions that it was not told of. Such a message was lost, or the journal's
    /// reader has passed over an event whose transaction took longer than the reader's patience.</summary>
    private async Task OnFindAsync(FindProjected find)
    {
        if (_projection is { } projection)
        {
            Tell(await projection.CatchUpAsync(find.Ended, _stopping.Token));
            TellOfUnreadable();
        }
    }

    private void TellOfUnreadable()
    {
        if (_toldUnreadable != _projection!.Unreadable)
        {
            _toldUnreadable = _projection.Unreadable;
            Context.System.EventStream.Publish(new ReadModelNews(_toldUnreadable));
        }
    }

    private async Task OrStopAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception error)
        {
            StopFor(error);
        }
    }

    /// <summary>Stops; the supervisor begins another incarnation in some seconds.</summary>
    private void StopFor(Exception error)
    {
        if (!_stopping.IsCancellationRequested)
        {
            _log.Warning(
                "The tables of the lists could not be brought up to the journal, and the node tries again: {0}",
                error.Message
            );
        }
        Context.Stop(Self);
    }

    private void Tell(ImmutableList<SessionId> ended)
    {
        if (!ended.IsEmpty)
        {
            _placement.Tell(new SessionsProjected(ended));
        }
    }

    private sealed record Begin;

    private sealed record TakenAhead(ImmutableList<SessionId> Ended);

    private sealed record Written(ImmutableList<SessionId> Ended, long Ordering);

    private sealed record Swept(int Removed);

    private sealed record ReaderFailed(Exception Cause);
}
