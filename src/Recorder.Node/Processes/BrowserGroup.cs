namespace Recorder.Node.Processes;

/// <summary>How much the browser of one session may take. 0: no bound.</summary>
/// <param name="Memory">The memory, in bytes.</param>
/// <param name="Tasks">The threads of all processes.</param>
internal sealed record GroupBounds(long Memory, int Tasks);

/// <summary>
/// The control group of one session's browser (cgroups(7), version 2). The kernel keeps the group to its bounds. When
/// the group takes all its memory, the kernel ends all processes of the group.
/// </summary>
/// <param name="folder">The group's folder.</param>
internal sealed class BrowserGroup(string folder)
{
    /// <summary>How often the removal is tried: two seconds in all. A group can be removed once its last process is
    /// gone.</summary>
    private const int RemovalTries = 40;

    /// <summary>The file that takes the id of a process to put into the group.</summary>
    public string Members { get; } = Path.Combine(folder, "cgroup.procs");

    /// <summary>Whether the kernel has ended the group's processes because they took all memory of the group.</summary>
    public bool RanOutOfMemory()
    {
        try
        {
            return File.ReadLines(Path.Combine(folder, "memory.events"))
                .Any(line => line.StartsWith("oom_kill ", StringComparison.Ordinal) && !line.EndsWith(" 0", StringComparison.Ordinal));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Ends whatever is left in the group, and removes the group. A group that cannot be removed is left to
    /// the next start of the node.</summary>
    public async Task RemoveAsync()
    {
        for (var left = RemovalTries; left > 0; left--)
        {
            try
            {
                File.WriteAllText(Path.Combine(folder, "cgroup.kill"), "1");
                Directory.Delete(folder);
                return;
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50));
            }
        }
    }
}
