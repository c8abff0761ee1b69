using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Tests;

/// <summary>Ended sessions that a test put there.</summary>
internal sealed class ScriptedArchive : ISessionArchive
{
    public ConcurrentDictionary<int, SessionSummary> Sessions { get; } = new();

    /// <summary>What every reading throws, or null.</summary>
    public Exception? Failure { get; set; }

    /// <summary>How many sessions are made up after those that were put there.</summary>
    public int MadeUp { get; set; }

    public void Put(params SessionSummary[] sessions)
    {
        foreach (var session in sessions)
        {
            Sessions[session.Id.Value] = session;
        }
    }

    public IAsyncEnumerable<SessionSummary> EndedAsync(
        ArchiveRange range,
        int expected,
        CancellationToken cancellation
    ) =>
        EachAsync(
            Sessions.Values.Where(session =>
                session.Id.Value > range.After
                && session.Id.Value <= range.UpTo
                && (range.Phase is null || session.Phase == range.Phase)
                && range.Labels.TrueForAll(session.Spec.Labels.Contains)
                && session.Spec.IsSeenBy(range.Owner)
            ),
            cancellation
        );

    public async IAsyncEnumerable<SessionId> IdsAsync(
        ArchiveRange range,
        int expected,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        await foreach (var session in EndedAsync(range, expected, cancellation))
        {
            yield return session.Id;
        }
    }

    public async IAsyncEnumerable<SessionInShort> InShortAsync(
        int after,
        int upTo,
        string? owner,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        await foreach (
            var session in EachAsync(
                Sessions.Values.Where(session =>
                    session.Id.Value > after && session.Id.Value <= upTo && session.EverRecorded
                    && session.Spec.IsSeenBy(owner)
                ),
                cancellation
            )
        )
        {
            yield return new SessionInShort(
                session.Id,
                [.. session.Records.Where(record => record.Kept).Select(record => record.Path)]
            );
        }
        for (var id = 1_000_001; id <= 1_000_000 + MadeUp; id++)
        {
            yield return new SessionInShort(new SessionId(id), [$"/records/2021-09-22_07:56:00__{id}.mp4"]);
        }
    }

    public async IAsyncEnumerable<SessionRecord> RecordsAsync(
        ArchivedRecords wanted,
        int expected,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        await foreach (
            var session in EachAsync(
                Sessions.Values.Where(session =>
                    session.Id.Value >= wanted.After.Session.Value
                    && session.Id.Value <= wanted.UpTo
                    && wanted.Labels.TrueForAll(session.Spec.Labels.Contains)
                    && session.Spec.IsSeenBy(wanted.Owner)
                ),
                cancellation
            )
        )
        {
            foreach (
                var (id, record) in RecordId
                    .Of(session)
                    .OrderBy(item => item.Id.Number)
                    .Where(item => session.Id != wanted.After.Session || item.Id.Number > wanted.After.Number)
                    .Where(item => wanted.Finished is null || item.Record.Kept == wanted.Finished)
                    .Where(item =>
                        wanted.Erasing is { } stage
                            ? EraseStages.Of(item.Record) == stage
                            : EraseStages.Of(item.Record) != EraseStage.Erased
                    )
                    .Where(item => wanted.From is null || item.Record.OpenedAt >= wanted.From)
                    .Where(item => wanted.To is null || item.Record.OpenedAt < wanted.To)
            )
            {
                yield return new SessionRecord(id, session with { Records = [] }, record);
            }
        }
    }

    public Task<SessionSummary?> FindAsync(SessionId id, CancellationToken cancellation) =>
        Failure is null
            ? Task.FromResult(Sessions.GetValueOrDefault(id.Value))
            : Task.FromException<SessionSummary?>(Failure);

    public async Task<SessionSummary?> FindOfAsync(SessionId id, string owner, CancellationToken cancellation) =>
        await FindAsync(id, cancellation) is { } found && found.Spec.Owner == owner ? found : null;

    private async IAsyncEnumerable<SessionSummary> EachAsync(
        IEnumerable<SessionSummary> sessions,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        await Task.Yield();
        cancellation.ThrowIfCancellationRequested();
        if (Failure is not null)
        {
            throw Failure;
        }
        foreach (var session in sessions.OrderBy(session => session.Id.Value))
        {
            yield return session;
        }
    }
}
