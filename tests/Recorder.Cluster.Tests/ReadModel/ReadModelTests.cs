using System.IO.Compression;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;
using Recorder.Cluster.Tests.Hosting.Driver;

namespace Recorder.Cluster.Tests.ReadModel;

[Trait("ring", "farm")]
public sealed class ReadModelTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_ended_session_comes_into_the_archive_as_the_session_told_it()
    {
        await using var node = await TestNode.StartAsync(_folder);
        var id = await node.RecordAsync();
        Assert.Null(await node.Archive.FindAsync(id, CancellationToken.None));

        await node.StopAsync(id);
        var ended = await ArchivedAsync(node, id, session => session.Records.All(record => record.Sha256 is not null));

        Assert.Equal(SessionPhase.Stopped, ended.Phase);
        Assert.True(ended.EverRecorded);
        Assert.True(Assert.Single(ended.Records).Finished);
        Assert.True(File.Exists(ended.Records[0].Path));
        Assert.Equal(TestNode.Spec, ended.Spec);
        Assert.Equal(node.Address, ended.Node);
    }

    [Fact]
    public async Task A_failed_start_comes_into_the_archive()
    {
        await using var node = await TestNode.StartAsync(_folder);
        node.Media.Fails = true;
        var admitted = await node.AdmitAsync();
        await Akka.Actor.Futures.Ask<StartReply>(
            node.Sessions,
            new StartSession(admitted.Id, TestNode.Spec).To(admitted.Shard),
            TestNode.Limit
        );

        var failed = await ArchivedAsync(node, admitted.Id, _ => true);

        Assert.Equal(SessionPhase.Failed, failed.Phase);
        Assert.False(failed.EverRecorded);
        Assert.NotEmpty(failed.Faults);
    }

    [Fact]
    public async Task An_ended_session_leaves_the_placement_and_stays_in_the_lists()
    {
        await using var node = await TestNode.StartAsync(_folder);
        var ended = await node.RecordAsync();
        await node.StopAsync(ended);
        var running = await node.RecordAsync();

        await Eventually.BeAsync(
            $"the placement has forgotten session {ended}",
            TestNode.FarmLimit,
            async () =>
                await Akka.Actor.Futures.Ask<LocationReply>(node.Placement, new FindSession(ended), TestNode.Limit)
                    is SessionUnknown
        );

        Assert.Equal(
            [(ended, SessionPhase.Stopped), (running, SessionPhase.Recording)],
            (await node.ListAsync()).Select(session => (session.Id, session.Phase))
        );
        Assert.IsType<StopDone>(await node.StopAsync(ended));
        Assert.True(Assert.Single((await node.SummaryAsync(ended)).Records).Finished);
    }

    [Fact]
    public async Task A_database_of_the_version_before_is_read_at_the_first_start()
    {
        var told = await OldDatabaseAsync();
        await using var node = await TestNode.StartAsync(_folder);

        foreach (var session in told.Where(session => !session.Running))
        {
            var archived = await ArchivedAsync(node, session.Id, _ => true);

            // That version did not tell when a record was closed, nor why a session ended; its journal did.
            Assert.DoesNotContain(archived.Records, record => record.Finished && record.ClosedAt is null);
            Assert.NotNull(archived.EndReason);
            Assert.Equal(
                Text(session),
                Text(
                    archived with
                    {
                        EndReason = null,
                        Records = archived.Records.ConvertAll(record => record with { ClosedAt = null }),
                    }
                )
            );
        }
        Assert.Contains(told, session => session.Phase == SessionPhase.Failed);
        Assert.Contains(told, session => session.Records.Count > 1 && session.Gaps.Count > 0);
    }

    [Fact]
    public async Task One_event_that_cannot_be_read_keeps_no_other_session_from_the_lists()
    {
        var told = await OldDatabaseAsync();
        var broken = told.First(session => !session.Running);
        await using (var connection = new SqliteConnection($"Data Source={_folder.Database};Pooling=False"))
        {
            await connection.OpenAsync();
            Assert.Equal(
                1,
                await connection.ExecuteAsync(
                    "UPDATE journal SET message = x'7b7d' WHERE persistence_id = @id AND sequence_number = 2",
                    new { id = $"session-{broken.Id}" }
                )
            );
        }
        using var log = new FarmLog();
        await using var node = await TestNode.StartAsync(
            _folder,
            new SimulatedMedia(_folder.Records),
            configure: null,
            log
        );

        foreach (var session in told.Where(session => !session.Running && session.Id != broken.Id))
        {
            await ArchivedAsync(node, session.Id, _ => true);
        }
        Assert.Null(await node.Archive.FindAsync(broken.Id, CancellationToken.None));
        Assert.Contains(broken.Id, (await node.ListAsync()).Select(session => session.Id));
        var warning = $"Session {broken.Id} cannot be read";
        Assert.Single(log.Lines, line => line.Contains(warning, StringComparison.Ordinal));

        // What happens from now on comes into the lists too.
        var next = await node.RecordAsync();
        await node.StopAsync(next);
        await ArchivedAsync(node, next, _ => true);
    }

    [Fact]
    public async Task A_read_model_that_is_ahead_of_its_journal_is_made_anew()
    {
        var told = await OldDatabaseAsync();
        await using (var node = await TestNode.StartAsync(_folder))
        {
            await ArchivedAsync(node, told[^1].Id, _ => true);
        }

        // As after the journal alone was restored from a backup: the last place is unknown, one session is only in the
        // read model, one is different, and one has no events any more because they were deleted on purpose.
        SqliteConnection.ClearAllPools();
        await using (var connection = new SqliteConnection($"Data Source={_folder.Database};Pooling=False"))
        {
            await connection.OpenAsync();
            await connection.ExecuteAsync(
                """
                UPDATE projections SET ordering = ordering + 1000000;
                UPDATE sessions SET phase = 'failed' WHERE id = 1;
                INSERT INTO sessions SELECT 700, sequence_nr, phase, ended, settled, ever_recorded, node, accepted_at,
                    ended_at, NULL, REPLACE(body, '"id":2', '"id":700'), NULL, 0 FROM sessions WHERE id = 2;
                INSERT INTO sessions SELECT 701, sequence_nr, phase, ended, settled, ever_recorded, node, accepted_at,
                    ended_at, 1, REPLACE(body, '"id":2', '"id":701'), NULL, 0 FROM sessions WHERE id = 2
                """
            );
        }

        await using var next = await TestNode.StartAsync(_folder);
        await Eventually.BeAsync(
            "the read model is made anew",
            TestNode.FarmLimit,
            async () => await next.Archive.FindAsync(new SessionId(700), CancellationToken.None) is null
        );
        Assert.NotNull(await next.Archive.FindAsync(new SessionId(701), CancellationToken.None));
        await using var read = await next.Database.OpenAsync(CancellationToken.None);
        Assert.Equal("stopped", await read.ExecuteScalarAsync<string>("SELECT phase FROM sessions WHERE id = 1"));
        Assert.Equal(0, await read.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM sessions WHERE sequence_nr = 0"));
    }

    [Fact]
    public async Task The_events_of_a_session_that_ended_long_ago_are_deleted_and_the_session_is_told_of_still()
    {
        await using var node = await TestNode.StartAsync(_folder, options => options.Retention.Journal = TimeSpan.Zero);
        var id = await node.RecordAsync();
        await node.StopAsync(id);
        var before = await ArchivedAsync(node, id, session => session.Records.All(record => record.Sha256 is not null));

        await Eventually.BeAsync(
            $"the events of session {id} are deleted",
            TestNode.FarmLimit * 2,
            async () =>
            {
                await using var connection = await node.Database.OpenAsync(CancellationToken.None);
                return await connection.ExecuteScalarAsync<long>(
                        "SELECT COUNT(*) FROM journal WHERE persistence_id = @id AND deleted = 0",
                        new { id = $"session-{id}" }
                    ) == 0;
            }
        );
        Assert.Equal(Text(before), Text((await node.Archive.FindAsync(id, CancellationToken.None))!));
        Assert.Equal([id], (await node.ListAsync()).Select(session => session.Id));
    }

    /// <summary>Puts the database there that the version before has made, and tells what that version listed.</summary>
    private async Task<IReadOnlyList<SessionSummary>> OldDatabaseAsync()
    {
        var data = Path.Join(AppContext.BaseDirectory, "ReadModel", "TestData");
        await using (var packed = File.OpenRead(Path.Join(data, "recorder-before-the-read-model.db.gz")))
        await using (var unpacking = new GZipStream(packed, CompressionMode.Decompress))
        await using (var file = File.Create(_folder.Database))
        {
            await unpacking.CopyToAsync(file);
        }
        var list = await File.ReadAllTextAsync(Path.Join(data, "sessions-before-the-read-model.json"));

        // That version did not number its records. Their numbers follow from their places.
        return JsonSerializer
            .Deserialize<SessionList>(list, WireSerializer.Json)!
            .Sessions.ConvertAll(session =>
                session with
                {
                    Records =
                    [
                        .. RecordId.Of(session).Select(item => item.Record with { Number = item.Id.Number }),
                    ],
                }
            );
    }

    private static async Task<SessionSummary> ArchivedAsync(
        TestNode node,
        SessionId id,
        Func<SessionSummary, bool> expected
    )
    {
        SessionSummary? found = null;
        await Eventually.BeAsync(
            $"session {id} is in the archive",
            TestNode.FarmLimit,
            async () =>
                (found = await node.Archive.FindAsync(id, CancellationToken.None)) is not null && expected(found)
        );
        return found!;
    }

    private static string Text(SessionSummary summary) => JsonSerializer.Serialize(summary, WireSerializer.Json);
}
