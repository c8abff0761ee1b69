using System.Data.Common;
using Recorder.Cluster.Database;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>Fills the tables of a node's lists with sessions that were never recorded.</summary>
internal static class PastSessions
{
    /// <summary>The first id. What is really started gets smaller ids.</summary>
    public const int First = 1_000_001;

    private const string Body = """
        {"id":#,"phase":"stopped","phaseSince":"2026-11-30T15:51:30.0205447+00:00","node":"akka.tcp://recorder@127.0.0.1:34569","attempt":1,"spec":{"type":"uri","page":"https://meet.example.org/room-#?name=recorder","mode":"record","video":{"width":1920,"height":1080,"framerate":25,"bitrate":6000,"preset":"ultrafast","profile":"baseline","keyframeInterval":60},"audio":{"bitrate":256},"container":"mp4"},"records":[],"faults":[],"gaps":[],"everRecorded":true,"outputs":[{"id":"record","kind":"record","target":"/var/lib/recorder/records/2026-11-30_15:51:29__#.mp4","state":"finished","since":"2026-11-30T15:51:29.8384056+00:00","reason":null,"framesSent":75000,"framesDropped":0,"bytesSent":2250000000,"retries":0}]}
        """;

    private const string Record = """
        {"path":"/var/lib/recorder/records/2026-11-30_15:51:29__#.mp4","attempt":1,"finished":true,"openedAt":"2026-11-30T15:51:29.3804935+00:00","duration":"00:50:00.1200000","bytes":2250000000,"repaired":false,"framesCaptured":75000,"framesDropped":0,"node":"akka.tcp://recorder@127.0.0.1:34569","sha256":"0a3007545bf1b7023232482440c72c09e7d5c1ca40d55fb677b1d1ff3a69870c"}
        """;

    /// <summary>Writes the sessions; one of fifty is of the phase <c>interrupted</c>.</summary>
    /// <param name="options">The database of a node that has run once and does not run now.</param>
    /// <param name="count">How many sessions, 1 or more.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public static async Task WriteAsync(DatabaseOptions options, int count, CancellationToken cancellationToken)
    {
        await using var database = new FarmDatabase(options);
        var postgres = database.Kind == DatabaseKind.Postgres;
        await using var connection = await database.OpenAsync(cancellationToken);
        await ExecuteAsync(
            connection,
            $"""
            INSERT INTO sessions
                (id, sequence_nr, phase, ended, settled, ever_recorded, node, accepted_at, ended_at, journal_deleted_at, body)
                {Each(postgres)}
                SELECT id, 12, phase, @yes, @yes, @yes, 'akka.tcp://recorder@127.0.0.1:34569', 1796053889000, 1796053890020,
                    1796053890021, REPLACE(REPLACE(@body, '#', CAST(id AS TEXT)), '"stopped"', '"' || phase || '"')
                FROM past;
            """,
            count,
            cancellationToken
        );
        await ExecuteAsync(
            connection,
            $"""
            INSERT INTO records (session_id, position, path, finished, node, opened_at, duration_ms, bytes, body)
                {Each(postgres)}
                SELECT id, 0, REPLACE('/var/lib/recorder/records/2026-11-30_15:51:29__#.mp4', '#', CAST(id AS TEXT)), @yes,
                    'akka.tcp://recorder@127.0.0.1:34569', 1796053889380, 3000120, 2250000000,
                    REPLACE(@record, '#', CAST(id AS TEXT))
                FROM past;
            """,
            count,
            cancellationToken
        );
        await ExecuteAsync(
            connection,
            postgres ? "ANALYZE sessions; ANALYZE records" : "PRAGMA wal_checkpoint(TRUNCATE)",
            count,
            cancellationToken
        );
    }

    /// <summary>Writes what the journal still has of the newest sessions, before their events are deleted.</summary>
    /// <param name="options">A SQLite database that has a journal.</param>
    /// <param name="count">How many sessions, 1 or more.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public static async Task WriteJournalAsync(DatabaseOptions options, int count, CancellationToken cancellationToken)
    {
        await using var database = new FarmDatabase(options);
        await using var connection = await database.OpenAsync(cancellationToken);
        await ExecuteAsync(
            connection,
            $"""
            INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier, writer_uuid)
                {Each(postgres: false)}
                SELECT 639000000000000000, 0, 'session-' || past.id, numbers.value, randomblob(210), 'session-event/record-confirmed:1',
                    4001, 'd3b0a9a6-6f5f-4c3e-9a43-1f3b1a1c0f11'
                FROM past, json_each('[1,2,3,4,5,6,7,8,9,10,11,12]') numbers;
            """,
            count,
            cancellationToken
        );
    }

    private static string Each(bool postgres) =>
        $"""
        WITH RECURSIVE past(id, phase) AS (
            SELECT each.id, CASE WHEN each.id % 50 = 0 THEN 'interrupted' ELSE 'stopped' END
            FROM ({(postgres
            ? "SELECT generate_series(CAST(@first AS bigint), CAST(@last AS bigint)) AS id"
            : "WITH RECURSIVE some(id) AS (SELECT @first UNION ALL SELECT id + 1 FROM some WHERE id < @last) SELECT id FROM some")}) each
        )
        """;

    private static async Task ExecuteAsync(
        DbConnection connection,
        string text,
        int count,
        CancellationToken cancellationToken
    )
    {
        await using var command = connection.CreateCommand();
        command.CommandTimeout = 600;
        command.CommandText = text;
        foreach (
            var (name, value) in new (string, object)[]
            {
                ("first", First),
                ("last", First + count - 1),
                ("body", Body.Trim()),
                ("record", Record.Trim()),
                ("yes", true),
            }
        )
        {
            if (text.Contains($"@{name}", StringComparison.Ordinal))
            {
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = (name, value);
                command.Parameters.Add(parameter);
            }
        }
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
