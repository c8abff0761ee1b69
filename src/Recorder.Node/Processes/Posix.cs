using System.Runtime.InteropServices;

namespace Recorder.Node.Processes;

/// <summary>The few calls of the C library that .NET has no name for.</summary>
internal static partial class Posix
{
    /// <summary>No signal: only whether one could be sent (kill(2)).</summary>
    public const int Probe = 0;

    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>Sends a signal to a process, or with a negative number to a process group. False: it is gone, or not ours.</summary>
    public static bool Signal(int process, int signal) => SendSignal(process, signal) == 0;

    /// <summary>Gives a file or folder to a user and group.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static void ChangeOwner(string path, uint user, uint group)
    {
        if (Chown(path, user, group) != 0)
            throw new IOException($"The owner of {path} could not be changed (errno {Marshal.GetLastPInvokeError()}).");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, uint user, uint group);
}
