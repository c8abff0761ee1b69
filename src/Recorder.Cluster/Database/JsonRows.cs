using System.Data.Common;
using Npgsql;

namespace Recorder.Cluster.Database;

/// <summary>A parameter of many rows, so that one statement writes them all. The rows come as a JSON array of
/// objects.</summary>
internal static class JsonRows
{
    /// <summary>The rows as a table of a statement.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="parameter">The name of the parameter that has the rows in JSON.</param>
    /// <param name="name">The name of the table in the statement.</param>
    /// <param name="columns">The columns, each with its type in PostgreSQL.</param>
    public static string Table(
        DbConnection connection,
        string parameter,
        string name,
        params (string Column, string Type)[] columns
    ) =>
        connection is NpgsqlConnection
            ? $"jsonb_to_recordset(CAST(@{parameter} AS jsonb)) AS {name}({Joined(columns, one => $"\"{one.Column}\" {one.Type}")})"
            : $"(SELECT {Joined(columns, one => $"value ->> '{one.Column}' AS \"{one.Column}\"")} FROM json_each(@{parameter})) AS {name}";

    private static string Joined(
        (string Column, string Type)[] columns,
        Func<(string Column, string Type), string> text
    ) => string.Join(", ", columns.Select(text));
}
