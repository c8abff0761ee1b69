using System.Data.Common;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.ReadModel;

/// <summary>
/// Deletes the events and snapshots of sessions that ended long ago and have nothing left to do. The read model has
/// what lists and answers need. Runs beside the projection, on one node of the farm.
/// </summary>
internal sealed class JournalRetentionActor : ReceiveActor, IWithTimers, IDisposable
{
    /// <summary>How many sessions are done at a time, so that a long history does not keep the database busy.</summary>
    private const int SessionsInAStep = 50;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>The pause after a full step, and the first wait of a node that has just started.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan DeletionLimit = TimeSpan.FromSeconds(30);

    private readonly FarmDatabase _database;
    private readonly TimeSpan _kept;
    private readonly TimeProvider _clock;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly IActorRef _journal = Persistence.Instance.Apply(Context.System).JournalFor("");
    private readonly IActorRef _snapshots = Persistence.Instance.Apply(Context.System).SnapshotStoreFor("");

    public JournalRetentionActor(FarmDatabase database, TimeSpan kept, TimeProvider clock)
    {
        _database = database;
        _kept = kept;
        _clock = clock;
        ReceiveAsync<Due>(_ => DeleteAsync());
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

    private async Task DeleteAsync()
    {
        var done = 0;
        try
        {
            done = await DeleteSomeAsync();
        }
        catch (Exception error) when (error is DbException or AskTimeoutException or InvalidOperationException)
        {
            _log.Warning("Events of ended sessions could not be deleted; the node tries again: {0}", error.Message);
        }
        if (done > 0)
        {
            _log.Info("The events of {0} sessions are deleted, which ended more than {1} ago", done, _kept);
        }
        Timers.StartSingleTimer(nameof(Due), new Due(), done == SessionsInAStep ? Pause : Interval);
    }

    private async Task<int> DeleteSomeAsync()
    {
        await using var connection = await _database.OpenAsync(_stopping.Token);
        var now = _clock.GetUtcNow();
        var due = (
            await connection.QueryAsync<(long Id, long SequenceNr)>(
                """
                SELECT id, sequence_nr FROM sessions
                WHERE journal_deleted_at IS NULL AND settled AND sequence_nr > 0 AND ended_at < @before
                ORDER BY ended_at LIMIT @most
                """,
                new { before = (now - _kept).ToUnixTimeMilliseconds(), most = SessionsInAStep }
            )
        ).AsList();
        foreach (var (id, sequenceNr) in due)
        {
            await DeleteAsync(connection, new SessionId((int)id), sequenceNr, now);
        }
        return due.Count;
    }

    private async Task DeleteAsync(DbConnection connection, SessionId session, long sequenceNr, DateTimeOffset now)
    {
        // First the note, then the deletion. If the node dies in between, events are left over, which does no harm. The
        // other way round, a read model that is made anew would leave the session out.
        var noted = await connection.ExecuteAsync(
            "UPDATE sessions SET journal_deleted_at = @now WHERE id = @id AND sequence_nr = @sequenceNr AND settled",
            new
            {
                now = now.ToUnixTimeMilliseconds(),
                id = (long)session.Value,
                sequenceNr,
            }
        );
        if (noted != 1)
        {
            // The session has news since it was chosen. Its later events need the earlier ones.
            return;
        }
        var journal = SessionJournal.IdOf(session);
        var events = await _journal.Ask<object>(
            self => new DeleteMessagesTo(journal, sequenceNr, self),
            DeletionLimit,
            _stopping.Token
        );
        if (events is DeleteMessagesFailure failed)
        {
            throw new InvalidOperationException($"Session {session}: {failed.Cause.Message}", failed.Cause);
        }
        await _snapshots.Ask<object>(
            new DeleteSnapshots(journal, new SnapshotSelectionCriteria(sequenceNr)),
            DeletionLimit,
            _stopping.Token
        );
    }

    private sealed record Due;
}
