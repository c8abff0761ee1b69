using System.Collections.Immutable;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;
using Recorder.Cluster.Journal;

namespace Recorder.Cluster.Tests.Journal;

public sealed class JournalFaultTests
{
    public static TheoryData<string, Exception, string> Faults =>
        new()
        {
            {
                "refused",
                new NpgsqlException("no", new SocketException((int)SocketError.ConnectionRefused)),
                nameof(JournalFault.Away)
            },
            { "timed out", new NpgsqlException("no", new TimeoutException()), nameof(JournalFault.Away) },
            { "shut down", Postgres("57P01"), nameof(JournalFault.Away) },
            { "disk full", Postgres("53100"), nameof(JournalFault.Away) },
            { "read only", Postgres("25006"), nameof(JournalFault.Away) },
            { "password changed", Postgres("28P01"), nameof(JournalFault.Away) },
            { "unique", Postgres("23505"), nameof(JournalFault.Conflict) },
            { "not null", Postgres("23502"), nameof(JournalFault.Other) },
            { "no table", Postgres("42P01"), nameof(JournalFault.Other) },
            { "busy", new SqliteException("no", 5), nameof(JournalFault.Away) },
            { "full", new SqliteException("no", 13), nameof(JournalFault.Away) },
            { "input or output", new SqliteException("no", 10, 778), nameof(JournalFault.Away) },
            { "unique in SQLite", new SqliteException("no", 19, 2067), nameof(JournalFault.Conflict) },
            { "not null in SQLite", new SqliteException("no", 19, 1299), nameof(JournalFault.Other) },
            { "anything else", new InvalidOperationException(), nameof(JournalFault.Other) },
            {
                "rolled back",
                new AggregateException(new InvalidOperationException(), Postgres("57P01")),
                nameof(JournalFault.Away)
            },
            {
                "conflict inside",
                new AggregateException(new IOException(), new InvalidOperationException("no", Postgres("23505"))),
                nameof(JournalFault.Conflict)
            },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_failure_is_told_by_what_is_inside_it(string name, Exception cause, string fault)
    {
        Assert.NotEmpty(name);
        Assert.Equal(fault, JournalFaults.Of(cause).ToString());
    }

    /// <summary>Events as number, time and payload.</summary>
    [Theory]
    [InlineData("3@7a", "", 2, nameof(WriteVerdict.NotWritten))]
    [InlineData("3@7a", "", 3, nameof(WriteVerdict.Fenced))]
    [InlineData("3@7a", "", 8, nameof(WriteVerdict.Fenced))]
    [InlineData("3@7a", "3@7a", 4, nameof(WriteVerdict.Done))]
    [InlineData("3@7a", "3@8a", 4, nameof(WriteVerdict.Fenced))]
    [InlineData("3@7a", "3@7b", 4, nameof(WriteVerdict.Fenced))]
    [InlineData("3@7a 4@7b", "3@7a 4@7b", 4, nameof(WriteVerdict.Done))]
    [InlineData("3@7a 4@7b", "3@7a", 4, nameof(WriteVerdict.Fenced))]
    [InlineData("3@7a 4@7b", "3@7a 4@8b", 4, nameof(WriteVerdict.Fenced))]
    public void A_write_that_met_its_own_numbers_is_judged_by_what_is_stored(
        string own,
        string stored,
        long highest,
        string verdict
    ) => Assert.Equal(verdict, WriteVerdicts.Of(Read(own), Read(stored), highest).ToString());

    private static PostgresException Postgres(string state) => new("no", "ERROR", "ERROR", state);

    private static ImmutableList<WrittenEvent> Read(string events) =>
        [
            .. events
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(text => new WrittenEvent(text[0] - '0', text[2] - '0', new[] { (byte)text[3] })),
        ];
}
