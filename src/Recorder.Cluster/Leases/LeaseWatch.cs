using System.Collections.Immutable;

namespace Recorder.Cluster.Leases;

/// <summary>
/// Which leases of other nodes this node has seen, and since when each is unchanged. A lease that has lapsed by the
/// database's clock may only be late: the database may have been away for all nodes. The database's clock may also
/// have gone back. So a node counts as gone when its lease was not renewed while this node watched for the length of
/// a lease, by this node's own monotonic clock. Pure.
/// </summary>
/// <param name="Seen">The renewals of each watched node, and the timestamp since when they are the same.</param>
internal sealed record LeaseWatch(ImmutableDictionary<string, (string Life, long Renewals, long Since)> Seen)
{
    /// <summary>Nothing has been watched yet, or the database could not be asked in between.</summary>
    public static readonly LeaseWatch Empty = new(
        ImmutableDictionary<string, (string Life, long Renewals, long Since)>.Empty
    );

    /// <summary>Takes in what the database says now.</summary>
    /// <param name="rows">The rows of the nodes to watch.</param>
    /// <param name="now">The timestamp of now.</param>
    public LeaseWatch Look(ImmutableList<LeaseRow> rows, long now) =>
        new(
            rows.ToImmutableDictionary(
                row => row.Id,
                row =>
                    Seen.TryGetValue(row.Id, out var seen) && seen.Life == row.Life && seen.Renewals == row.Renewals
                        ? seen
                        : (row.Life, row.Renewals, now)
            )
        );

    /// <summary>Whether a node may live, as far as its lease tells.</summary>
    /// <param name="row">The node's row, which was looked at.</param>
    /// <param name="length">The length of a lease.</param>
    /// <param name="elapsed">The time since a timestamp.</param>
    public bool MayLive(LeaseRow row, TimeSpan length, Func<long, TimeSpan> elapsed) =>
        elapsed(Seen[row.Id].Since) < length;

    /// <summary>Whether a node has renewed its lease while this node watched. Then the node lives for
    /// certain.</summary>
    /// <param name="before">The watch before the last look.</param>
    /// <param name="row">The node's row.</param>
    public static bool WasRenewed(LeaseWatch before, LeaseRow row) =>
        before.Seen.TryGetValue(row.Id, out var seen) && (seen.Renewals != row.Renewals || seen.Life != row.Life);

    /// <summary>Whether most of the other nodes hold their leases. Then the oldest node, which has lost the database,
    /// makes way. When most nodes have lost the database, a node that still has it may have no room for the sessions
    /// of all.</summary>
    /// <param name="others">Whether each other node that was asked holds its lease.</param>
    public static bool MostHold(IReadOnlyCollection<bool> others) => others.Count(held => held) * 2 > others.Count;
}
