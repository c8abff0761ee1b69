using System.Globalization;
using Recorder.Node.Processes;

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
        var tree = RunningProcesses.Read(proc).Below(process);
        return new ProcessTree(
            tree.Sum(entry => entry.Ticks) * Tick,
            tree.Select(entry => Path.Combine(proc, entry.Id.ToString(CultureInfo.InvariantCulture)))
                .Sum(ProcFolder.Memory) / 1_000_000
        );
    }
}
