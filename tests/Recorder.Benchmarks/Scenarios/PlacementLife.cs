using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Persistence;
using Recorder.Cluster.Database;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Journal;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Placement.Decisions;
using Recorder.Cluster.Placement.Shards;
using Recorder.Cluster.Placement.Singleton;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>What a placement on SQLite takes whose past sessions are in the tables of the read model. Those of a week
/// are in the journal too.</summary>
/// <param name="Size">The farm.</param>
/// <param name="RecoverySeconds">From the start of the actor to its first answer.</param>
/// <param name="MemoryMegabytes">What the managed memory has grown by with the list.</param>
/// <param name="SnapshotMegabytes">The snapshot, as written.</param>
/// <param name="HeartbeatMilliseconds">One report of a node's capacity, on average.</param>
/// <param name="Answer">From a start's question to its answer, after its write, with 16 starts at once; ms.</param>
/// <param name="StartsPerSecond">Starts, each with the two reports of a session that records and ends.</param>
/// <param name="Lost">The sessions of the nodes that die: one node in ten.</param>
/// <param name="LossSeconds">Until each of these sessions was decided, written, and asked to resume elsewhere.</param>
/// <param name="LongestPauseMilliseconds">The longest time in which the placement answered nobody meanwhile.</param>
internal sealed record PlacementLifeReport(
    FarmSize Size,
    double RecoverySeconds,
    double MemoryMegabytes,
    double SnapshotMegabytes,
    double HeartbeatMilliseconds,
    Times Answer,
    double StartsPerSecond,
    int Lost,
    double LossSeconds,
    double LongestPauseMilliseconds
);

/// <summary>Runs the placement's actor; its nodes and sessions are played.</summary>
internal static class PlacementLife
{
    private const int Rounds = 20;
    private const int Starts = 1_000;
    private const int StartsAtOnce = 16;

    /// <summary>The sessions of a week at 15 000 a day: older ones have no events.</summary>
    private const int MostInJournal = 105_000;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static async Task<PlacementLifeReport> MeasureAsync(FarmSize size, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("recorder-farm-");
        try
        {
            var options = new DatabaseOptions { File = Path.Join(folder.FullName, "farm.db") };
            await using (var database = new FarmDatabase(options))
            {
                await database.PrepareAsync(cancellation);
            }
            using var system = ActorSystem.Create("placement", SetupOf(options));
            var report = await MeasureAsync(system, options, size, cancellation);
            await system.Terminate();
            return report;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<PlacementLifeReport> MeasureAsync(
        ActorSystem system,
        DatabaseOptions options,
        FarmSize size,
        CancellationToken cancellation
    )
    {
        var snapshot = FarmOfSize.Snapshot(size, keepsPast: false);
        var megabytes = PlacementDecisions.SnapshotOf(PlacementState.FromSnapshot(snapshot)) / 1e6;
        var seed = system.ActorOf(Props.Create(() => new Seed(snapshot)), "seed");
        await seed.Ask<Seed.Done>("begin", Limit, cancellation);
        await seed.GracefulStop(Limit);
        if (size.Past > 0)
        {
            await PastSessions.WriteAsync(options, size.Past, cancellation);
            await PastSessions.WriteJournalAsync(options, Math.Min(size.Past, MostInJournal), cancellation);
        }

        var board = new ShardBoard();
        board.Observe(
            Enumerable
                .Range(0, size.Running)
                .ToImmutableDictionary(shard => shard, shard => FarmOfSize.NodeOf(shard, size))
        );
        var told = new ConcurrentDictionary<int, ResumeSession>();
        var sessions = system.ActorOf(Props.Create(() => new PlayedSessions(told)), "sessions");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var since = Stopwatch.GetTimestamp();
        var placement = system.ActorOf(
            Props.Create(() =>
                new PlacementActor(FarmOfSize.Settings(size), TimeProvider.System, sessions, board, null)
            ),
            "placement"
        );
        await placement.Ask<PlacementHere>(new PingPlacement(), Limit, cancellation);
        var recovery = Stopwatch.GetElapsedTime(since).TotalSeconds;
        var memory = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1e6;

        system.EventStream.Publish(FarmOfSize.Roster(size));
        Report(placement, size);
        foreach (var session in FarmOfSize.Running(size))
        {
            placement.Tell(new ReportSession(session.Summary, session.Version));
        }
        await placement.Ask<Pressure>(new FindPressure(), Limit, cancellation);

        // Until then a placement that has just begun moves no session.
        await Task.Delay(TimeSpan.FromSeconds(5), cancellation);
        var heartbeat = await HeartbeatAsync(placement, size, cancellation);
        var (answer, perSecond) = await StartAsync(placement, cancellation);
        var (lost, loss, pause) = await LoseAsync(system, placement, size, told, cancellation);
        return new PlacementLifeReport(
            size,
            recovery,
            memory,
            megabytes,
            heartbeat,
            answer,
            perSecond,
            lost,
            loss,
            pause
        );
    }

    /// <summary>One report at a time, since the placement keeps only the newest of each node.</summary>
    private static async Task<double> HeartbeatAsync(
        IActorRef placement,
        FarmSize size,
        CancellationToken cancellation
    )
    {
        var pressure = await TimeAsync(() => Task.CompletedTask);
        var both = await TimeAsync(() =>
        {
            Report(placement, size);
            return Task.CompletedTask;
        });
        return Math.Max(0, both - pressure) / size.Nodes;

        async Task<double> TimeAsync(Func<Task> first)
        {
            var since = Stopwatch.GetTimestamp();
            for (var round = 0; round < Rounds; round++)
            {
                await first();
                await placement.Ask<Pressure>(new FindPressure(), Limit, cancellation);
            }
            return Stopwatch.GetElapsedTime(since).TotalMilliseconds / Rounds;
        }
    }

    private static async Task<(Times Answer, double PerSecond)> StartAsync(
        IActorRef placement,
        CancellationToken cancellation
    )
    {
        var answers = new ConcurrentBag<double>();
        var since = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Starts),
            new ParallelOptions { MaxDegreeOfParallelism = StartsAtOnce, CancellationToken = cancellation },
            async (_, stopping) =>
            {
                var asked = Stopwatch.GetTimestamp();
                var reply = await placement.Ask<AdmissionReply>(
                    new AdmitSession(FarmOfSize.Spec, null) { Within = Limit },
                    Limit,
                    stopping
                );
                answers.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                var admitted =
                    reply as SessionAdmitted
                    ?? throw new InvalidOperationException($"A start of the benchmark was not admitted: {reply}");
                foreach (var (phase, version) in new[] { (SessionPhase.Recording, 4L), (SessionPhase.Stopped, 9L) })
                {
                    var summary = FarmOfSize.Summary(
                        admitted.Id.Value,
                        phase,
                        admitted.Node,
                        open: phase == SessionPhase.Recording
                    );
                    await placement.Ask<ReportAccepted>(new ReportSession(summary, version), Limit, stopping);
                }
            }
        );
        return (Times.Of(answers), Starts / Stopwatch.GetElapsedTime(since).TotalSeconds);
    }

