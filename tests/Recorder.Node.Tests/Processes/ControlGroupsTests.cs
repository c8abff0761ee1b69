using Recorder.Node.Processes;

namespace Recorder.Node.Tests.Processes;

public sealed class ControlGroupsTests
{
    private const string Version1Mounts = """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
        35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        """;

    private const string Version2Mounts =
        "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";

    [Theory]
    // Version 1 has a tree for each controller.
    [InlineData(
        "cpu",
        "3:cpu,cpuacct:/a/b\n0::/u",
        Version1Mounts,
        1,
        "/sys/fs/cgroup/cpu,cpuacct/a/b /sys/fs/cgroup/cpu,cpuacct/a /sys/fs/cgroup/cpu,cpuacct"
    )]
    [InlineData("cpu", "3:cpu,cpuacct:/", Version1Mounts, 1, "/sys/fs/cgroup/cpu,cpuacct")]
    // A container of version 1 sees the host's path and its own group as the mount's root.
    [InlineData("memory", "4:memory:/docker/abc", Version1Mounts, 1, "/sys/fs/cgroup/memory")]
    [InlineData("memory", "4:memory:/docker/abc/x", Version1Mounts, 1, "/sys/fs/cgroup/memory/x /sys/fs/cgroup/memory")]
    [InlineData("memory", "4:memory:/elsewhere", Version1Mounts, 1, "/sys/fs/cgroup/memory")]
    // Version 2 has one tree, and a path may hold colons.
    [InlineData(
        "cpu",
        "0::/system.slice/a:b.service",
        Version2Mounts,
        2,
        "/sys/fs/cgroup/system.slice/a:b.service /sys/fs/cgroup/system.slice /sys/fs/cgroup"
    )]
    [InlineData("memory", "0::/", Version2Mounts, 2, "/sys/fs/cgroup")]
    // Both: a controller that version 1 does not have is version 2's.
    [InlineData(
        "pids",
        "3:cpu,cpuacct:/a\n0::/u",
        Version1Mounts,
        2,
        "/sys/fs/cgroup/unified/u /sys/fs/cgroup/unified"
    )]
    [InlineData("cpu", "", Version2Mounts, 2, "")]
    [InlineData("cpu", "0::/", "", 2, "")]
    [InlineData("cpu", "no groups\n1:x", "30 23 - cgroup2\n- - -", 2, "")]
    public void The_folders_of_a_controller_begin_with_the_process_own_group(
        string controller,
        string groups,
        string mounts,
        int version,
        string folders
    )
    {
        var found = ControlGroups.FoldersOf(controller, groups, mounts, out var foundVersion);

        Assert.Equal(folders, string.Join(' ', found));
        Assert.Equal(version, foundVersion);
    }
}
