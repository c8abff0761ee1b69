using System.Collections.Immutable;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Event;
using Akka.Persistence;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Query;
using Akka.Serialization;
using Akka.Streams;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.ReadModel;

/// <summary>Sessions whose journal is read with what is left of it: after their end, or without its
/// beginning.</summary>
[Trait("ring", "actor")]
public sealed class SettledSessionsTests : IAsyncLifetime, IDisposable
{
    private const string Path = Sample.FirstRecord;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TestFolder _folder = new();
    private readonly ManualClock _clock = new(Sample.Begin);
    private FarmDatabase _database = null!;
    private ActorSystem _system = null!;

    public async Task InitializeAsync()
    {
        var options = new DatabaseOptions { File = _folder.Database };
        _database = new FarmDatabase(options);
        await _database.PrepareAsync(CancellationToken.None);
        _system = ActorSystem.Create(
            "settled",
            ActorSystemSetup.Create(
                BootstrapSetup
                    .Create()
                    .WithConfig(
                        Akka.Configuration.ConfigurationFactory.ParseString("akka.loglevel = OFF")
                            .WithFallback(JournalConfiguration.Of(options))
                    ),
                SerializationSetup.Create(system =>
                    [SerializerDetails.Create("wire", new WireSerializer(system), [typeof(IWireMessage)])]
                )
            )
        );
    }

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        await _database.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_placement_keeps_a_session_until_its_last_record_is_finished_and_described()
    {
        var id = new SessionId(1);
        await WriteAsync(id, Ended(id));
        var projection = new Projection(
            _database,
            new SessionJournal(_system, _system.Materializer()),
            TimeProvider.System,
            NoLogger.Instance
        );
        await projection.BeginAsync(CancellationToken.None);

        Assert.Empty(await projection.TakeAsync(await EventsAsync(id), CancellationToken.None));
        Assert.Empty(await projection.CatchUpAsync([id], CancellationToken.None));
        await WriteAsync(
            id,
            [new RecordClosed(Path, TimeSpan.FromSeconds(9), 1000, true, Sample.Time(60), Sample.Node)]
        );
        Assert.Empty(await projection.CatchUpAsync([id], CancellationToken.None));
        await WriteAsync(id, [new ManifestWritten(Path, "5a", Sample.Time(61), Sample.Node)]);

        Assert.Equal([id], await projection.CatchUpAsync([id], CancellationToken.None));
        var found = await new SessionArchive(_database).FindAsync(id, CancellationToken.None);
        Assert.Equal((true, "5a"), (found!.Records[0].Finished, found.Records[0].Sha256));
    }

    [Fact]
    public async Task Events_of_a_session_with_news_since_it_was_chosen_are_not_deleted()
    {
        var (withNews, old) = (new SessionId(1), new SessionId(2));
        foreach (var id in new[] { withNews, old })
        {
            await WriteAsync(
                id,
                [.. Ended(id), new RecordLost(Path, "There is no file.", Sample.Time(50 + id.Value), Sample.Node)]
            );
        }
        var projection = new Projection(
            _database,
            new SessionJournal(_system, _system.Materializer()),
            TimeProvider.System,
            NoLogger.Instance
        );
        await projection.BeginAsync(CancellationToken.None);
        Assert.Equal(2, (await projection.CatchUpAsync([withNews, old], CancellationToken.None)).Count);
        await using (var connection = await _database.OpenAsync(CancellationToken.None))
        {
            // The note finds the row changed since the choice, as after a delivery that was asked for anew.
            await connection.ExecuteAsync(
                """
                UPDATE sessions SET ended_at = ended_at - 1 WHERE id = 1;
                CREATE TRIGGER news BEFORE UPDATE OF journal_deleted_at ON sessions WHEN OLD.id = 1
                BEGIN SELECT RAISE(IGNORE); END
                """
            );
        }

        _clock.Advance(TimeSpan.FromDays(8));
        _system.ActorOf(Props.Create(() => new JournalRetentionActor(_database, TimeSpan.FromDays(7), _clock)));
        await Eventually.BeAsync(
            $"the events of session {old} are deleted",
            Limit,
            async () => (await EventsAsync(old)).IsEmpty
        );

        Assert.Equal(Ended(withNews).Length + 1, (await EventsAsync(withNews)).Count);
    }

