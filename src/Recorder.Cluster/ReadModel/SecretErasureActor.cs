using System.Collections.Immutable;
using System.Data.Common;
using System.Runtime.Serialization;
using System.Text.Json;
using Akka.Actor;
using Akka.Event;
using Dapper;
using Microsoft.Data.Sqlite;
using Recorder.Cluster.Database;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.ReadModel;

/// <summary>
/// Erases stream keys and the queries of addresses of ended sessions, where they are stored: in the journal of the
/// session and of the farm's list, in snapshots, and in the read model. Runs beside the projection, on one node of the
/// farm. A session that gets further events later is looked at again.
/// </summary>
internal sealed class SecretErasureActor : ReceiveActor, IWithTimers, IDisposable
{
    /// <summary>How many sessions are done at a time, so that a long history does not keep the database busy.</summary>
    private const int SessionsInAStep = 50;

    private const string Placement = "placement";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>The pause after a full step, and the first wait of a node that has just started.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly FarmDatabase _database;
    private readonly TimeSpan _kept;
    private readonly TimeProvider _clock;
    private readonly Akka.Serialization.Serialization _serialization = Context.System.Serialization;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>The newest event of the farm's list that was looked at.</summary>
    private long _placementSeen;

    /// <summary>Whether the log beside an SQLite file may still hold what was erased.</summary>
    private bool _logIsFull;

