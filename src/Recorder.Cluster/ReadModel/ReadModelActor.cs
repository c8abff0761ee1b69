using System.Collections.Immutable;
using Akka;
using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.Persistence.Query;
using Akka.Streams;
using Akka.Streams.Dsl;
using Recorder.Cluster.Database;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.ReadModel;

/// <summary>
/// Fills the read model, on one node of the farm. The actor reads the journal in its order from the place that the last
/// one reached. It tells the placement which sessions have ended and are in the read model, so that the placement may
/// forget them.
/// </summary>
internal sealed class ReadModelActor : ReceiveActor, IDisposable
{
    /// <summary>The most events in one step.</summary>
    private const int EventsInAStep = 500;

    /// <summary>How long events are gathered for one step.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(200);

    private readonly FarmDatabase _database;
    private readonly IActorRef _placement;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly IMaterializer _materializer = Context.Materializer();
    private Projection? _projection;
    private long? _anewUntil;

    public ReadModelActor(FarmDatabase database, IActorRef placement)
    {
        _database = database;
        _placement = placement;
        ReceiveAsync<Begin>(_ => BeginAsync());
        Receive<Written>(OnWritten);
        Receive<Swept>(swept =>
            _log.Info(
                "The lists of sessions are complete; {0} sessions were taken out, which the journal no longer knows.",
                swept.Removed
            )
        );
        ReceiveAsync<FindProjected>(OnFindAsync);
        Receive<Status.Failure>(failure =>
            throw new InvalidOperationException(
                "The read model could not be filled; the node tries again.",
                failure.Cause
            )
        );
    }

    /// <summary>The actor with what begins it again: the database may be away.</summary>
    public static Props SupervisedProps(FarmDatabase database, IActorRef placement) =>
        BackoffSupervisor.Props(
            Backoff.OnFailure(
                Props.Create(() => new ReadModelActor(database, placement)),
                "projection",
                TimeSpan.FromMilliseconds(500),
                TimeSpan.FromSeconds(10),
                randomFactor: 0.1,
                maxNrOfRetries: -1
            )
        );

    protected override void PreStart() => Self.Tell(new Begin());

    protected override void PostStop()
    {
        _stopping.Cancel();
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private async Task BeginAsync()
    {
        var journal = new SessionJournal(Context.System, _materializer);
        _projection = new Projection(_database, journal);
        var (ordering, anewUntil) = await _projection.BeginAsync(_stopping.Token);
        _anewUntil = anewUntil;
        if (anewUntil > 0)
        {
            _log.Info("The lists of sessions are made from the whole journal, which has {0} events.", anewUntil);
        }
        var self = Self;
        var projection = _projection;
        var stopping = _stopping.Token;
        _ = journal
            .AllAfter(ordering)
            .GroupedWithin(EventsInAStep, Gathering)
            .SelectAsync(
                1,
                async events =>
                {
                    var part = events.ToList();
                    var ended = await projection.TakeAsync(part, stopping);
                    self.Tell(new Written(ended, ((Sequence)part[^1].Offset).Value));
                    return NotUsed.Instance;
                }
            )
            .RunWith(Sink.Ignore<NotUsed>(), _materializer)
            .PipeTo(
                self,
                success: () =>
                    new Status.Failure(new InvalidOperationException("The reader of the journal has ended."))
            );
    }

    private void OnWritten(Written written)
    {
        Tell(written.Ended);
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
        }
    }

    private void Tell(ImmutableList<SessionId> ended)
    {
        if (!ended.IsEmpty)
        {
            _placement.Tell(new SessionsProjected(ended));
        }
    }

    private sealed record Begin;

    private sealed record Written(ImmutableList<SessionId> Ended, long Ordering);

    private sealed record Swept(int Removed);
}
