using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Recorder.Cluster.Journal;

/// <summary>What a failed write means.</summary>
internal enum JournalFault
{
    /// <summary>The database is away, full, locked or does not answer. The same write may succeed later, or may
    /// already have been done.</summary>
    Away,

    /// <summary>An event of this number already exists: of another incarnation, of an own try that seemed to have
    /// failed, or of a neighbour in the batch.</summary>
    Conflict,

    /// <summary>The write itself is wrong, so a new try would not help.</summary>
    Other,
}

/// <summary>Tells what the exception of a failed write means.</summary>
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
            // The farm has given this node up: the trigger of the journal refuses all of its sessions' events.
            PostgresException { SqlState: "RX001" } => JournalFault.Other,
            PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => JournalFault.Conflict,
            // Classes of SQLSTATE: 22 data, 23 constraints, 42 syntax, names and rights. All other classes describe
            // the server's state.
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
