using System.Globalization;
using Recorder.Cluster.Capacity;
using Recorder.Node.Processes;

namespace Recorder.Node.Capacity;

/// <summary>Reads from the kernel's files what this process may use of its host, and how much of that is in
/// use.</summary>
/// <param name="root">The root of the file system; tests pass a folder.</param>
/// <param name="clock">The clock of the samples.</param>
internal sealed class HostReader(string root, TimeProvider clock)
{
    /// <summary>proc(5) counts processor time in hundredths of a second, whatever the kernel's own tick.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly long _began = clock.GetTimestamp();

    /// <summary>The part of the host that this process may use.</summary>
    public HostFacts Facts()
    {
        var cpus = Lines("/proc/cpuinfo").Where(line => line.StartsWith("processor", StringComparison.Ordinal)).Count();
        var threads = cpus > 0 ? cpus : Environment.ProcessorCount;
        // ARM systems give no model name in that file.
        var name = Lines("/proc/cpuinfo")
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':', 2)[^1]
            .Trim();
        var allowed = Allowed() is { Count: > 0 } set ? Math.Min(set.Count, threads) : threads;
        var quota = Tightest()?.Processors ?? allowed;
        return new HostFacts(
            string.IsNullOrEmpty(name)
                ? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString()
                : name,
            threads,
            Math.Min(allowed, quota),
            Math.Min(
                HostMemory("MemTotal") ?? long.MaxValue,
                MemoryGroups().Select(group => group.Limit).DefaultIfEmpty(long.MaxValue).Min()
            ) / 1_000_000
        );
    }

    /// <summary>Reads the present counters of processor time.</summary>
    public CpuSample Sample()
    {
        var allowed = Allowed();
        var (busy, total) = (0L, 0L);
        foreach (var line in Lines("/proc/stat"))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (
                fields.Length < 9
                || !fields[0].StartsWith("cpu", StringComparison.Ordinal)
                || !int.TryParse(fields[0][3..], NumberStyles.None, CultureInfo.InvariantCulture, out var cpu)
                || (allowed.Count > 0 && !allowed.Contains(cpu))
            )
            {
                continue;
            }

            // The fields are user, nice, system, idle, iowait, irq, softirq, steal. Time that a hypervisor takes away
            // counts as busy, because sessions cannot use that time.
            var times = fields[1..9].Select(Number).ToArray();
            total += times.Sum();
            busy += times.Sum() - times[3] - times[4];
        }

        var quota = Tightest();
        return new CpuSample(
            clock.GetElapsedTime(_began),
            busy * Tick,
            total * Tick,
            quota?.Processors,
            quota?.Used ?? TimeSpan.Zero
        );
    }

    /// <summary>The memory that this process could still take, in MB; null when the kernel does not say.</summary>
    public long? MemoryAvailable()
    {
        var groups = MemoryGroups().Select(group => group.Limit - group.Used);
        var least = groups.Append(HostMemory("MemAvailable") ?? long.MaxValue).Min();
        return least == long.MaxValue ? null : Math.Max(0, least) / 1_000_000;
    }

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>The processors that this process may run on, such as <c>0-3,8</c>. Cpusets and affinity are taken into
    /// account.</summary>
    private HashSet<int> Allowed()
    {
        const string Name = "Cpus_allowed_list:";
        var list =
            Lines("/proc/self/status")
                .FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal))
                ?[Name.Length..].Trim()
            ?? "";
        return [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries).SelectMany(Range)];

        static IEnumerable<int> Range(string part)
        {
            var ends = part.Split('-');
            var first = (int)Number(ends[0]);
            return Enumerable.Range(first, (int)Number(ends[^1]) - first + 1);
        }
    }

    /// <summary>The group with the smallest quota; null when no group has a quota.</summary>
    private (double Processors, TimeSpan Used)? Tightest()
    {
        var folders = FoldersOf("cpu", out var version);
        var accounts = version == 1 ? FoldersOf("cpuacct", out _) : [];
        (double Processors, TimeSpan Used)? tightest = null;
        for (var i = 0; i < folders.Count; i++)
        {
            var (quota, period) =
                version == 2
                    ? ReadMaximum(folders[i])
                    : (Signed(folders[i] + "/cpu.cfs_quota_us"), Signed(folders[i] + "/cpu.cfs_period_us"));
            if (
                quota is not > 0
                || period is not > 0
                || (tightest is { } found && found.Processors <= (double)quota / period)
            )
            {
                continue;
            }
            var used =
                version == 2
                    ? TimeSpan.FromMicroseconds(Value(folders[i] + "/cpu.stat", "usage_usec") ?? 0)
                    : TimeSpan.FromMicroseconds(
                        (i < accounts.Count ? Signed(accounts[i] + "/cpuacct.usage") ?? 0 : 0) / 1000
                    );
            tightest = ((double)quota / period.Value, used);
        }

        return tightest;
    }

    /// <summary>Reads cpu.max, which holds a quota or <c>max</c>, and the quota's period.</summary>
    private (long? Quota, long? Period) ReadMaximum(string folder) =>
        Read(folder + "/cpu.max").Split(' ') switch
        {
            [var quota, var period] when quota != "max" => (Number(quota), Number(period.Trim())),
            _ => (null, null),
        };

    private List<(long Limit, long Used)> MemoryGroups()
    {
        var groups = new List<(long, long)>();
        foreach (var folder in FoldersOf("memory", out var version))
        {
            var (limit, used, cache) =
                version == 2
                    ? (
                        Signed(folder + "/memory.max"),
                        Signed(folder + "/memory.current"),
                        Value(folder + "/memory.stat", "inactive_file")
                    )
                    : (
                        Signed(folder + "/memory.limit_in_bytes"),
                        Signed(folder + "/memory.usage_in_bytes"),
                        Value(folder + "/memory.stat", "total_inactive_file")
                    );
            if (limit is { } most)
            {
                groups.Add((most, Math.Max(0, (used ?? 0) - (cache ?? 0))));
            }
        }

        return groups;
    }

    private IReadOnlyList<string> FoldersOf(string controller, out int version) =>
        ControlGroups.FoldersOf(controller, Read("/proc/self/cgroup"), Read("/proc/self/mountinfo"), out version);

    private long? HostMemory(string name) => Value("/proc/meminfo", name + ":") * 1024;

    /// <summary>The number after a name at the beginning of a line.</summary>
    private long? Value(string file, string name) =>
        Lines(file)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(fields => fields.Length > 1 && fields[0] == name)
            is { } found
            ? Number(found[1])
            : null;

    private long? Signed(string file) =>
        long.TryParse(
            Read(file),
            NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : null;

    private string[] Lines(string file) => Read(file).Split('\n');

    private string Read(string file)
    {
        try
        {
            return File.ReadAllText(root + file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