    public SecretErasureActor(FarmDatabase database, TimeSpan kept, TimeProvider clock)
    {
        _database = database;
        _kept = kept;
        _clock = clock;
        ReceiveAsync<Due>(_ => EraseAsync());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartSingleTimer(nameof(Due), new Due(), Pause);

    protected override void PostStop()
    {
        _stopping.Cancel();
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private async Task EraseAsync()
    {
        var done = 0;
        try
        {
            done = await EraseSomeAsync();
        }
        catch (Exception error) when (error is DbException or OperationCanceledException)
        {
            _log.Warning("The secrets of ended sessions could not be erased; the node tries again: {0}", error.Message);
        }
        var soon = done > 0 || _logIsFull || _kept < Pause;
        Timers.StartSingleTimer(nameof(Due), new Due(), soon ? Pause : Interval);
    }

    private async Task<int> EraseSomeAsync()
    {
        await using var connection = await _database.OpenAsync(_stopping.Token);
        var due = (
            await connection.QueryAsync<(long Id, long SequenceNr)>(
                """
                SELECT id, sequence_nr FROM sessions
                WHERE settled AND sequence_nr > secrets_erased_nr AND ended_at <= @before
                ORDER BY ended_at LIMIT @most
                """,
                new { before = (_clock.GetUtcNow() - _kept).ToUnixTimeMilliseconds(), most = SessionsInAStep }
            )
        ).AsList();
        var ended = due.Select(session => new SessionId((int)session.Id)).ToImmutableHashSet();
        foreach (var session in ended)
        {
            await RewriteAsync(connection, SessionJournal.IdOf(session), ended, after: 0);
        }
        await RewritePlacementAsync(connection, due.Count > 0);
        foreach (var (id, sequenceNr) in due)
        {
            await RewriteRowAsync(connection, id, sequenceNr);
        }
        if (connection is SqliteConnection && (due.Count > 0 || _logIsFull))
        {
            // The first column tells whether a reader or another writer was in the way.
            _logIsFull = await connection.QuerySingleAsync<long>("PRAGMA wal_checkpoint(TRUNCATE)") != 0;
        }
        return due.Count;
    }

    /// <summary>
    /// Rewrites the farm's list. The list may hear of the end of a session after that session was looked at, and its
    /// snapshots are made of what the placement remembers. So new events and snapshots are looked at each time.
    /// </summary>
    private async Task RewritePlacementAsync(DbConnection connection, bool whole)
    {
        var newest = await connection.QuerySingleAsync<long>(
            """
            SELECT COALESCE(MAX(newest), 0) FROM (
                SELECT MAX(sequence_number) AS newest FROM journal WHERE persistence_id = @Placement
                UNION ALL SELECT MAX(sequence_number) FROM snapshot WHERE persistence_id = @Placement
            ) AS stored
            """,
            new { Placement }
        );
        if (newest == _placementSeen && !whole)
        {
            return;
        }
        var ended = (
            await connection.QueryAsync<long>(
                "SELECT id FROM sessions WHERE settled AND ended_at <= @before",
                new { before = (_clock.GetUtcNow() - _kept).ToUnixTimeMilliseconds() }
            )
        )
            .Select(id => new SessionId((int)id))
            .ToImmutableHashSet();
        _logIsFull |= await RewriteAsync(connection, Placement, ended, whole ? 0 : _placementSeen);
        _placementSeen = newest;
    }

    /// <summary>Rewrites what the read model has of a session, and notes up to which event that was done.</summary>
    private static async Task RewriteRowAsync(DbConnection connection, long id, long sequenceNr)
    {
        var body = await connection.QuerySingleAsync<string>("SELECT body FROM sessions WHERE id = @id", new { id });
        await connection.ExecuteAsync(
            """
            UPDATE sessions SET body = @bare, secrets_erased_nr = @sequenceNr
            WHERE id = @id AND sequence_nr = @sequenceNr AND settled
            """,
            new
            {
                id,
                sequenceNr,
                bare = SessionRows.WithoutSecrets(body),
            }
        );
    }

    /// <returns>Whether something was rewritten.</returns>
    private async Task<bool> RewriteAsync(
        DbConnection connection,
        string journal,
        ImmutableHashSet<SessionId> ended,
        long after
    )
    {
        var rewritten = false;
        var events = await connection.QueryAsync<Stored>(
            """
            SELECT sequence_number AS Number, message AS Bytes, identifier AS Serializer, manifest AS Manifest
            FROM journal WHERE persistence_id = @journal AND sequence_number > @after
            """,
            new { journal, after }
        );
        foreach (var stored in events.AsList())
        {
            if (Bare(stored, ended) is { } bare)
            {
                rewritten = true;
                await connection.ExecuteAsync(
                    "UPDATE journal SET message = @bare WHERE persistence_id = @journal AND sequence_number = @Number",
                    new
                    {
                        bare,
                        journal,
                        stored.Number,
                    }
                );
            }
        }
        var snapshots = await connection.QueryAsync<Stored>(
            """
            SELECT sequence_number AS Number, snapshot AS Bytes, serializer_id AS Serializer, manifest AS Manifest
            FROM snapshot WHERE persistence_id = @journal
            """,
            new { journal }
        );
        foreach (var stored in snapshots.AsList())
        {
            if (Bare(stored, ended) is { } bare)
            {
                rewritten = true;
                await connection.ExecuteAsync(
                    "UPDATE snapshot SET snapshot = @bare WHERE persistence_id = @journal AND sequence_number = @Number",
                    new
                    {
                        bare,
                        journal,
                        stored.Number,
                    }
                );
            }
        }
        return rewritten;
    }

    /// <summary>What is stored, without secrets; null when nothing changes. What cannot be read stays as it is: the
    /// projection tells of it.</summary>
    private byte[]? Bare(Stored stored, ImmutableHashSet<SessionId> ended)
    {
        try
        {
            var read = _serialization.Deserialize(stored.Bytes, (int)stored.Serializer, stored.Manifest);
            if (EndedSecrets.Without(read, ended.Contains) is not { } bare)
            {
                return null;
            }
            var bytes = _serialization.FindSerializerFor(bare).ToBinary(bare);
            return bytes.AsSpan().SequenceEqual(stored.Bytes) ? null : bytes;
        }
        catch (Exception error)
            when (error is SerializationException or JsonException or ArgumentException or NotSupportedException)
        {
            _log.Warning("A stored event of an ended session cannot be read, and stays as it is: {0}", error.Message);
            return null;
        }
    }

    private sealed class Stored
    {
        public long Number { get; init; }

        public byte[] Bytes { get; init; } = [];

        public long Serializer { get; init; }

        public string Manifest { get; init; } = "";
    }

    private sealed record Due;
}
