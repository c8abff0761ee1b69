using System.Runtime.InteropServices;

namespace Recorder.Benchmarks.Processes;

/// <summary>kill(2): .NET itself can only send SIGKILL.</summary>
internal static partial class Signals
{
    /// <summary>SIGINT: <c>gst-launch-1.0 -e</c> ends the stream and finalises its file.</summary>
    public const int Interrupt = 2;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>Sends a signal; a process that has just ended is not an error.</summary>
    public static void Send(int processId, int signal) => _ = Kill(processId, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
