using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Journal;

/// <summary>What a session of any length leaves in the database. <c>SessionActorJournalTests</c> has how many events a
/// long session keeps; here they are written.</summary>
[Trait("ring", "actor")]
public sealed class JournalSizeTests : IDisposable
{
    private const int MostBytes = 1_000_000;
    private const int MostEvents = SessionActor.EventsKept + (2 * SessionActor.EventsPerSnapshot);

    /// <summary>A path as long as file systems have them for people: most are half of this.</summary>
    private static readonly string Record = $"/srv/{new string('r', 180)}/2026-11-30_12:00:00__12345.mp4";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_session_of_a_day_leaves_less_than_a_megabyte()
    {
        var config = ConfigurationFactory
            .ParseString(
                $$"""
                akka.loglevel = OFF
                akka.stdout-loglevel = OFF
                akka.actor.serializers.wire = "{{typeof(WireSerializer).AssemblyQualifiedName}}"
                akka.actor.serialization-bindings { "{{typeof(IWireMessage).AssemblyQualifiedName}}" = wire }
                """
            )
            .WithFallback(JournalConfiguration.Sqlite(_folder.Database, TimeSpan.FromMinutes(1)));
        await SqliteFile.PrepareAsync(_folder.Database, CancellationToken.None);
        using var system = ActorSystem.Create("size", config);
        var session = system.ActorOf(Props.Create(() => new Writer()));
        await session.Ask<Done>(1, TimeSpan.FromSeconds(30));
        var before = await UsedAsync();
        await session.Ask<Done>(MostEvents, TimeSpan.FromSeconds(30));

        Assert.InRange(await UsedAsync() - before, MostEvents * 100, MostBytes);
    }

    /// <summary>The bytes in use in the database file.</summary>
    private async Task<long> UsedAsync()
    {
        await using var database = new FarmDatabase(new DatabaseOptions { File = _folder.Database });
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync("PRAGMA wal_checkpoint(TRUNCATE)");
        return (
                await connection.ExecuteScalarAsync<long>("PRAGMA page_count")
                - await connection.ExecuteScalarAsync<long>("PRAGMA freelist_count")
            ) * await connection.ExecuteScalarAsync<long>("PRAGMA page_size");
    }

    private sealed record Done;

    /// <summary>Writes as many evidences as it is told, and answers.</summary>
    private sealed class Writer : ReceivePersistentActor
    {
        private long _frames;

        public Writer()
        {
            Command<int>(count =>
            {
                var asker = Sender;
                var left = count;
                PersistAll(
                    Enumerable.Range(0, count).Select(_ => Next()).ToList(),
                    _ =>
                    {
                        if (--left == 0)
                        {
                            asker.Tell(new Done());
                        }
                    }
                );
            });
        }

        public override string PersistenceId => "session-12345";

        private RecordConfirmed Next()
        {
            _frames += 125;
            return new RecordConfirmed(
                Record,
                9_000_000 + _frames,
                0,
                new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero).AddMilliseconds(_frames * 40),
                "akka.tcp://recorder@recorder-17.recorder.meetings.svc.cluster.local:34569"
            )
            {
                FramesRecorded = 9_000_000 + _frames,
            };
        }
    }
}
