using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>
/// When a session that sleeps is woken for the deliveries of its records on a node: at the time of their next attempt,
/// which the session's report tells. So the times of attempts hold after a restart too, and a destination that is away
/// for days keeps no session in memory. Pure.
/// </summary>
internal static class Wakings
{
    /// <summary>Whether a session left more on a node than deliveries whose next attempt has its time: a record that is
    /// not finished, a manifest, or an erasing.</summary>
    /// <param name="view">The farm.</param>
    /// <param name="session">The session.</param>
    /// <param name="node">A node that has reported.</param>
    public static bool HasMore(FarmView view, SessionSummary session, string node) =>
        On(view, session, node)
            .Any(record => !record.Finished || record.ManifestDue || record.Erasing is { Done: null });

    /// <summary>Whether a delivery on a node waits, and for no time to come: for its turn, or for an answer.</summary>
    /// <param name="view">The farm.</param>
    /// <param name="session">The session.</param>
    /// <param name="node">A node that has reported.</param>
    public static bool HasWaiting(FarmView view, SessionSummary session, string node) =>
        Deliveries(view, session, node).Any(delivery => delivery.NextTry is not { } next || next <= view.Now);

    /// <summary>Whether the time of an attempt has come since the session was last asked.</summary>
    /// <param name="view">The farm.</param>
    /// <param name="session">The session.</param>
    /// <param name="node">A node that has reported.</param>
    /// <param name="asked">When the session was last asked; null when it was not.</param>
    public static bool IsAttemptDue(FarmView view, SessionSummary session, string node, DateTimeOffset? asked) =>
        Deliveries(view, session, node)
            .Select(delivery => delivery.NextTry ?? delivery.Since)
            .Any(due => due <= view.Now && (asked is null || asked < due));

    /// <summary>The sessions that have ended, and whose growing record is on a node that is gone: another node makes an
    /// object of the parts. Each session comes with a node that it is told of, since the record has none.</summary>
    /// <param name="view">The farm.</param>
    public static IEnumerable<(PlacedSession Session, string Node)> Rescues(FarmView view)
    {
        // Before all nodes have reported, nobody knows that a folder is away.
        if (view.Warmth == Warmth.Gathering)
        {
            return [];
        }
        var here = view.Nodes.SelectMany(node => RecordHolder.KeysOf(node.Key, node.Value)).ToHashSet();
        return from left in view.List.Index.Left
               where !here.Contains(left.Key)
               from id in left.Value
               let session = view.List.Sessions[id]
               where NeedsRescue(view, session.Summary, left.Key)
               select (session, Relocation.NodeForRecalled(view, session.Summary)!);
    }

    /// <summary>Whether a session has ended, and a part of one of its growing records is to be made an object without
    /// the node that holds the record.</summary>
    /// <param name="view">The farm.</param>
    /// <param name="id">The session.</param>
    public static bool NeedsRescue(FarmView view, int id) =>
        view.List.Sessions.TryGetValue(id, out var session)
        && SessionIndex
            .LeftBy(session.Summary)
            .Any(key =>
                !view.Nodes.Any(node => RecordHolder.KeysOf(node.Key, node.Value).Contains(key))
                && NeedsRescue(view, session.Summary, key)
            );

    private static bool NeedsRescue(FarmView view, SessionSummary session, string key) =>
        !session.Running
        && session.Records.Exists(record =>
            RecordHolder.KeyOf(record) == key
            && record.Deliveries.Exists(delivery =>
                delivery is { WhileRecording: true, Open: true, SentBytes: > 0 }
                && (delivery.NextTry is not { } next || next <= view.Now)
            )
        );

    private static IEnumerable<DeliverySummary> Deliveries(FarmView view, SessionSummary session, string node) =>
        On(view, session, node).SelectMany(record => record.Deliveries).Where(delivery => delivery.Open);

    private static IEnumerable<RecordSummary> On(FarmView view, SessionSummary session, string node) =>
        view.Nodes.TryGetValue(node, out var capacity)
            ? session.Records.Where(record =>
                SessionIndex.IsOpen(record) && RecordHolder.IsOn(record, node, capacity)
            )
            : [];
}
