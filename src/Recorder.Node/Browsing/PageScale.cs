using Recorder.Node.Processes;

namespace Recorder.Node.Browsing;

/// <summary>Weighs one session's browser. All browsers of a node are weighed by one reading of the host's
/// processes.</summary>
/// <param name="processes">The host's processes.</param>
/// <param name="run">The session's run directory.</param>
/// <param name="bounds">What the browser may take.</param>
/// <param name="time">The time.</param>
internal sealed class PageScale(SharedProcesses processes, RunDirectory run, PageBounds bounds, TimeProvider time)
{
    private DateTimeOffset _diskDue = DateTimeOffset.MinValue;

    /// <summary>How long until all browsers of this node are weighed again.</summary>
    public TimeSpan UntilNext => processes.UntilNext(PageBounds.Interval);

    /// <summary>Why the browser is too large, as a sentence for people; null: the browser keeps to its bounds. Called
    /// by one caller at a time.</summary>
    /// <param name="browser">The browser's process.</param>
    public async Task<string?> WeighAsync(int browser)
    {
        if (WhyEnded() is { } ended)
        {
            return ended;
        }
        var use = new PageUse(0, 0, 0);
        if (bounds.Memory.Bytes > 0 || bounds.Threads > 0)
        {
            use = PageUse.Of(processes.Proc, await processes.ReadAsync(), browser, bounds);
        }
        if (bounds.Disk.Bytes > 0 && time.GetUtcNow() >= _diskDue)
        {
            use = use with { DiskBytes = await Task.Run(() => PageUse.DiskOf(Folders(), bounds.Disk.Bytes)) };
            _diskDue = time.GetUtcNow() + bounds.UntilDiskMatters(use.DiskBytes);
        }
        return bounds.Broken(use);
    }

    /// <summary>Why the kernel has ended the browser for its size, as a sentence for people; null: the kernel has
    /// not.</summary>
    public string? WhyEnded() => run.Group?.RanOutOfMemory() == true ? bounds.OutOfMemory : null;

    private string[] Folders() =>
        [run.PathOf(ChromiumProcess.Home), .. Directory.EnumerateDirectories(run.Path, BrowserProfile.Name + "*")];
}
