using System.IO.Pipes;
using System.Runtime.InteropServices;

namespace Recorder.ReferencePages;

/// <summary>
/// A file that this process is writing, as if the file's disk hung. Further writes go into a pipe that nobody reads.
/// When the pipe is full, the writer waits until this object is disposed of. Earlier writes stay in the file.
/// </summary>
public sealed partial class HangingFile : IDisposable
{
    private readonly AnonymousPipeServerStream _pipe = new(PipeDirection.Out);

    /// <summary>Lets the file hang.</summary>
    /// <param name="path">The file's absolute path. The file is open once.</param>
    /// <exception cref="IOException">The descriptor could not be replaced.</exception>
    public HangingFile(string path)
    {
        var open = Directory.GetFiles("/proc/self/fd").Single(link => new FileInfo(link).LinkTarget == path);
        var descriptor = int.Parse(Path.GetFileName(open), System.Globalization.CultureInfo.InvariantCulture);
        if (Dup2((int)_pipe.SafePipeHandle.DangerousGetHandle(), descriptor) != descriptor)
        {
            throw new IOException($"{path} cannot be made to hang: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pipe.DisposeLocalCopyOfClientHandle();
        _pipe.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Dup2(int from, int to);
}
