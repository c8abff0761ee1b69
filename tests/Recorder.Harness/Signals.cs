using System.Runtime.InteropServices;

namespace Recorder.Harness;

/// <summary>kill(2): .NET itself can only send SIGKILL.</summary>
internal static partial class Signals
{
    /// <summary>SIGINT: <c>gst-launch-1.0 -e</c> ends the stream and finalises its file.</summary>
    public const int Interrupt = 2;

    public const int Quit = 3;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>Sends a signal; refused only when the process has just ended.</summary>
    public static void Send(int process, int signal) => _ = Signal(process, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
