namespace Recorder.Node.Processes;

/// <summary>Finds the folders in which the kernel shows the control groups of this process, versions 1 and 2.
/// Pure.</summary>
internal static class ControlGroups
{
    /// <summary>
    /// The folders of the groups that limit this process by one controller: first the process's own group, then its
    /// parents up to the mount. The limits of all these groups apply. Empty when there is no such controller.
    /// </summary>
    /// <param name="controller">The controller's name in version 1, such as <c>cpu</c>; version 2 has one tree for all
    /// controllers.</param>
    /// <param name="groups">The text of <c>/proc/self/cgroup</c>.</param>
    /// <param name="mounts">The text of <c>/proc/self/mountinfo</c>.</param>
    /// <param name="version">The version of the returned folders, 1 or 2.</param>
    public static IReadOnlyList<string> FoldersOf(string controller, string groups, string mounts, out int version)
    {
        version = 1;
        var first = Folders(
            groups,
            mounts,
            names => names.Split(',').Contains(controller),
            (type, options) => type == "cgroup" && options.Split(',').Contains(controller)
        );
        if (first.Count > 0)
        {
            return first;
        }
        version = 2;
        return Folders(groups, mounts, names => names.Length == 0, (type, _) => type == "cgroup2");
    }

    /// <summary>This process's own group of version 2; null where the system has none.</summary>
    /// <param name="groups">The text of <c>/proc/self/cgroup</c>.</param>
    /// <param name="mounts">The text of <c>/proc/self/mountinfo</c>.</param>
    /// <param name="isRoot">Whether the group is the root of what this process sees, as in a container.</param>
    public static string? Own(string groups, string mounts, out bool isRoot)
    {
        var folders = Folders(groups, mounts, names => names.Length == 0, (type, _) => type == "cgroup2");
        isRoot = folders.Count == 1;
        return folders.Count == 0 ? null : folders[0];
    }

    private static List<string> Folders(
        string groups,
        string mounts,
        Func<string, bool> isTree,
        Func<string, string, bool> isMount
    )
    {
        // cgroups(7): hierarchy:controllers:path, and the path may contain colons.
        var group = groups
            .Split('\n')
            .Select(line => line.Split(':', 3))
            .FirstOrDefault(fields => fields.Length == 3 && isTree(fields[1]))
            ?[2];
        // proc(5): id, parent, device, root, mount point, options, optional fields, a dash, type, source, super
        // options.
        var mount = mounts
            .Split('\n')
            .Select(line => line.Split(' '))
            .Select(fields => (Fields: fields, Dash: Array.IndexOf(fields, "-")))
            .FirstOrDefault(line =>
                line.Dash > 5
                && line.Fields.Length > line.Dash + 3
                && isMount(line.Fields[line.Dash + 1], line.Fields[line.Dash + 3])
            )
            .Fields;
        if (group is null || mount is null)
        {
            return [];
        }

        // A container may see its own group as the root of the mount, while the path is the host's.
        var (root, point) = (mount[3].TrimEnd('/'), mount[4].TrimEnd('/'));
        var inside = group.StartsWith(root + "/", StringComparison.Ordinal) ? group[root.Length..].TrimEnd('/') : "";
        var folders = new List<string>();
        for (var path = inside; path.Length > 0; path = path[..path.LastIndexOf('/')])
        {
            folders.Add(point + path);
        }
        folders.Add(point);
        return folders;
    }
}
