using System.Text;

namespace Recorder.Node.Processes;

/// <summary>
/// The output of a process. Memory holds the last useful lines for error messages, with long lines cut. A file in the
/// run directory holds every line, up to a size limit. Safe to use from several threads.
/// </summary>
internal sealed class ProcessLog : IDisposable
{
    private const int TailLines = 5;
    private const int TailLineCharacters = 500;
    private const long FileLimit = 1 << 20;

    private readonly Lock _lock = new();
    private readonly Queue<string> _tail = new();
    private StreamWriter? _file;
    private long _written;

    /// <summary>Opens the log. When the file cannot be written, only the file is missing.</summary>
    public ProcessLog(string path)
    {
        try
        {
            // The file is private even when the process's mask is not set yet, because a browser writes addresses into
            // the log.
            var file = new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.Append,
                    Access = FileAccess.Write,
                    Share = FileShare.Read,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }
            );
            _file = new StreamWriter(file, Encoding.UTF8) { AutoFlush = true };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _file = null;
        }
    }

    /// <summary>The last of the useful lines, oldest first.</summary>
    public string Tail
    {
        get
        {
            lock (_lock)
            {
                return string.Join('\n', _tail);
            }
        }
    }

    /// <summary>Adds one line.</summary>
    public void Add(string line)
    {
        lock (_lock)
        {
            if (IsTelling(line))
            {
                _tail.Enqueue(line.Length > TailLineCharacters ? line[..TailLineCharacters] + "…" : line);
                if (_tail.Count > TailLines)
                {
                    _tail.Dequeue();
                }
            }

            if (_file is null || _written > FileLimit)
            {
                return;
            }
            _written += line.Length + 1;
            try
            {
                _file.WriteLine(line);
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException)
            {
                _file = null;
            }
        }
    }

    /// <summary>
    /// Whether a line helps to find out why a process ended. Browser and sound server complain without end about a
    /// missing D-Bus. They are kept away from D-Bus on purpose.
    /// </summary>
    public static bool IsTelling(string line) =>
        line.Length > 0
        && !line.Contains("D-Bus", StringComparison.Ordinal)
        && !line.Contains("dbus", StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            try
            {
                _file?.Dispose();
            }
            catch (IOException)
            {
                // The folder may be full or gone. The log of an ended process is not worth an error.
            }

            _file = null;
        }
    }
}
