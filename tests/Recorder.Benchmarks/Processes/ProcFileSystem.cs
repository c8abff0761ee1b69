using System.Globalization;
using System.Text;

namespace Recorder.Benchmarks.Processes;

/// <summary>Reads <c>/proc</c> (proc(5)). A process that ends while it is read is left out, never an error.</summary>
internal static class ProcFileSystem
{
    /// <summary>Ticks of <c>/proc/*/stat</c> in a second: USER_HZ is 100 on every Linux architecture .NET runs
    /// on.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>All processes of the machine.</summary>
    public static IEnumerable<ProcessState> Processes()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (
                int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && Read(id) is { } process
            )
            {
                yield return process;
            }
        }
    }

    /// <summary>Whether the process was started with this entry (<c>NAME=value</c>) in its environment.</summary>
    public static bool HasEnvironmentEntry(int processId, string entry) =>
        TryRead($"/proc/{processId}/environ") is { } environment
        && environment.Split('\0').Contains(entry, StringComparer.Ordinal);

    /// <summary>The process's share of memory: its own pages whole, shared pages divided among those who share them;
    /// bytes.</summary>
    public static long ProportionalSetSize(int processId)
    {
        var line = TryRead($"/proc/{processId}/smaps_rollup")
            ?.Split('\n')
            .FirstOrDefault(l => l.StartsWith("Pss:", StringComparison.Ordinal));
        return line is null ? 0 : Number(Fields(line)[1]) * 1024;
    }

    /// <summary>The process's pages in memory, shared ones included; bytes.</summary>
    public static long ResidentSetSize(int processId)
    {
        var line = TryRead($"/proc/{processId}/status")
            ?.Split('\n')
            .FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return line is null ? 0 : Number(Fields(line)[1]) * 1024;
    }

    /// <summary>The processor time of this process's children that have ended, with their children.</summary>
    public static TimeSpan EndedChildrenCpu()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = Fields(stat[(stat.LastIndexOf(')') + 1)..]);
        return Ticks(Number(fields[13]) + Number(fields[14]));
    }

    /// <summary>Time the whole machine has spent working, and time its hypervisor has withheld, since boot.</summary>
    public static (TimeSpan Busy, TimeSpan Stolen) MachineCpu()
    {
        // cpu user nice system idle iowait irq softirq steal
        var fields = Fields(File.ReadLines("/proc/stat").First());
        return (Ticks(Sum(1, 2, 3, 6, 7)), Ticks(Sum(8)));

        long Sum(params ReadOnlySpan<int> columns)
        {
            long sum = 0;
            foreach (var column in columns)
            {
                sum += Number(fields[column]);
            }
            return sum;
        }
    }

    private static ProcessState? Read(int id)
    {
        if (TryRead($"/proc/{id}/stat") is not { } stat)
        {
            return null;
        }
        // The name stands in parentheses and may hold spaces and parentheses itself.
        var name = stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..stat.LastIndexOf(')')];
        var fields = Fields(stat[(stat.LastIndexOf(')') + 1)..]);
        var arguments = (TryRead($"/proc/{id}/cmdline") ?? "").Split('\0', StringSplitOptions.RemoveEmptyEntries);
        return new ProcessState(
            new ProcessKey(id, Number(fields[19])),
            (int)Number(fields[1]),
            Ticks(Number(fields[11]) + Number(fields[12])),
            ExecutableOf(id) ?? name,
            arguments
        );
    }

    private static string? ExecutableOf(int id)
    {
        try
        {
            return Path.GetFileName(File.ResolveLinkTarget($"/proc/{id}/exe", returnFinalTarget: false)?.FullName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path, Encoding.UTF8);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string[] Fields(string line) =>
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);

    private static TimeSpan Ticks(long ticks) => TimeSpan.FromSeconds(ticks / TicksPerSecond);
}
