using Dapper;
using Recorder.Cluster.Audit;
using Recorder.Cluster.Database;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Database;
using Recorder.Cluster.Tests.Journal;

namespace Recorder.Cluster.Tests.Audit;

/// <summary>The table of the audit in each kind of database.</summary>
[Trait("ring", "farm")]
public sealed class AuditBookTests(TestPostgres postgres) : InEachDatabase(postgres)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 8, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Lines_are_read_newest_first_and_by_what_they_have(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var book = await BookAsync(database);
        var start = Line("anna", 1, "start") with { Code = "page_failed", Detail = "x" };
        await book.AddAsync([start, Line("ben", 2, "stop")], default);
        await book.AddAsync([Line("anna", null, "new_webhook") with { At = Now.AddHours(1) }], default);

        var all = await book.ListAsync(Asked(), default);

        Assert.Equal(["new_webhook", "stop", "start"], all.Select(line => line.Action));
        Assert.Equal(start with { Number = all[2].Number }, all[2]);
        Assert.Equal(["stop", "start"], await NamesAsync(Asked() with { Before = all[0].Number }));
        Assert.Equal(["stop"], await NamesAsync(new AuditQuestion(all[0].Number, 1)));
        Assert.Equal(["new_webhook", "start"], await NamesAsync(Asked() with { Who = "anna" }));
        Assert.Equal(["stop"], await NamesAsync(Asked() with { Session = new SessionId(2) }));
        Assert.Equal(["start"], await NamesAsync(Asked() with { Action = "start" }));
        Assert.Equal(["new_webhook"], await NamesAsync(Asked() with { From = Now.AddMinutes(1) }));
        Assert.Equal(["stop", "start"], await NamesAsync(Asked() with { To = Now.AddMinutes(1) }));

        async Task<IEnumerable<string>> NamesAsync(AuditQuestion question) =>
            (await book.ListAsync(question, default)).Select(line => line.Action);
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Old_lines_are_deleted_step_by_step(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var book = await BookAsync(database);
        var old = Line("anna", 1, "old") with { At = Now - Kept - TimeSpan.FromMinutes(1) };
        await book.AddAsync([.. Enumerable.Repeat(old, AuditBook.MostInAStep), Line("anna", 1, "new")], default);

        Assert.True(await book.ForgetAsync(Now, default));
        Assert.False(await book.ForgetAsync(Now, default));

        Assert.Equal("new", Assert.Single(await book.ListAsync(Asked(), default)).Action);
    }

    private static async Task<AuditBook> BookAsync(FarmDatabase database)
    {
        await using var connection = await database.OpenAsync(default);
        await connection.ExecuteAsync("DELETE FROM audit");
        return new AuditBook(database, Kept);
    }

    private static AuditQuestion Asked() => new(long.MaxValue, 100);

    private static AuditLine Line(string who, int? session, string action) =>
        new(
            Now,
            "akka.tcp://recorder@127.0.0.1:34569",
            who,
            "192.0.2.7",
            action,
            $"POST /api/{action}",
            session is { } id ? new SessionId(id) : null,
            200
        );
}
