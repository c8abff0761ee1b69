using System.Globalization;
using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>What a browser with all its processes holds at one moment.</summary>
/// <param name="MemoryBytes">Memory in bytes. At most the true value plus what the processes share: an exact reading is
/// dear, and is taken only when the cheap one is above the bound.</param>
/// <param name="Threads">The threads of all processes; a process has at least one.</param>
/// <param name="DiskBytes">The length of all files below the browser's folders, in bytes. A file counts at least one
/// block.</param>
internal sealed record PageUse(long MemoryBytes, int Threads, long DiskBytes)
{
    /// <summary>The space that the smallest file takes, in bytes, so that many empty files count too.</summary>
    private const int Block = 4096;

    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = true,
        // A link leads to files that are no part of the folder.
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    /// <summary>Reads the present values. Processes and files that go away meanwhile do not count.</summary>
    /// <param name="proc">The folder of the kernel's files, such as <c>/proc</c>.</param>
    /// <param name="browser">The browser's process, which leads a session of its own (setsid(2)).</param>
    /// <param name="folders">The folders that the browser may write to.</param>
    /// <param name="bounds">The bounds. What has no bound is not read and is 0.</param>
    public static PageUse Read(string proc, int browser, IEnumerable<string> folders, PageBounds bounds)
    {
        var tree = bounds.Memory.Bytes > 0 || bounds.Threads > 0 ? Tree(proc, browser) : [];
        var memory = tree.Sum(entry => entry.Pages) * Environment.SystemPageSize;
        if (bounds.Memory.Bytes > 0 && memory > bounds.Memory.Bytes)
        {
            memory = tree.Sum(entry => ProcFolder.Memory(Path.Combine(proc, Text(entry.Id))));
        }
        var disk = bounds.Disk.Bytes > 0 ? folders.Sum(folder => Size(folder, bounds.Disk.Bytes)) : 0;
        return new PageUse(memory, tree.Sum(entry => entry.Threads), disk);
    }

    private static List<Entry> Tree(string proc, int browser)
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

        // A process whose parent has ended still belongs to the browser's session.
        var tree = all.Where(entry => entry.Id == browser || entry.Session == browser).ToList();
        var known = tree.Select(entry => entry.Id).ToHashSet();
        for (var i = 0; i < tree.Count; i++)
        {
            tree.AddRange(children[tree[i].Id].Where(child => known.Add(child.Id)));
        }
        return tree;
    }

    private static Entry? ReadOne(string folder, int id)
    {
        // After the state come parent, group and session; the threads are the 18th field, the resident pages the 22nd.
        var fields = ProcFolder.Fields(folder);
        return fields.Length < 22
            ? null
            : new Entry(
                id,
                (int)ProcFolder.Number(fields[1]),
                (int)ProcFolder.Number(fields[3]),
                (int)ProcFolder.Number(fields[17]),
                ProcFolder.Number(fields[21])
            );
    }

    /// <summary>The size of a folder in bytes. The count ends where the bound is passed, since a page may make files
    /// without end.</summary>
    private static long Size(string folder, long bound)
    {
        var size = 0L;
        try
        {
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", Everything))
            {
                size += LengthOf(file);
                if (size > bound)
                {
                    break;
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The folder goes away while the browser ends.
        }
        return size;
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return Math.Max(Block, file.Length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The browser has removed the file meanwhile.
            return 0;
        }
    }

    private static string Text(int id) => id.ToString(CultureInfo.InvariantCulture);

    private sealed record Entry(int Id, int Parent, int Session, int Threads, long Pages);
}
