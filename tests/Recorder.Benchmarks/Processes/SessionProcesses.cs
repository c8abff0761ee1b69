namespace Recorder.Benchmarks.Processes;

/// <summary>
/// Finds every process of one recording session: what was started with the session's mark in its environment, and every
/// descendant of such a process. Both are needed: Chromium's renderers overwrite their environment, its crash handler
/// leaves the process tree. A process once seen stays a member.
/// </summary>
internal sealed class SessionProcesses
{
    private const string MarkName = "BENCHMARK_SESSION";

    private readonly HashSet<ProcessKey> _members = [];
    private readonly HashSet<ProcessKey> _strangers = [];

    /// <summary>The environment variable that every process of the session is to be started with.</summary>
    public KeyValuePair<string, string> Mark { get; } = new(MarkName, Guid.NewGuid().ToString("N"));

    /// <summary>The session's processes as they are now.</summary>
    public IReadOnlyList<ProcessState> Current()
    {
        var all = ProcFileSystem.Processes().ToList();
        foreach (var process in all)
        {
            if (
                !_members.Contains(process.Key)
                && _strangers.Add(process.Key)
                && ProcFileSystem.HasEnvironmentEntry(process.Key.Id, $"{Mark.Key}={Mark.Value}")
            )
            {
                _members.Add(process.Key);
            }
        }

        var living = all.Where(p => _members.Contains(p.Key)).ToDictionary(p => p.Key.Id);
        // A child may be listed before its parent, so until nothing is added.
        while (
            all.Where(p => !living.ContainsKey(p.Key.Id) && living.ContainsKey(p.ParentId)).ToList()
                is { Count: > 0 } children
        )
        {
            foreach (var child in children)
            {
                _members.Add(child.Key);
                living.Add(child.Key.Id, child);
            }
        }

        return [.. living.Values];
    }
}