    [Fact]
    public async Task A_snapshot_that_was_saved_after_the_events_were_read_swallows_no_event()
    {
        var id = new SessionId(1);
        var events = Ended(id);
        await WriteAsync(id, events);
        var early = events.Take(4).Aggregate(new SessionState(id), (state, happened) => state.Apply(happened));

        // The session saves its next snapshot between the reading of its events and the reading of its snapshot.
        await SaveAsync(id, 4, early);
        await SaveAsync(id, events.Length + 3, events.Skip(4).Aggregate(early, (state, next) => state.Apply(next)));
        await DeleteAsync(id, 3);

        var read = await new SessionJournal(_system, _system.Materializer()).ReadAsync(id, told: 0);

        Assert.Equal(events.Length, read.SequenceNr);
        Assert.Equal([5L, 6], read.Told.Select(one => one.SequenceNr).Distinct());
    }

    private async Task SaveAsync(SessionId id, long sequenceNr, SessionState state) =>
        Assert.IsType<SaveSnapshotSuccess>(
            await Persistence
                .Instance.Apply(_system)
                .SnapshotStoreFor("")
                .Ask<object>(
                    new SaveSnapshot(
                        new SnapshotMetadata(SessionJournal.IdOf(id), sequenceNr, Sample.Begin.UtcDateTime),
                        new SessionSnapshot(state, sequenceNr)
                    ),
                    Limit
                )
        );

    private async Task DeleteAsync(SessionId id, long upTo) =>
        Assert.IsType<DeleteMessagesSuccess>(
            await Persistence
                .Instance.Apply(_system)
                .JournalFor("")
                .Ask<object>(
                    self => new DeleteMessagesTo(SessionJournal.IdOf(id), upTo, self),
                    Limit,
                    CancellationToken.None
                )
        );

    /// <summary>A session that has ended with its node: the record is not finished.</summary>
    private static ISessionEvent[] Ended(SessionId id) =>
        [
            new SessionAccepted(id, Sample.Spec, Sample.Begin, Sample.Node),
            new AttemptStarted(1, Sample.Begin, Sample.Node),
            new RecordNamed(Path, 1, Sample.Begin, Sample.Node),
            new RecordOpened(Path, Sample.Time(2), Sample.Node),
            new EndDecided(SessionPhase.Stopped, null, null, Sample.Time(40), Sample.Node),
            new SessionEnded(Sample.Time(41), Sample.Node),
        ];

    private async Task WriteAsync(SessionId id, ISessionEvent[] events)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writer = _system.ActorOf(Props.Create(() => new Writer(SessionJournal.IdOf(id), events, written)));
        await written.Task.WaitAsync(Limit);
        await writer.GracefulStop(Limit);
    }

    private Task<ImmutableList<EventEnvelope>> EventsAsync(SessionId id) =>
        PersistenceQuery
            .Get(_system)
            .ReadJournalFor<SqlReadJournal>(SqlReadJournal.Identifier)
            .CurrentEventsByPersistenceId(SessionJournal.IdOf(id), 0, long.MaxValue)
            .RunAggregate(
                ImmutableList<EventEnvelope>.Empty,
                (all, next) => all.Add(next),
                _system.Materializer()
            );

    private sealed class Writer : ReceivePersistentActor
    {
        public Writer(string id, ISessionEvent[] events, TaskCompletionSource written)
        {
            PersistenceId = id;
            Recover<ISessionEvent>(_ => { });
            Recover<RecoveryCompleted>(_ =>
                PersistAll(
                    events,
                    happened =>
                    {
                        if (happened == events[^1])
                        {
                            written.SetResult();
                        }
                    }
                )
            );
        }

        public override string PersistenceId { get; }
    }
}
