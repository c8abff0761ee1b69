using Microsoft.Data.Sqlite;

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
    /// <param name="file">The SQLite file of a node that has run once and does not run now.</param>
    /// <param name="count">How many sessions, 1 or more.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public static async Task WriteAsync(string file, int count, CancellationToken cancellationToken)
    {
        var settings = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false };
        await using var connection = new SqliteConnection(settings.ToString());
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandTimeout = 600;
        command.CommandText = """
            BEGIN;
            CREATE TEMP TABLE past AS
                WITH RECURSIVE each(id) AS (SELECT @first UNION ALL SELECT id + 1 FROM each WHERE id < @last)
                SELECT id, CASE WHEN id % 50 = 0 THEN 'interrupted' ELSE 'stopped' END AS phase FROM each;
            INSERT INTO sessions
                (id, sequence_nr, phase, ended, settled, ever_recorded, node, accepted_at, ended_at, journal_deleted_at, body)
                SELECT id, 12, phase, 1, 1, 1, 'akka.tcp://recorder@127.0.0.1:34569', 1796053889000, 1796053890020,
                    1796053890021, REPLACE(REPLACE(@body, '#', id), '"stopped"', '"' || phase || '"')
                FROM past;
            INSERT INTO records (session_id, position, path, finished, node, opened_at, duration_ms, bytes, body)
                SELECT id, 0, REPLACE('/var/lib/recorder/records/2026-11-30_15:51:29__#.mp4', '#', id), 1,
                    'akka.tcp://recorder@127.0.0.1:34569', 1796053889380, 3000120, 2250000000, REPLACE(@record, '#', id)
                FROM past;
            COMMIT;
            PRAGMA wal_checkpoint(TRUNCATE)
            """;
        command.Parameters.AddWithValue("@first", First);
        command.Parameters.AddWithValue("@last", First + count - 1);
        command.Parameters.AddWithValue("@body", Body.Trim());
        command.Parameters.AddWithValue("@record", Record.Trim());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
