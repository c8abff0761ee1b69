using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Idempotency;
using Recorder.Cluster.Tests.Database;
using Recorder.Cluster.Tests.Journal;
using Recorder.Cluster.Tests.Sessions;

namespace Recorder.Cluster.Tests.Idempotency;

/// <summary>The answers of calls that may be repeated, in each kind of database.</summary>
[Trait("ring", "farm")]
public sealed class KeptAnswersTests(TestPostgres postgres) : InEachDatabase(postgres)
{
    private static readonly KeyedCall Call = new("anna", "k", "mark");
    private static readonly KeptAnswer Made = new(200, "/api/webhooks/whk_1", """{"id":"whk_1"}""");

    private DateTimeOffset _now = Sample.Begin;

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_call_is_carried_out_once_whichever_node_is_asked(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        await using var other = Open(kind);
        var (one, two) = (new KeptAnswers(database), new KeptAnswers(other));

        var claim = Assert.IsType<KeyStanding.Claimed>(await BeginAsync(one, Call)).Claim;
        Assert.IsType<KeyStanding.UnderWay>(await BeginAsync(two, Call));
        Assert.IsType<KeyStanding.Other>(await BeginAsync(two, Call with { Mark = "else" }));
        Assert.IsType<KeyStanding.Claimed>(await BeginAsync(two, Call with { Caller = "ben" }));
        await one.KeepAsync(Call, claim, Made, _now, CancellationToken.None);

        Assert.Equal(Made, Assert.IsType<KeyStanding.Answered>(await BeginAsync(two, Call)).Answer);
        Assert.IsType<KeyStanding.Other>(await BeginAsync(two, Call with { Mark = "else" }));
    }

    [Fact]
    public async Task A_reader_of_the_database_learns_neither_an_answer_nor_the_key_that_opens_the_answer()
    {
        await using var database = await PreparedAsync(DatabaseKind.Sqlite);
        var answers = new KeptAnswers(database);
        var call = Call with { Key = "monday-lecture" };
        var claim = Assert.IsType<KeyStanding.Claimed>(await BeginAsync(answers, call)).Claim;
        await answers.KeepAsync(call, claim, Made, _now, CancellationToken.None);

        await using var connection = await database.OpenAsync(CancellationToken.None);
        var (key, body) = await connection.QuerySingleAsync<(string, string)>("SELECT key, body FROM idempotency_keys");

        Assert.DoesNotContain("monday", key, StringComparison.Ordinal);
        Assert.DoesNotContain("whk_1", body, StringComparison.Ordinal);
        Assert.NotEqual(body, SealedAnswer.Seal(call, Made.Body));
        Assert.Equal(Made.Body, SealedAnswer.Open(call, body));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() =>
            SealedAnswer.Open(call with { Key = "tuesday-lecture" }, body)
        );
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Of_many_at_once_one_gets_the_key(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        await using var other = Open(kind);
        KeptAnswers[] nodes = [new(database), new(other)];

        var standings = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(number => Task.Run(() => BeginAsync(nodes[number % 2], Call)))
        );

        Assert.Single(standings.OfType<KeyStanding.Claimed>());
        Assert.Equal(15, standings.OfType<KeyStanding.UnderWay>().Count());
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_key_is_free_again_after_a_failure_a_dead_node_and_a_day(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var answers = new KeptAnswers(database);

        var failed = Assert.IsType<KeyStanding.Claimed>(await BeginAsync(answers, Call));
        await answers.FreeAsync(Call, failed.Claim, CancellationToken.None);
        var died = Assert.IsType<KeyStanding.Claimed>(await BeginAsync(answers, Call));

        _now += KeptAnswers.ClaimLength;
        var second = Assert.IsType<KeyStanding.Claimed>(await BeginAsync(answers, Call with { Mark = "else" }));

        // The node was not dead, only late: the key is another call's by now.
        await answers.KeepAsync(Call, died.Claim, Made, _now, CancellationToken.None);
        await answers.FreeAsync(Call, died.Claim, CancellationToken.None);
        Assert.IsType<KeyStanding.UnderWay>(await BeginAsync(answers, Call with { Mark = "else" }));
        await answers.KeepAsync(Call, second.Claim, Made, _now, CancellationToken.None);

        _now += KeptAnswers.Lifetime - TimeSpan.FromSeconds(1);
        Assert.IsType<KeyStanding.Other>(await BeginAsync(answers, Call));
        _now += TimeSpan.FromSeconds(1);
        Assert.IsType<KeyStanding.Claimed>(await BeginAsync(answers, Call));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Old_answers_are_forgotten(DatabaseKind kind)
    {
        await using var database = await PreparedAsync(kind);
        var answers = new KeptAnswers(database);
        await KeepAsync(answers, Call);
        _now += KeptAnswers.Lifetime;
        var later = Call with { Key = "later" };
        await KeepAsync(answers, later);

        await using var connection = await database.OpenAsync(CancellationToken.None);
        Assert.Equal([SealedAnswer.MarkOf(later)], await connection.QueryAsync<string>("SELECT key FROM idempotency_keys"));
    }

    private async Task KeepAsync(KeptAnswers answers, KeyedCall call)
    {
        var claim = Assert.IsType<KeyStanding.Claimed>(await BeginAsync(answers, call)).Claim;
        await answers.KeepAsync(call, claim, Made, _now, CancellationToken.None);
    }

    private Task<KeyStanding> BeginAsync(KeptAnswers answers, KeyedCall call) =>
        answers.BeginAsync(call, _now, CancellationToken.None);
}
