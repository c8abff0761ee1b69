using System.Globalization;
using System.IO.Enumeration;
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

    /// <summary>What the processes hold. What has no bound is not read and is 0, as is the disk.</summary>
    /// <param name="proc">The folder of the kernel's files, such as <c>/proc</c>.</param>
    /// <param name="processes">The processes of the host.</param>
    /// <param name="browser">The browser's process, which leads a session of its own (setsid(2)).</param>
    /// <param name="bounds">The bounds.</param>
    public static PageUse Of(string proc, RunningProcesses processes, int browser, PageBounds bounds)
    {
        var tree = processes.OfSession(browser);
        var memory = bounds.Memory.Bytes > 0 ? tree.Sum(process => process.Pages) * Environment.SystemPageSize : 0;
        if (memory > bounds.Memory.Bytes)
        {
            memory = tree.Sum(process => ProcFolder.Memory(Path.Combine(proc, Text(process.Id))));
        }
        return new PageUse(memory, bounds.Threads > 0 ? tree.Sum(process => process.Threads) : 0, 0);
    }

    /// <summary>The size of folders in bytes. The count ends where the bound is passed, since a page may make files
    /// without end. Files that go away meanwhile do not count.</summary>
    /// <param name="folders">The folders that the browser may write to.</param>
    /// <param name="bound">The bound in bytes.</param>
    public static long DiskOf(IEnumerable<string> folders, long bound)
    {
        var size = 0L;
        foreach (var folder in folders)
        {
            try
            {
                foreach (var length in Lengths(folder))
                {
                    size += length;
                    if (size > bound)
                    {
                        return size;
                    }
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // The folder goes away while the browser ends.
            }
        }
        return size;
    }

    private static FileSystemEnumerable<long> Lengths(string folder) =>
        new(folder, LengthOf, Everything)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
        };

    // A file that the browser has removed meanwhile has the length 0.
    private static long LengthOf(ref FileSystemEntry entry) => Math.Max(Block, entry.Length);

    private static string Text(int id) => id.ToString(CultureInfo.InvariantCulture);
}
