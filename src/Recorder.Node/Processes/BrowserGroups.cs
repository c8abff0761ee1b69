using System.Globalization;

namespace Recorder.Node.Processes;

/// <summary>
/// The control groups of a node's browsers (cgroups(7), version 2), where the system has given the node a group to
/// divide: a systemd unit with <c>Delegate=</c>, or a container whose groups can be written. Elsewhere the bounds of
/// browsers are kept by looking every two seconds.
/// </summary>
internal sealed class BrowserGroups
{
    /// <summary>The group that the node and its workers go into: a group that is divided holds no process of its
    /// own.</summary>
    public const string NodeGroup = "recorder-node";

    private const string Prefix = "recorder-browser-";

    /// <summary>
    /// The share of the node's group when the processors do not suffice; a browser's share is 100. Without a share of
    /// their own, all the workers together would get no more than one browser.
    /// </summary>
    private const string NodeShare = "1000";

    /// <summary>What a browser may take above its bound before the kernel ends the browser, in bytes. The look every
    /// two seconds says more, so that look comes first unless the page is very fast.</summary>
    private const long Room = 512_000_000;

    private const int RoomOfTasks = 200;

    private static readonly string[] Wanted = ["memory", "pids", "cpu"];

    private readonly string? _folder;
    private readonly GroupBounds _bounds;
    private readonly IReadOnlyList<string> _controllers;

    private BrowserGroups(string? folder, GroupBounds bounds, IReadOnlyList<string> controllers, string standing)
    {
        _folder = folder;
        _bounds = bounds;
        _controllers = controllers;
        Standing = standing;
    }

    /// <summary>What protects one browser from another, as a sentence for the log.</summary>
    public string Standing { get; }

    /// <summary>Whether browsers get a group.</summary>
    public bool Given => _folder is not null;

    /// <summary>No groups.</summary>
    /// <param name="why">Why there are none, as a part of a sentence.</param>
    public static BrowserGroups None(string why) =>
        new(
            null,
            new GroupBounds(0, 0),
            [],
            $"Browsers have no control group of their own: {why}. The node looks at them every two seconds instead."
        );

    /// <summary>Divides the group of this process, if the system has given that group to this process.</summary>
    /// <param name="bounds">What one browser may take.</param>
    public static async Task<BrowserGroups> OpenAsync(GroupBounds bounds)
    {
        try
        {
            var own = ControlGroups.Own(
                File.ReadAllText("/proc/self/cgroup"),
                File.ReadAllText("/proc/self/mountinfo"),
                out var isRoot
            );
            return own is null
                ? None("this system has no control groups of version 2")
                : await DivideAsync(own, isRoot, bounds);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return None(error.Message.TrimEnd('.'));
        }
    }

    /// <summary>Divides a group.</summary>
    /// <param name="own">The folder of the group that this process is in.</param>
    /// <param name="isRoot">Whether the group is the root of what this process sees.</param>
    /// <param name="bounds">What one browser may take.</param>
    public static async Task<BrowserGroups> DivideAsync(string own, bool isRoot, GroupBounds bounds)
    {
        // A second node, which the first has started, finds the group divided.
        var divided = Path.GetFileName(own) == NodeGroup;
        var folder = divided ? Path.GetDirectoryName(own)! : own;
        if (!divided && !File.Exists(Path.Combine(own, "cgroup.type")))
        {
            return None("the node runs in the root of the host's control groups; start the node as a systemd unit");
        }
        if (!divided && !isRoot && !Posix.HasMark(own, "user.delegate") && !Posix.HasMark(own, "trusted.delegate"))
        {
            return None($"the system has not given {own} to the node; in a systemd unit, set Delegate=yes");
        }
        try
        {
            if (!divided)
            {
                await SweepAsync(folder);
                var node = Directory.CreateDirectory(Path.Combine(folder, NodeGroup)).FullName;
                MoveAll(folder, node);
            }
            var controllers = Enable(folder);
            if (controllers.Contains("cpu"))
            {
                File.WriteAllText(Path.Combine(folder, NodeGroup, "cpu.weight"), NodeShare);
            }
            var groups = new BrowserGroups(folder, bounds, controllers, Sentence(folder, controllers));
            await groups.Create("0-trial").RemoveAsync();
            return groups;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return None(
                $"{folder} cannot be divided ({error.Message.TrimEnd('.')}); in a systemd unit, set Delegate=yes and ProtectControlGroups=no"
            );
        }
    }

    /// <summary>Makes the group of a browser; null where browsers get none.</summary>
    /// <param name="name">The name of the browser's run directory.</param>
    /// <exception cref="IOException">The system refused.</exception>
    public BrowserGroup? Give(string name) => _folder is null ? null : Create(name);

    private BrowserGroup Create(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder!, Prefix + name)).FullName;
        if (_controllers.Contains("memory") && _bounds.Memory > 0)
        {
            Set("memory.max", _bounds.Memory + Room);
            Set("memory.oom.group", 1);
            // Systems without swap accounting have no such file.
            if (File.Exists(Path.Combine(folder, "memory.swap.max")))
            {
                Set("memory.swap.max", 0);
            }
        }
        if (_controllers.Contains("pids") && _bounds.Tasks > 0)
        {
            Set("pids.max", _bounds.Tasks + RoomOfTasks);
        }
        return new BrowserGroup(folder);

        void Set(string file, long value) =>
            File.WriteAllText(Path.Combine(folder, file), value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Ends what a node that is gone has left.</summary>
    private static async Task SweepAsync(string folder)
    {
        foreach (var left in Directory.EnumerateDirectories(folder, Prefix + "*"))
        {
            await new BrowserGroup(left).RemoveAsync();
        }
    }

    private static void MoveAll(string from, string to)
    {
        // A process may start another before it is moved itself.
        for (var tries = 0; tries < 10; tries++)
        {
            var members = File.ReadAllLines(Path.Combine(from, "cgroup.procs"));
            if (members.Length == 0)
            {
                return;
            }
            foreach (var member in members)
            {
                try
                {
                    File.WriteAllText(Path.Combine(to, "cgroup.procs"), member);
                }
                catch (IOException) when (tries < 9)
                {
                    // The process has ended meanwhile.
                }
            }
        }
    }

    private static List<string> Enable(string folder)
    {
        var there = File.ReadAllText(Path.Combine(folder, "cgroup.controllers")).Split((char[]?)null);
        var enabled = new List<string>();
        foreach (var controller in Wanted.Where(there.Contains))
        {
            File.WriteAllText(Path.Combine(folder, "cgroup.subtree_control"), "+" + controller);
            enabled.Add(controller);
        }
        return enabled;
    }

    private static string Sentence(string folder, List<string> controllers)
    {
        var missing = Wanted.Except(controllers).ToList();
        var told = $"Each browser has a control group of its own below {folder}.";
        return missing.Count == 0
            ? told
            : $"{told} The system gives no bound for {string.Join(", ", missing)}; the node looks every two seconds instead.";
    }
}
