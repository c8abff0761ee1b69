using Recorder.Benchmarks.Processes;

namespace Recorder.Benchmarks.Measuring;

/// <summary>The memory of a node that records nothing, bytes.</summary>
/// <param name="Resident">Of the node's process, shared pages whole.</param>
/// <param name="Proportional">Of the node's process, shared pages divided among those who share them.</param>
internal sealed record IdleMemory(long Resident, long Proportional)
{
    /// <summary>Reads the memory.</summary>
    public static IdleMemory Of(int processId) =>
        new(ProcFileSystem.ResidentSetSize(processId), ProcFileSystem.ProportionalSetSize(processId));
}
