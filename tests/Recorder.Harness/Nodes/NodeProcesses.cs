namespace Recorder.Harness.Nodes;

/// <summary>
/// The processes that belong to one node under test: marked with its run folder, or descended from one that is. Once
/// seen, a process stays known: Chromium's children overwrite their environment with their title, and an orphan has
/// lost its parents.
/// </summary>
internal sealed class NodeProcesses(string runFolder)
{
    private readonly HashSet<(int Id, long StartTime)> _known = [];

    /// <summary>What of this node is running now; the node itself is not among them.</summary>
    /// <param name="node">The number of the node's process, whose descendants belong to it too; null when it has
    /// ended.</param>
    public IReadOnlyList<NodeProcess> Running(int? node)
    {
        var all = NodeProcess.All();
        var byId = all.ToDictionary(process => process.Id);
        var ours = all.Where(process => process.Id != node && BelongsHere(process, byId, node)).ToList();
        _known.UnionWith(ours.Select(process => (process.Id, process.StartTime)));
        return ours;
    }

    /// <summary>kill -9, by number, if it is still the same process.</summary>
    public static void KillNow(NodeProcess process) => Send(process, Signals.Kill);

    /// <summary>SIGTERM, by number, if it is still the same process.</summary>
    public static void AskToEnd(NodeProcess process) => Send(process, Signals.Terminate);

    private static void Send(NodeProcess process, int signal)
    {
        if (NodeProcess.Read(process.Id) is { } now && now.StartTime == process.StartTime)
        {
            Signals.Send(process.Id, signal);
        }
    }

    private bool BelongsHere(NodeProcess process, Dictionary<int, NodeProcess> all, int? node)
    {
        for (var candidate = process; candidate is not null; candidate = all.GetValueOrDefault(candidate.Parent))
        {
            if (candidate.Id == node || _known.Contains((candidate.Id, candidate.StartTime)) || IsMarked(candidate))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsMarked(NodeProcess process) =>
        (process.Run ?? "").StartsWith(runFolder + "/", StringComparison.Ordinal)
        || process.CommandLine.Contains(runFolder + "/", StringComparison.Ordinal);
}
