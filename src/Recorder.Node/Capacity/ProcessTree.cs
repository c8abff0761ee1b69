using System.Globalization;

namespace Recorder.Node.Capacity;

/// <summary>The resources that a process and all its descendants have used.</summary>
/// <param name="Cpu">Processor time, including that of descendants that have ended.</param>
/// <param name="MemoryMegabytes">Memory in MB (10^6 bytes); shared memory counts once.</param>
internal sealed record ProcessTree(TimeSpan Cpu, long MemoryMegabytes)
{
    /// <summary>proc(5) counts processor time in hundredths of a second, whatever the kernel's own tick.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    /// <summary>Reads the present values.</summary>
    /// <param name="proc">The folder of the kernel's files, such as <c>/proc</c>.</param>
    /// <param name="process">The number of the process at the root of the tree.</param>
    public static ProcessTree Read(string proc, int process)
    {
        var all = Directory
            .EnumerateDirectories(proc)
            .Select(folder =>
                int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                    ? ReadOne(folder, id)
                    : null
            )
            .OfType<Entry>()
            .ToList();
        var children = all.ToLookup(entry => entry.Parent);
        var tree = all.Where(entry => entry.Id == process).ToList();
        for (var i = 0; i < tree.Count; i++)
        {
            tree.AddRange(children[tree[i].Id]);
        }
        return new ProcessTree(
            tree.Sum(entry => entry.Ticks) * Tick,
            tree.Sum(entry => Memory(Path.Combine(proc, entry.Id.ToString(CultureInfo.InvariantCulture)))) / 1_000_000
        );
    }

    private static Entry? ReadOne(string folder, int id)
    {
        // proc(5): the name in parentheses may contain any character; the state is the first field after the name.
        var stat = ReadFile(Path.Combine(folder, "stat"));
        var fields =
            stat.Length == 0
                ? []
                : stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // utime, stime, cutime, cstime.
        return fields.Length < 15 ? null : new Entry(id, (int)Number(fields[1]), fields[11..15].Sum(Number));
    }

    /// <summary>
    /// The proportional share of a process's memory. The kernel shows this share of a browser's sandboxed processes
    /// only to root. Without the share, a process's private memory counts.
    /// </summary>
    private static long Memory(string folder)
    {
        var share = ReadFile(Path.Combine(folder, "smaps_rollup"))
            .Split('\n')
            .FirstOrDefault(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        if (share is not null)
        {
            return Number(share.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;
        }
        var pages = ReadFile(Path.Combine(folder, "statm")).Split(' ');
        return pages.Length < 3 ? 0 : (Number(pages[1]) - Number(pages[2])) * Environment.SystemPageSize;
    }

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string ReadFile(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The process has just ended, or is hidden from this user.
            return "";
        }
    }

    private sealed record Entry(int Id, int Parent, long Ticks);
}
