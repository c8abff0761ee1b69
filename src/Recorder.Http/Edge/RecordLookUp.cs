using System.Runtime.CompilerServices;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Answers;
using Recorder.Http.Edge.Protocol;

namespace Recorder.Http.Edge;

/// <summary>Finds single records of the farm.</summary>
internal static class RecordLookUp
{
    /// <summary>The wanted records of one session, by their numbers; none when there is no such session.</summary>
    /// <param name="wanted">Which records.</param>
    /// <param name="session">The session.</param>
    /// <param name="edge">The way to the farm.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <exception cref="RefusedException">The farm does not answer.</exception>
    public static async IAsyncEnumerable<SessionRecord> OfSessionAsync(
        this RecordsWanted wanted,
        SessionId session,
        EdgeClient edge,
        [EnumeratorCancellation] CancellationToken aborted
    )
    {
        switch (await edge.AskAsync(new FindSummary(session), aborted))
        {
            case SessionFound found:
                foreach (var record in wanted.Of(found.Session))
                {
                    yield return record;
                }
                break;
            case EdgeRefusal { Code: not FaultCode.NoSuchSession } refusal:
                throw new RefusedException(refusal);
        }
    }

    /// <summary>Finds a record of a session.</summary>
    /// <param name="edge">The way to the farm.</param>
    /// <param name="session">The session.</param>
    /// <param name="isWanted">Tells the record from the others of the session.</param>
    /// <param name="name">The record, for a person.</param>
    /// <param name="aborted">Cancelled when the caller has gone.</param>
    /// <exception cref="RefusedException">There is no such record, or the farm does not answer.</exception>
    public static async Task<SessionRecord> FindRecordAsync(
        this EdgeClient edge,
        SessionId session,
        Func<RecordId, RecordSummary, bool> isWanted,
        string name,
        CancellationToken aborted
    )
    {
        switch (await edge.AskAsync(new FindSummary(session), aborted))
        {
            case SessionFound found:
                foreach (var (id, record) in RecordId.Of(found.Session))
                {
                    if (isWanted(id, record))
                    {
                        return new SessionRecord(id, found.Session, record);
                    }
                }
                break;
            case EdgeRefusal { Code: not FaultCode.NoSuchSession } refusal:
                throw new RefusedException(refusal);
        }
        throw new RefusedException(
            new EdgeRefusal(ErrorCode.NoSuchRecord, $"There is no record {name}; GET /api/records lists the records.")
        );
    }
}