    private static async Task<(int Lost, double Seconds, double Pause)> LoseAsync(
        ActorSystem system,
        IActorRef placement,
        FarmSize size,
        ConcurrentDictionary<int, ResumeSession> told,
        CancellationToken cancellation
    )
    {
        var dead = FarmOfSize.DeadOf(size).ToHashSet(StringComparer.Ordinal);
        var lost = FarmOfSize
            .Running(size)
            .Where(session => dead.Contains(session.Summary.Node))
            .Select(session => session.Summary.Id.Value)
            .ToList();
        told.Clear();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var pause = LongestPauseAsync(placement, ended.Token);
        var since = Stopwatch.GetTimestamp();
        // The cluster tells of each node by itself, as it does of members that are removed together.
        var roster = FarmOfSize.Roster(size);
        foreach (var node in dead)
        {
            roster = roster.Remove(node);
            system.EventStream.Publish(roster);
        }
        while (!lost.TrueForAll(id => told.TryGetValue(id, out var resume) && !dead.Contains(resume.Node!)))
        {
            if (Stopwatch.GetElapsedTime(since) > Limit)
            {
                throw new TimeoutException(
                    $"Of {lost.Count} sessions whose node died, {lost.Count(told.ContainsKey)} were moved within {Limit}."
                );
            }
            await Task.Delay(20, cancellation);
        }
        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        await ended.CancelAsync();
        return (lost.Count, seconds, await pause);
    }

    /// <summary>The longest time that a ping waits, of pings one after the other.</summary>
    private static async Task<double> LongestPauseAsync(IActorRef placement, CancellationToken ended)
    {
        var longest = 0.0;
        while (!ended.IsCancellationRequested)
        {
            var since = Stopwatch.GetTimestamp();
            await placement.Ask<PlacementHere>(new PingPlacement(), Limit, CancellationToken.None);
            longest = Math.Max(longest, Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            await Task.Delay(1, CancellationToken.None);
        }
        return longest;
    }

    private static void Report(IActorRef placement, FarmSize size)
    {
        for (var node = 0; node < size.Nodes; node++)
        {
            placement.Tell(new ReportCapacity(FarmOfSize.AddressOf(node), FarmOfSize.Slots, null));
        }
    }

    /// <summary>An actor system with the product's journal on SQLite.</summary>
    internal static ActorSystemSetup SetupOf(DatabaseOptions options) =>
        BootstrapSetup.Create().WithConfig(ConfigOf(options)).And(SqlitePatience.SetupFor(options.File));

    private static Config ConfigOf(DatabaseOptions options) =>
        ConfigurationFactory
            .ParseString(
                $$"""
                akka.loglevel = WARNING
                akka.stdout-loglevel = OFF
                akka.actor.serializers.wire = "{{typeof(WireSerializer).AssemblyQualifiedName}}"
                akka.actor.serialization-bindings { "{{typeof(IWireMessage).AssemblyQualifiedName}}" = wire }
                """
            )
            .WithFallback(JournalConfiguration.Of(options));

    /// <summary>Writes the snapshot that the placement then reads.</summary>
    private sealed class Seed : ReceivePersistentActor
    {
        private IActorRef _asker = ActorRefs.Nobody;

        public Seed(PlacementSnapshot snapshot)
        {
            Command<string>(_ =>
            {
                _asker = Sender;
                Persist(
                    new IdSeen(new SessionId(snapshot.LastId), TimeProvider.System.GetUtcNow()),
                    _ => SaveSnapshot(snapshot)
                );
            });
            Command<SaveSnapshotSuccess>(_ => _asker.Tell(new Done()));
            Command<SaveSnapshotFailure>(failed => _asker.Tell(new Status.Failure(failed.Cause)));
        }

        public override string PersistenceId => "placement";

        public sealed record Done;
    }

    /// <summary>All sessions of the farm: who is asked to resume does so at once, and reports.</summary>
    private sealed class PlayedSessions : ReceiveActor
    {
        public PlayedSessions(ConcurrentDictionary<int, ResumeSession> told)
        {
            Receive<ResumeSession>(resume =>
            {
                told[resume.Id.Value] = resume;
                var summary = FarmOfSize.Summary(resume.Id.Value, SessionPhase.Recording, resume.Node!, open: true);
                Sender.Tell(new ReportSession(summary with { Attempt = 2 }, 12));
            });
            ReceiveAny(_ => { });
        }
    }
}
