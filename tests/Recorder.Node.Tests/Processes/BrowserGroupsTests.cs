using System.Diagnostics;
using System.Globalization;
using Recorder.Node.Processes;

namespace Recorder.Node.Tests.Processes;

/// <summary>The control groups of browsers: in a folder that only looks like the kernel's, and in the kernel's own
/// where this machine lets the test make one.</summary>
[Trait("ring", "media")]
public sealed class BrowserGroupsTests : IDisposable
{
    private static readonly GroupBounds Bounds = new(4_000_000_000, 2000);

    private readonly string _folder = Directory.CreateTempSubdirectory("groups").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Puts the files of a group that the system has given into a folder.</summary>
    private string Delegated(string name = "recorder.service", string controllers = "cpuset cpu io memory pids")
    {
        var group = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        File.WriteAllText(Path.Combine(group, "cgroup.type"), "domain\n");
        File.WriteAllText(Path.Combine(group, "cgroup.controllers"), controllers + "\n");
        File.WriteAllText(Path.Combine(group, "cgroup.subtree_control"), "");
        File.WriteAllText(Path.Combine(group, "cgroup.procs"), "");
        return group;
    }

    private static string Read(params ReadOnlySpan<string> path) => File.ReadAllText(Path.Combine(path));

    [Fact]
    public async Task A_browser_gets_a_group_with_the_bounds_of_the_options_and_some_room()
    {
        var own = Delegated();
        var groups = await BrowserGroups.DivideAsync(own, isRoot: true, Bounds);
        Assert.True(groups.Given, groups.Standing);
        Assert.Equal($"Each browser has a control group of its own below {own}.", groups.Standing);
        Assert.Equal("1000", Read(own, BrowserGroups.NodeGroup, "cpu.weight"));

        var group = groups.Give("7-1-1");
        var folder = Path.Combine(own, "recorder-browser-7-1-1");
        Assert.Equal(Path.Combine(folder, "cgroup.procs"), group?.Members);
        Assert.Equal("4512000000", Read(folder, "memory.max"));
        Assert.Equal("1", Read(folder, "memory.oom.group"));
        Assert.Equal("2200", Read(folder, "pids.max"));
    }

    [Fact]
    public async Task What_has_no_bound_and_no_controller_is_left_alone_and_said()
    {
        var own = Delegated(controllers: "pids");
        var groups = await BrowserGroups.DivideAsync(own, isRoot: true, new GroupBounds(0, 0));
        Assert.Contains("The system gives no bound for memory, cpu", groups.Standing, StringComparison.Ordinal);
        groups.Give("7-1-1");
        Assert.Empty(Directory.GetFiles(Path.Combine(own, "recorder-browser-7-1-1")));
    }

    [Fact]
    public async Task A_group_that_nobody_gave_to_the_node_is_not_divided_and_the_way_out_is_told()
    {
        var own = Delegated("session-3.scope");
        var groups = await BrowserGroups.DivideAsync(own, isRoot: false, Bounds);
        Assert.Null(groups.Give("7-1-1"));
        Assert.Contains("set Delegate=yes", groups.Standing, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(own));

        var host = Directory.CreateDirectory(Path.Combine(_folder, "host")).FullName;
        var refused = await BrowserGroups.DivideAsync(host, isRoot: true, Bounds);
        Assert.Contains("root of the host's control groups", refused.Standing, StringComparison.Ordinal);
        Assert.Contains("every two seconds instead", refused.Standing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_that_cannot_be_written_is_told_with_the_way_out()
    {
        var own = Delegated();
        File.Delete(Path.Combine(own, "cgroup.controllers"));
        var groups = await BrowserGroups.DivideAsync(own, isRoot: true, Bounds);
        Assert.Null(groups.Give("7-1-1"));
        Assert.Contains($"{own} cannot be divided", groups.Standing, StringComparison.Ordinal);
        Assert.Contains("ProtectControlGroups=no", groups.Standing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_node_in_the_same_unit_uses_the_divided_group()
    {
        var own = Delegated();
        await BrowserGroups.DivideAsync(own, isRoot: true, Bounds);
        var left = Directory.CreateDirectory(Path.Combine(own, "recorder-browser-5-1-1")).FullName;
        var groups = await BrowserGroups.DivideAsync(Path.Combine(own, BrowserGroups.NodeGroup), isRoot: false, Bounds);
        Assert.True(groups.Given, groups.Standing);
        Assert.True(Directory.Exists(left), "the other node's browser");
    }

    [Theory]
    [InlineData("low 0\nhigh 0\nmax 812\noom 1\noom_kill 5\noom_group_kill 1\n", true)]
    [InlineData("low 0\nhigh 0\nmax 812\noom 0\noom_kill 0\noom_group_kill 0\n", false)]
    [InlineData(null, false)]
    public void A_group_tells_whether_it_ran_out_of_memory(string? events, bool ranOut)
    {
        if (events is not null)
        {
            File.WriteAllText(Path.Combine(_folder, "memory.events"), events);
        }
        Assert.Equal(ranOut, new BrowserGroup(_folder).RanOutOfMemory());
    }

    [FactWithControlGroups]
    public async Task Whatever_a_browser_starts_is_in_its_group_and_ends_with_the_group()
    {
        var own = Path.Combine(FactWithControlGroupsAttribute.Root!, $"recorder-test-{Environment.ProcessId}");
        Directory.CreateDirectory(own);
        using var stranger = Process.Start("sleep", "60");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(own, "cgroup.procs"), Text(stranger.Id));
            var groups = await BrowserGroups.DivideAsync(own, isRoot: true, Bounds);
            Assert.True(groups.Given, groups.Standing);
            Assert.Contains(Text(stranger.Id), Read(own, BrowserGroups.NodeGroup, "cgroup.procs"), StringComparison.Ordinal);

            var group = groups.Give("7-1-1")!;
            var request = new ProcessRequest(
                ProcessRole.Browser,
                "sh",
                ["-c", "setsid sleep 61 & exec sleep 62"]
            )
            {
                Unprivileged = false,
                DiesWithNode = false,
            };
            var line = ProcessLauncher.CommandLine(request, null, 0, group);
            using var browser = Process.Start(line[0], line[1..]);
            await Eventually.BeAsync(
                "the browser and what it started are in its group",
                TimeSpan.FromSeconds(10),
                () => File.ReadAllLines(group.Members).Length == 2
            );
            Assert.Contains(Text(browser.Id), File.ReadAllLines(group.Members));

            await group.RemoveAsync();
            await browser.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
            Assert.False(Directory.Exists(Path.GetDirectoryName(group.Members)));
            Assert.False(stranger.HasExited);
        }
        finally
        {
            stranger.Kill();
            await stranger.WaitForExitAsync();
            await new BrowserGroup(Path.Combine(own, BrowserGroups.NodeGroup)).RemoveAsync();
            await new BrowserGroup(own).RemoveAsync();
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A test that needs control groups of version 2, and the right to make them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithControlGroupsAttribute : FactAttribute
{
    public FactWithControlGroupsAttribute()
    {
        if (Root is null)
        {
            Skip = "This machine has no control groups of version 2 that this user may divide.";
        }
    }

    /// <summary>Where the groups are; null: there are none.</summary>
    public static string? Root { get; } =
        new[] { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" }.FirstOrDefault(folder =>
            File.Exists(Path.Combine(folder, "cgroup.controllers")) && Posix.UserMayWrite(folder)
        );
}
