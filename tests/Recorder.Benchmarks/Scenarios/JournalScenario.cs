using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>What a session has written after a time.</summary>
/// <param name="Length">How long it has recorded, by its own clock.</param>
/// <param name="Events">The events in the journal.</param>
/// <param name="Bytes">What the database file has grown by.</param>
/// <param name="Read">From a new incarnation until it has read its journal and answers, the fastest of several;
/// ms.</param>
/// <param name="ReadMedian">The same, the median.</param>
internal sealed record JournalReport(TimeSpan Length, long Events, long Bytes, double Read, double ReadMedian);

/// <summary>Runs one session on SQLite, with played media and a clock that leaps.</summary>
internal sealed class JournalScenario : IAsyncDisposable
{
    private const int Reads = 15;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly SessionId Id = new(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recorder-journal-");
    private readonly LeapingClock _clock = new();
    private readonly SessionOptions _options = new();
    private readonly Media _media;
    private readonly FarmDatabase _database;
    private readonly ActorSystem _system;
    private readonly IActorRef _placement;
    private readonly IActorRef _echo;
    private IActorRef _session = ActorRefs.Nobody;
    private long _empty;
    private int _number;

    public JournalScenario()
    {
        var options = new DatabaseOptions { File = Path.Join(_folder.FullName, "farm.db") };
        _database = new FarmDatabase(options);
        _system = ActorSystem.Create("journal", PlacementLife.SetupOf(options));
        _media = new Media(Path.Join(_folder.FullName, "records"), _clock);
        _placement = _system.ActorOf(Props.Create(() => new AcceptingPlacement()), "placement");
        _echo = _system.ActorOf(Props.Create(() => new Echo()), "echo");
        _system.EventStream.Subscribe(_echo, typeof(UnhandledMessage));
    }

    /// <summary>Begins the session.</summary>
    public async Task BeginAsync(CancellationToken cancellation)
    {
        await _database.PrepareAsync(cancellation);
        Incarnate();
        await HeardAllAsync(cancellation);
        _empty = await UsedAsync(cancellation);
        await _session.Ask<SessionRecords>(new StartSession(Id, FarmOfSize.Spec), Limit, cancellation);
    }

    /// <summary>Lets the session record until a length, as fast as its journal takes its evidence.</summary>
    public async Task RecordAsync(TimeSpan length, CancellationToken cancellation)
    {
        while (_clock.Elapsed < length)
        {
            _clock.Advance(_options.EvidenceInterval);
            _media.Child.Tell(Media.Grow.Instance);
            await HeardAllAsync(cancellation);
        }
    }

    /// <summary>Makes the session's journal that of a session as long as given, whose old events are deleted: what is
    /// kept gets the numbers that it has then.</summary>
    public async Task LeapAsync(TimeSpan length, CancellationToken cancellation)
    {
        await StopAsync();
        var by = (long)((length - _clock.Elapsed) / _options.EvidenceInterval);
        await using var connection = await _database.OpenAsync(cancellation);
        await connection.ExecuteAsync(
            """
            UPDATE journal SET sequence_number = -sequence_number - @by;
            UPDATE journal SET sequence_number = -sequence_number;
            UPDATE snapshot SET sequence_number = sequence_number + @by
            """,
            new { by }
        );
        _clock.Advance(length - _clock.Elapsed);
        Incarnate();
    }

    /// <summary>What the session has written so far, and how fast it is read.</summary>
    public async Task<JournalReport> ReportAsync(CancellationToken cancellation)
    {
        await using var connection = await _database.OpenAsync(cancellation);
        var events = await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM journal");
        var bytes = await UsedAsync(cancellation) - _empty;
        var length = _clock.Elapsed;
        List<double> read = [];
        for (var count = 0; count < Reads; count++)
        {
            await StopAsync();
            var since = Stopwatch.GetTimestamp();
            Incarnate();
            await _session.Ask<SessionDetails>(new GetSession(Id), Limit, cancellation);
            read.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        }
        read.Sort();
        return new JournalReport(length, events, bytes, read[0], read[Reads / 2]);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        await _database.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private void Incarnate() =>
        _session = _system.ActorOf(
            SessionActor.PropsFor(
                Id,
                new SessionSurroundings(_media, _placement, _options, _clock, FarmOfSize.AddressOf(0)) { Alone = true }
            ),
            FormattableString.Invariant($"session-{++_number}")
        );

    private async Task StopAsync() => await _session.GracefulStop(Limit, PoisonPill.Instance);

    /// <summary>A message that no session knows comes out in its turn, behind all writes that were asked for
    /// before.</summary>
    private async Task HeardAllAsync(CancellationToken cancellation)
    {
        var mark = new Mark(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (_media.Child is { } child && !child.IsNobody())
        {
            await child.Ask<ActorIdentity>(new Identify(null), Limit, cancellation);
        }
        _session.Tell(mark, ActorRefs.NoSender);
        await mark.Heard.Task.WaitAsync(Limit, cancellation);
    }

    private async Task<long> UsedAsync(CancellationToken cancellation)
    {
        await using var connection = await _database.OpenAsync(cancellation);
        await connection.ExecuteAsync("PRAGMA wal_checkpoint(TRUNCATE)");
        return (
                await connection.ExecuteScalarAsync<long>("PRAGMA page_count")
                - await connection.ExecuteScalarAsync<long>("PRAGMA freelist_count")
            ) * await connection.ExecuteScalarAsync<long>("PRAGMA page_size");
    }

    private sealed record Mark(TaskCompletionSource Heard) : INoSerializationVerificationNeeded;

    private sealed class Echo : ReceiveActor
    {
        public Echo() =>
            Receive<UnhandledMessage>(unhandled => (unhandled.Message as Mark)?.Heard.TrySetResult());
    }

    private sealed class AcceptingPlacement : ReceiveActor
    {
        public AcceptingPlacement() =>
            Receive<ReportSession>(report => Sender.Tell(new ReportAccepted(report.Summary.Id, report.Version)));
    }

    private sealed class LeapingClock : TimeProvider
    {
        private static readonly DateTimeOffset Begin = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);
        private long _ticks;

        public TimeSpan Elapsed => new(Volatile.Read(ref _ticks));

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Begin + Elapsed;

        public override long GetTimestamp() => Volatile.Read(ref _ticks);

        public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
    }

    private sealed class Media(string recordsFolder, TimeProvider clock) : ISessionMedia
    {
        private volatile IActorRef _child = ActorRefs.Nobody;

        public string RecordsFolder { get; } = recordsFolder;

        public IActorRef Child => _child;

        public Props MediaOf(SessionId session, SessionSpec spec) => Props.Create(() => new Playing(this, clock));

        public sealed record Grow
        {
            public static readonly Grow Instance = new();
        }

        private sealed class Playing : ReceiveActor
        {
            private string? _record;
            private long _frames;

            public Playing(Media media, TimeProvider clock)
            {
                Receive<BeginRecording>(begin =>
                {
                    (media._child, _record) = (Self, begin.RecordPath);
                    Context.Parent.Tell(new FirstFrameWritten(_record, clock.GetUtcNow()));
                });
                Receive<Grow>(_ =>
                {
                    _frames += 125;
                    Context.Parent.Tell(
                        new RecordGrew(
                            _record,
                            clock.GetUtcNow(),
                            _frames,
                            0,
                            _frames * 30_000,
                            TimeSpan.FromSeconds(_frames / 25)
                        )
                    );
                });
                ReceiveAny(_ => { });
            }
        }
    }
}
