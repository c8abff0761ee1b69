using System.Data.Common;
using Akka.Actor;
using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sweeping;

/// <summary>The sessions that a sweep asks to erase their records.</summary>
internal interface ISweptSessions
{
    /// <summary>Asks a session to erase records. The session passes over the records that may not be erased.</summary>
    /// <param name="wanted">The records.</param>
    /// <param name="cancellation">Ends the question.</param>
    /// <returns>The session's answer; null when the session did not answer, or cannot be found.</returns>
    /// <exception cref="DbException">The database cannot be read.</exception>
    Task<KeepingReply?> EraseAsync(SweptSession wanted, CancellationToken cancellation);
}

/// <summary>The sessions of the farm. The placement tells where a session is; the archive has the others.</summary>
internal sealed class FarmSessions(IActorRef placement, IActorRef sessions, ISessionArchive archive) : ISweptSessions
{
    private static readonly TimeSpan PlacementLimit = TimeSpan.FromSeconds(5);

    /// <summary>Longer than a session waits for the node that holds the files.</summary>
    private static readonly TimeSpan SessionLimit = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public async Task<KeepingReply?> EraseAsync(SweptSession wanted, CancellationToken cancellation)
    {
        try
        {
            var found = await placement.Ask<LocationReply>(
                new FindSession(wanted.Session),
                PlacementLimit,
                cancellation
            );
            var (shard, summary) = found is SessionLocation location
                ? (location.Shard, location.Summary)
                : (KeepingMessage.ShardOfEnded, await archive.FindAsync(wanted.Session, cancellation));
            return summary is null
                ? null
                : await sessions.Ask<KeepingReply>(
                    new EraseRecords(wanted.Session, wanted.Numbers, wanted.Cause, wanted.Reason)
                    {
                        Known = summary.Running ? null : summary,
                    }.To(shard),
                    SessionLimit,
                    cancellation
                );
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }
}
