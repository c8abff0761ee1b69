using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Placement.Decisions;

/// <summary>
/// Which node should hold a record: the node whose records folder has the record's id, whatever the node's address. A
/// record of an earlier version, which did not note the folder, is looked for at its node's address. Pure.
/// </summary>
internal static class RecordHolder
{
    /// <summary>Where a record is to be looked for: a folder's id, or a node's address; null when neither is
    /// known.</summary>
    public static string? KeyOf(RecordSummary record) => record.Folder?.ToString() ?? record.Node;

    /// <summary>The keys under which a node is asked for records.</summary>
    /// <param name="node">The node's address.</param>
    /// <param name="capacity">What the node reported.</param>
    public static IEnumerable<string> KeysOf(string node, NodeCapacity capacity) =>
        // A node of an earlier version tells of no folder, and has the records that were made at its address.
        capacity.Folders.Select(folder => folder.ToString()).Append(node);

    /// <summary>
    /// A session as the farm shows the session: each record has the node that has its folder now, or the reason why no
    /// node has that folder. While nodes have yet to report, nothing is known to be away.
    /// </summary>
    public static SessionSummary Show(FarmView view, SessionSummary summary)
    {
        if (view.Nodes.IsEmpty || view.Warmth == Warmth.Gathering)
        {
            return summary;
        }
        var shown = summary.Records.ConvertAll(record => Show(view, record));
        return shown.SequenceEqual(summary.Records) ? summary : summary with { Records = shown };
    }

    private static RecordSummary Show(FarmView view, RecordSummary record)
    {
        // Where two nodes share a folder, the record stays with the node that wrote it.
        if (
            record.Folder is { } written
            && record.Node is { } own
            && view.Nodes.TryGetValue(own, out var known)
            && known.Folders.Contains(written)
        )
        {
            return record;
        }

        // A node of an earlier version does not tell of its folder, which may be the record's.
        if (record.Folder is not { } folder || view.Nodes.Values.Any(node => node.Id is null))
        {
            return record;
        }
        var holder = view.Nodes.FirstOrDefault(node => node.Value.Folders.Contains(folder));
        return holder.Key is { } node
            ? record with
            {
                Node = node,
            }
            : record with
            {
                Away =
                    record.Away
                    ?? $"No node of the farm has the records folder {folder}, which holds the record. The folder was last on {record.Node}; the record is here again when a node has that folder.",
            };
    }

    /// <summary>Whether a record is to be looked for on a node.</summary>
    public static bool IsOn(RecordSummary record, string node, NodeCapacity capacity) =>
        KeyOf(record) is { } key && KeysOf(node, capacity).Contains(key);
}
