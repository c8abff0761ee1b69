using Recorder.Benchmarks.Processes;

namespace Recorder.Benchmarks.Measuring;

/// <summary>Proportional set size of a session, bytes by part.</summary>
internal static class MemoryMeter
{
    /// <summary>Reads it now. Reading makes the kernel walk all page tables, so never inside a CPU window.</summary>
    public static IReadOnlyDictionary<SessionPart, long> Read(SessionProcesses session)
    {
        var bytes = Enum.GetValues<SessionPart>().ToDictionary(part => part, _ => 0L);
        foreach (var process in session.Current())
        {
            bytes[SessionParts.Of(process)] += ProcFileSystem.ProportionalSetSize(process.Key.Id);
        }
        return bytes;
    }
}
