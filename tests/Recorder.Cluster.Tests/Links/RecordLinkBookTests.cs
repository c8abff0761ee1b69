using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Links;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Journal;

namespace Recorder.Cluster.Tests.Links;

/// <summary>The table of links in each kind of database.</summary>
[Trait("ring", "farm")]
public sealed class RecordLinkBookTests(TestPostgres postgres) : IClassFixture<TestPostgres>, IDisposable
{
    private static readonly RecordId Record = new(new SessionId(7), 2);
    private static readonly DateTimeOffset Made = new(2026, 11, 1, 8, 0, 0, TimeSpan.Zero);

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_link_is_found_by_its_secret_which_is_kept_nowhere(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var book = new RecordLinkBook(database);
        var (secret, link) = (LinkSecret.New(), Link("lnk_1"));

        Assert.True(await book.PutAsync(link, secret, default));

        Assert.Equal(link, await book.FindAsync(secret, default));
        Assert.Equal([link], await book.ListAsync(Record, default));
        Assert.Null(await book.FindAsync(LinkSecret.New(), default));
        Assert.Empty(await book.ListAsync(Record with { Number = 1 }, default));
        await using var connection = await database.OpenAsync(default);
        var row = Assert.Single(await connection.QueryAsync("SELECT * FROM record_links"));
        Assert.DoesNotContain((IDictionary<string, object?>)row, column => $"{column.Value}".Contains(secret));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Of_many_edges_as_many_get_a_download_as_the_link_allows(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var book = new RecordLinkBook(database);
        var secret = LinkSecret.New();
        await book.PutAsync(Link("lnk_1") with { Downloads = 3 }, secret, default);

        var counted = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => book.CountAsync("lnk_1", Made, default)));

        Assert.Equal(3, counted.Count(one => one));
        var link = await book.FindAsync(secret, default);
        Assert.Equal((3, Made), (link?.Downloaded, link?.LastUsedAt));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_revoked_link_and_an_expired_link_count_no_download(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var book = new RecordLinkBook(database);
        await book.PutAsync(Link("lnk_1"), LinkSecret.New(), default);
        await book.PutAsync(Link("lnk_2"), LinkSecret.New(), default);

        Assert.False(await book.RevokeAsync(Record with { Number = 1 }, "lnk_1", Made, default));
        Assert.True(await book.RevokeAsync(Record, "lnk_1", Made, default));
        Assert.True(await book.RevokeAsync(Record, "lnk_1", Made.AddMinutes(1), default));

        Assert.False(await book.CountAsync("lnk_1", Made, default));
        Assert.False(await book.CountAsync("lnk_2", Made.AddHours(1), default));
        Assert.Equal([Made, null], (await book.ListAsync(Record, default)).Select(link => link.RevokedAt));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_record_has_a_bounded_number_of_links_and_old_ones_are_forgotten(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var book = new RecordLinkBook(database);
        for (var number = 1; number <= RecordLink.MostOfRecord; number++)
        {
            Assert.True(await book.PutAsync(Link($"lnk_{number}"), LinkSecret.New(), default));
        }

        Assert.False(await book.PutAsync(Link("lnk_more"), LinkSecret.New(), default));
        await book.RevokeAsync(Record, "lnk_1", Made, default);
        Assert.True(await book.PutAsync(Link("lnk_more"), LinkSecret.New(), default));
        var later = Made.AddHours(1) + RecordLink.KeptFor;
        var next = Link("lnk_next") with { CreatedAt = later.AddSeconds(1), ExpiresAt = later.AddHours(1) };
        Assert.True(await book.PutAsync(next, LinkSecret.New(), default));

        Assert.Equal([next], await book.ListAsync(Record, default));
    }

    private static RecordLink Link(string id) => new(id, Record, true, Made, Made.AddHours(1), null, 0, null, null);

    private async Task<FarmDatabase> PreparedAsync(DatabaseKind kind)
    {
        var database = new FarmDatabase(
            kind == DatabaseKind.Sqlite
                ? new DatabaseOptions { File = _folder.Database }
                : new DatabaseOptions { ConnectionString = TestPostgres.ConnectionBy(postgres.Port) }
        );
        await database.PrepareAsync(CancellationToken.None);
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync("DELETE FROM record_links");
        return database;
    }
}
