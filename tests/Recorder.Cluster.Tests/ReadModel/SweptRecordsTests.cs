using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Identity;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Database;
using Recorder.Cluster.Tests.Journal;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.ReadModel;

/// <summary>What a sweep reads, in each kind of database.</summary>
[Trait("ring", "farm")]
public sealed class SweptRecordsTests(TestPostgres postgres) : InEachDatabase(postgres)
{
    private static readonly FolderId HeldFolder = FolderId.New();

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Records_of_the_node_that_may_have_expired_come_oldest_first_in_parts(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        await WriteAsync(
            database,
            Session(1, days: 5),
            Session(2, days: 1),
            Session(3, days: 9, record => record with { Folder = FolderId.New() }),
            Session(4, days: 3, record => record with { Folder = null }),
            Session(5, days: 2, record => record with { Folder = null, Node = Sample.OtherNode }),
            Session(6, days: 3),
            Session(7, days: 8, retention: new RetentionSpec(null)),
            Session(8, days: 0, retention: new RetentionSpec(TimeSpan.Zero)),
            Session(9, days: 0, record => record with { Erasing = Erasing(done: false) }),
            Session(10, days: 9, record => record with { Erasing = Erasing(done: true) })
        );
        var look = new SweepLook([$"{HeldFolder}", Sample.Node], Sample.Time(20), Sample.Begin.AddDays(-2));

        Assert.Equal([7, 1, 4, 6, 8, 9], await LookAsync(database, look, most: 2));
        Assert.Equal([8, 9], await LookAsync(database, look with { EndedBefore = null }, most: 100));
        Assert.Equal(
            [9],
            await LookAsync(database, new SweepLook(look.Holders, DateTimeOffset.MinValue, null), most: 100)
        );
        Assert.Equal(600, await new SweptRecords(database).BytesAsync(look.Holders, CancellationToken.None));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_row_of_a_node_of_the_version_before_is_found_by_its_node(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        await WriteAsync(database, Session(1, days: 5, record => record with { Folder = null }));
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync("UPDATE records SET holder = NULL, number = 0");

        Assert.Equal(
            [1],
            await LookAsync(
                database,
                new SweepLook([Sample.Node], Sample.Begin, Sample.Begin.AddDays(-2)),
                most: 100
            )
        );
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Erased_records_are_listed_only_for_those_who_ask_for_them(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        await WriteAsync(
            database,
            Session(1, days: 1),
            Session(2, days: 1, record => record with { Erasing = Erasing(done: false) }),
            Session(3, days: 1, record => record with { Erasing = Erasing(done: true) })
        );
        Assert.Equal([1, 2], await ListAsync(null, null));
        Assert.Equal([1], await ListAsync(true, null));
        Assert.Equal([1], await ListAsync(true, EraseStage.Kept));
        Assert.Equal([2], await ListAsync(null, EraseStage.Erasing));
        Assert.Equal([3], await ListAsync(null, EraseStage.Erased));
        var archive = new SessionArchive(database);
        Assert.NotNull(
            (await archive.FindAsync(new SessionId(3), CancellationToken.None))!.Records[0].Erasing!.Done
        );

        // The original's lists name files that are there.
        var files = new List<int>();
        await foreach (var session in archive.InShortAsync(0, 10, null, CancellationToken.None))
        {
            files.Add(session.Records.Count);
        }
        Assert.Equal([1, 0, 0], files);

        async Task<List<int>> ListAsync(bool? finished, EraseStage? stage)
        {
            var ids = new List<int>();
            var wanted = new ArchivedRecords(default, int.MaxValue) { Finished = finished, Erasing = stage };
            await foreach (var record in new SessionArchive(database).RecordsAsync(wanted, 1, CancellationToken.None))
            {
                ids.Add(record.Id.Session.Value);
            }
            return ids;
        }
    }

    private static async Task<List<int>> LookAsync(FarmDatabase database, SweepLook look, int most)
    {
        var records = new SweptRecords(database);
        var ids = new List<int>();
        SweptRecord? after = null;
        while (true)
        {
            var part = await records.PartAsync(look, after, most, CancellationToken.None);
            ids.AddRange(part.Select(record => record.Id.Session.Value));
            Assert.All(part, record => Assert.Equal(1, record.Id.Number));
            if (part.Count < most)
            {
                return ids;
            }
            after = part[^1];
        }
    }

    private static async Task WriteAsync(FarmDatabase database, params SessionState[] sessions)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var session in sessions)
        {
            await SessionTables.WriteAsync(transaction, SessionRows.Of(session, 5), known: false);
        }
        await transaction.CommitAsync();
    }

    private static RecordErasing Erasing(bool done) =>
        new(Sample.Begin, EraseCause.Asked, "Somebody asked for it.") { Done = done ? Sample.Begin : null };

    private static SessionState Session(
        int id,
        double days,
        Func<RecordState, RecordState>? change = null,
        RetentionSpec? retention = null
    )
    {
        var record = new RecordState($"/records/{id}.mp4", 1, Sample.Begin)
        {
            Number = 1,
            Node = Sample.Node,
            Folder = HeldFolder,
            OpenedAt = Sample.Begin.AddDays(-days),
            Duration = TimeSpan.FromSeconds(10),
            Bytes = 100,
            ClosedAt = Sample.Begin.AddDays(-days),
            Sha256 = "known",
        };
        return new SessionState(new SessionId(id))
        {
            Phase = SessionPhase.Stopped,
            PhaseSince = Sample.Begin,
            Node = Sample.Node,
            Started = true,
            Spec = Sample.Spec with { Retention = retention },
            Records = [change?.Invoke(record) ?? record],
        };
    }
}
