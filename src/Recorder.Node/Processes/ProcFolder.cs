using System.Globalization;

namespace Recorder.Node.Processes;

/// <summary>Reads the kernel's files about one process: a folder such as <c>/proc/17</c>. A process that has ended, or
/// that is hidden from this user, has nothing.</summary>
internal static class ProcFolder
{
    /// <summary>The fields of <c>stat</c> that follow the name, the state first (proc(5)); none for a process that has
    /// ended.</summary>
    /// <param name="folder">The folder.</param>
    public static string[] Fields(string folder)
    {
        // The name in parentheses may contain any character.
        var stat = Read(Path.Combine(folder, "stat"));
        return stat.Length == 0
            ? []
            : stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>
    /// The proportional share of the process's memory in bytes. The kernel may keep this share from other users, as it
    /// does for a browser's sandboxed processes; then the process's private memory counts.
    /// </summary>
    /// <param name="folder">The folder.</param>
    public static long Memory(string folder)
    {
        var share = Read(Path.Combine(folder, "smaps_rollup"))
            .Split('\n')
            .FirstOrDefault(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        if (share is not null)
        {
            return Number(share.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;
        }
        var pages = Read(Path.Combine(folder, "statm")).Split(' ');
        return pages.Length < 3 ? 0 : (Number(pages[1]) - Number(pages[2])) * Environment.SystemPageSize;
    }

    /// <summary>A number of such a file; 0 for anything else.</summary>
    /// <param name="text">The number's text.</param>
    public static long Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
