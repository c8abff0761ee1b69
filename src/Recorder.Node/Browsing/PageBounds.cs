using Recorder.Cluster.Settings;
using Recorder.Node.Parts;

namespace Recorder.Node.Browsing;

/// <summary>How much one session's browser may take from the other sessions of its node. 0: no bound.</summary>
/// <param name="Memory">The memory of all processes of the browser.</param>
/// <param name="Threads">The threads of all processes of the browser.</param>
/// <param name="Disk">The browser's profile and temporary files.</param>
internal sealed record PageBounds(ByteSize Memory, int Threads, ByteSize Disk)
{
    /// <summary>How often a browser is weighed. A page was seen to take 350 MB of memory and 208 MB of disk in a
    /// second, so a page passes a bound by less than a gigabyte.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(2);

    /// <summary>The bounds that the options of a node set.</summary>
    public static PageBounds Of(MediaOptions options) => new(options.PageMemory, options.PageThreads, options.PageDisk);

    /// <summary>The most disk that a page was seen to take in a second, in bytes.</summary>
    private const double FastestDisk = 200_000_000;

    /// <summary>The longest time between two looks at the disk.</summary>
    private static readonly TimeSpan LongestDiskPause = TimeSpan.FromSeconds(10);

    /// <summary>How long a page needs at least to pass the bound of its disk: zero to 10 s. To count a profile's files
    /// is dear, so nobody counts them before.</summary>
    /// <param name="taken">The disk that the page takes, in bytes.</param>
    public TimeSpan UntilDiskMatters(long taken) =>
        TimeSpan.FromSeconds(
            Math.Clamp((Disk.Bytes - taken) / FastestDisk, 0, LongestDiskPause.TotalSeconds)
        );

    /// <summary>Whether anything is bounded.</summary>
    public bool Any => Memory.Bytes > 0 || Threads > 0 || Disk.Bytes > 0;

    /// <summary>Why a browser is too large: a sentence for people that names the option. Null: the browser keeps to
    /// its bounds.</summary>
    public string? Broken(PageUse use)
    {
        if (Memory.Bytes > 0 && use.MemoryBytes > Memory.Bytes)
        {
            return Sentence($"{Megabytes(use.MemoryBytes)} of memory", $"{Memory}", nameof(MediaOptions.PageMemory));
        }
        if (Threads > 0 && use.Threads > Threads)
        {
            return FormattableString.Invariant(
                $"The page's browser runs {use.Threads} threads, and {MediaOptions.Section}:{nameof(MediaOptions.PageThreads)} allows {Threads}."
            );
        }
        return Disk.Bytes > 0 && use.DiskBytes > Disk.Bytes
            ? Sentence($"{Megabytes(use.DiskBytes)} of disk", $"{Disk}", nameof(MediaOptions.PageDisk))
            : null;
    }

    /// <summary>Why the kernel has ended a browser: a sentence for people that names the option.</summary>
    public string OutOfMemory =>
        $"The page's browser took memory faster than the node looks, until its control group had no more, and {MediaOptions.Section}:{nameof(MediaOptions.PageMemory)} allows {Memory}.";

    private static string Sentence(string taken, string allowed, string option) =>
        $"The page's browser takes {taken}, and {MediaOptions.Section}:{option} allows {allowed}.";

    private static string Megabytes(long bytes) => FormattableString.Invariant($"{bytes / 1_000_000} MB");
}
