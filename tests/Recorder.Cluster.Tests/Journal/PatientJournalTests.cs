using Akka.Actor;
using Akka.Persistence;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Npgsql;
using Recorder.Cluster.Database;
using Recorder.Cluster.Hosting;

namespace Recorder.Cluster.Tests.Journal;

[Trait("ring", "farm")]
public sealed class PatientJournalTests(TestPostgres postgres)
    : IClassFixture<TestPostgres>,
        IAsyncLifetime,
        IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);
    private readonly LossyProxy _proxy = new(postgres.Port);
    private TestKit _kit = null!;

    public Task InitializeAsync()
    {
        _kit = KitWith(TimeSpan.FromMinutes(5));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _kit.Sys.Terminate();
        _kit.Dispose();
    }

    public void Dispose() => _proxy.Dispose();

    [Fact]
    public async Task A_write_waits_for_a_database_that_is_away_and_is_done_once()
    {
        var (writer, probe) = await WriterAsync("away");
        _proxy.Cut();
        writer.Tell("while away");
        await probe.ExpectNoMsgAsync(TimeSpan.FromSeconds(2));
        _proxy.Mend();

        Assert.Equal("while away", await probe.ExpectMsgAsync<string>(Limit));
        writer.Tell("after");
        Assert.Equal("after", await probe.ExpectMsgAsync<string>(Limit));
        Assert.Equal(3, await CountAsync("away"));
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_no_conflict_with_itself()
    {
        var (writer, probe) = await WriterAsync("lost");
        _proxy.LoseNextCommit();
        writer.Tell("written");
        await _proxy.CommitLost.WaitAsync(Limit);

        Assert.Equal("written", await probe.ExpectMsgAsync<string>(Limit));
        Assert.Equal(2, await CountAsync("lost"));
    }

    [Fact]
    public async Task A_stale_owner_fails_and_stops_and_takes_no_neighbour_with_it()
    {
        var (stale, staleProbe) = await WriterAsync("fenced");
        var (owner, ownerProbe) = await WriterAsync("fenced", greeting: null);
        owner.Tell("by the new owner");
        await ownerProbe.ExpectMsgAsync<string>(Limit);
        var neighbours = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(number => WriterAsync($"neighbour-{number}"))
        );

        await staleProbe.WatchAsync(stale);
        stale.Tell("by the stale owner");
        foreach (var (neighbour, _) in neighbours)
        {
            neighbour.Tell("beside it");
        }

        foreach (var (_, probe) in neighbours)
        {
            Assert.Equal("beside it", await probe.ExpectMsgAsync<string>(Limit));
        }
        await staleProbe.ExpectTerminatedAsync(stale, Limit);
        Assert.Equal(2, await CountAsync("fenced"));
    }

    [Fact]
    public async Task A_hole_in_the_numbers_of_events_is_reported_and_the_rest_is_replayed()
    {
        var (writer, probe) = await WriterAsync("holed");
        foreach (var text in new[] { "second", "third" })
        {
            writer.Tell(text);
            await probe.ExpectMsgAsync<string>(Limit);
        }
        await using (var connection = new NpgsqlConnection(TestPostgres.ConnectionBy(postgres.Port)))
        {
            await connection.OpenAsync();
            await using var lose = new NpgsqlCommand(
                "DELETE FROM journal WHERE persistence_id = 'holed' AND sequence_number = 2",
                connection
            );
            Assert.Equal(1, await lose.ExecuteNonQueryAsync());
        }

        using var kit = KitWith(TimeSpan.FromMinutes(5), "ERROR");
        await kit
            .EventFilter.Error(contains: "The journal of holed has a hole: the events 2 to 2 are missing")
            .ExpectOneAsync(Limit, () => WriterAsync("holed", greeting: null, kit));
    }

    [Fact]
    public async Task A_late_owner_whose_number_is_that_of_a_deleted_event_fails_and_stops()
    {
        var (late, lateProbe) = await WriterAsync("deleted");
        var (owner, ownerProbe) = await WriterAsync("deleted", greeting: null);
        owner.Tell("by the new owner");
        await ownerProbe.ExpectMsgAsync<string>(Limit);
        owner.Tell(new DeleteAll());
        await ownerProbe.ExpectMsgAsync<DeleteMessagesSuccess>(Limit);

        await lateProbe.WatchAsync(late);
        late.Tell("by the late owner");

        await lateProbe.ExpectTerminatedAsync(late, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_database_whose_counter_of_events_went_back_is_tried_with_pauses_until_it_is_past_its_events()
    {
        var (writer, probe) = await WriterAsync("counter");
        for (var count = 0; count < 6; count++)
        {
            writer.Tell("before");
            await probe.ExpectMsgAsync<string>(Limit);
        }
        await using (var connection = new NpgsqlConnection(TestPostgres.ConnectionBy(postgres.Port)))
        {
            // As after a restore of tables without their sequences. Each try takes the next number.
            await connection.OpenAsync();
            await using var back = new NpgsqlCommand(
                """
                SELECT setval(pg_get_serial_sequence('journal', 'ordering'),
                    (SELECT MAX(ordering) - 6 FROM journal))
                """,
                connection
            );
            await back.ExecuteScalarAsync();
        }

        var since = TimeProvider.System.GetTimestamp();
        writer.Tell("after");

        Assert.Equal("after", await probe.ExpectMsgAsync<string>(Limit));
        Assert.Equal(8, await CountAsync("counter"));

        // Three tries at once, and then pauses of 0.2, 0.4 and 0.8 s.
        Assert.True(TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Patience_has_an_end()
    {
        using var kit = KitWith(TimeSpan.FromSeconds(2));
        var (writer, probe) = await WriterAsync("impatient", kit: kit);
        await probe.WatchAsync(writer);
        _proxy.Cut();
        writer.Tell("never written");

        await probe.ExpectTerminatedAsync(writer, Limit);
        await kit.Sys.Terminate();
    }

    private TestKit KitWith(TimeSpan patience, string level = "OFF") =>
        new(
            Akka.Configuration.ConfigurationFactory.ParseString(
                    $"""
                    akka.loglevel = {level}
                    akka.stdout-loglevel = OFF
                    """
                )
                .WithFallback(
                    JournalConfiguration.Of(
                        new DatabaseOptions
                        {
                            ConnectionString = TestPostgres.ConnectionBy(_proxy.Port),
                            Patience = patience,
                        },
                        ""
                    )
                )
        );

    /// <summary>An actor that persists strings and tells each it has persisted.</summary>
    private async Task<(IActorRef Writer, TestProbe Probe)> WriterAsync(
        string id,
        string? greeting = "first",
        TestKit? kit = null
    )
    {
        var probe = (kit ?? _kit).CreateTestProbe();
        var writer = (kit ?? _kit).Sys.ActorOf(Props.Create(() => new Writer(id, probe)));
        await probe.ExpectMsgAsync<RecoveryCompleted>(Limit);
        if (greeting is not null)
        {
            writer.Tell(greeting);
            await probe.ExpectMsgAsync<string>(Limit);
        }

        return (writer, probe);
    }

    private async Task<long> CountAsync(string id)
    {
        await using var connection = new NpgsqlConnection(TestPostgres.ConnectionBy(postgres.Port));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT COUNT(*) FROM journal WHERE persistence_id = @id",
            connection
        );
        command.Parameters.AddWithValue("id", id);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private sealed record DeleteAll;

    private sealed class Writer : ReceivePersistentActor
    {
        public Writer(string id, IActorRef observer)
        {
            PersistenceId = id;
            Recover<RecoveryCompleted>(observer.Tell);
            Command<string>(text => Persist(text, observer.Tell));
            Command<DeleteAll>(_ => DeleteMessages(LastSequenceNr));
            Command<DeleteMessagesSuccess>(observer.Tell);
        }

        public override string PersistenceId { get; }
    }
}
