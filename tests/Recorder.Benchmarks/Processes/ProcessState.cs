namespace Recorder.Benchmarks.Processes;

/// <summary>One process for its whole life: ids are given out again, a start time is not.</summary>
/// <param name="Id">The process id.</param>
/// <param name="StartTicks">When it started, clock ticks since boot.</param>
internal readonly record struct ProcessKey(int Id, long StartTicks);

/// <summary>A process at one moment.</summary>
/// <param name="Key">Which process.</param>
/// <param name="ParentId">The process id of its parent.</param>
/// <param name="Cpu">User and system time so far, without its children's.</param>
/// <param name="Executable">The file name of what it runs, such as <c>Xvfb</c>.</param>
/// <param name="Arguments">Its command line, the program's name included.</param>
internal sealed record ProcessState(
    ProcessKey Key,
    int ParentId,
    TimeSpan Cpu,
    string Executable,
    IReadOnlyList<string> Arguments
);
