using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Recorder.Cluster.Journal;

/// <summary>What the failure of a write means.</summary>
internal enum JournalFault
{
    /// <summary>The database is away, full, locked or does not answer: the same write may succeed later, or may have
    /// been done already.</summary>
    Away,

    /// <summary>There is an event of this number already: somebody else's, one's own from a try that was thought to
    /// have failed, or a neighbour's in the batch.</summary>
    Conflict,

    /// <summary>The write itself is at fault: trying again would not help.</summary>
    Other,
}

/// <summary>Tells what a failed write's exception means.</summary>
internal static class JournalFaults
{
    /// <summary>The meaning of an exception and of everything inside it.</summary>
    public static JournalFault Of(Exception cause)
    {
        var faults = All(cause).Select(OfOne).ToList();
        return faults.Contains(JournalFault.Conflict) ? JournalFault.Conflict
            : faults.Contains(JournalFault.Away) ? JournalFault.Away
            : JournalFault.Other;
    }

    private static JournalFault OfOne(Exception cause) =>
        cause switch
        {
            PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => JournalFault.Conflict,
            // Classes of SQLSTATE: 22 data, 23 constraints, 42 syntax, names and rights. Everything else is the
            // server's state.
            PostgresException { SqlState: ['2', '2' or '3', ..] or ['4', '2', ..] } => JournalFault.Other,
            // https://www.sqlite.org/rescode.html: 1555 and 2067 are primary key and unique, 19 any other constraint.
            SqliteException { SqliteExtendedErrorCode: 1555 or 2067 } => JournalFault.Conflict,
            // Busy, locked, read-only, input or output error, full, cannot open, locking protocol.
            SqliteException { SqliteErrorCode: 5 or 6 or 8 or 10 or 13 or 14 or 15 } => JournalFault.Away,
            SqliteException => JournalFault.Other,
            DbException or SocketException or IOException or TimeoutException => JournalFault.Away,
            _ => JournalFault.Other,
        };

    private static IEnumerable<Exception> All(Exception cause) =>
        cause switch
        {
            AggregateException several => several.InnerExceptions.SelectMany(All),
            { InnerException: { } inner } => All(inner).Prepend(cause),
            _ => [cause],
        };
}
