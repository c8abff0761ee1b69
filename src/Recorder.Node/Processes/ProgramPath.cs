using System.Collections.Immutable;

namespace Recorder.Node.Processes;

/// <summary>The places where programs are looked up: the system's folders, whatever the node's own PATH
/// contains.</summary>
internal static class ProgramPath
{
    /// <summary>The folders in the order of the search; the first match wins.</summary>
    public static ImmutableArray<string> Folders { get; } =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The absolute path of a program.</summary>
    /// <exception cref="ProcessStartException">The program is not installed.</exception>
    public static string Resolve(string program) => Find(program) ?? throw Missing(program);

    /// <summary>The absolute path of a program; null when the program is not installed.</summary>
    public static string? Find(string program)
    {
        if (Path.IsPathRooted(program))
        {
            return File.Exists(program) ? program : null;
        }
        return Folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
    }

    private static ProcessStartException Missing(string program) =>
        new($"The program '{program}' is not installed. Run deploy/install-dependencies on this host.");
}

/// <summary>A process could not be started; the message is a sentence for people.</summary>
internal sealed class ProcessStartException : Exception
{
    /// <inheritdoc cref="Exception(string)"/>
    public ProcessStartException(string message)
        : base(message) { }

    /// <inheritdoc cref="Exception(string, Exception)"/>
    public ProcessStartException(string message, Exception inner)
        : base(message, inner) { }
}
