namespace Recorder.Cluster.Hosting;

/// <summary>The database cannot be made, opened or written, or is no database. The message is one sentence a person can
/// act on.</summary>
public sealed class DatabaseUnusableException : Exception
{
    /// <summary>A fault without a message.</summary>
    public DatabaseUnusableException() { }

    /// <summary>A fault and what to do.</summary>
    /// <param name="message">One sentence a person can act on.</param>
    public DatabaseUnusableException(string message)
        : base(message) { }

    /// <summary>A fault, what to do, and what is behind it.</summary>
    /// <param name="message">One sentence a person can act on.</param>
    /// <param name="cause">What is behind it.</param>
    public DatabaseUnusableException(string message, Exception cause)
        : base(message, cause) { }

    /// <summary>Whether it may pass by itself, as when a database server is restarted; then it is worth trying
    /// again.</summary>
    public bool MayPass { get; init; }
}
