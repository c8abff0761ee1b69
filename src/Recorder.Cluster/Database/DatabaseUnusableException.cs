namespace Recorder.Cluster.Database;

/// <summary>The database cannot be made, opened or written, or the file is no database. The message is one sentence a
/// person can act on.</summary>
public sealed class DatabaseUnusableException : Exception
{
    /// <summary>A fault without a message.</summary>
    public DatabaseUnusableException() { }

    /// <summary>A fault and what to do.</summary>
    /// <param name="message">One sentence a person can act on.</param>
    public DatabaseUnusableException(string message)
        : base(message) { }

    /// <summary>A fault, what to do, and the cause.</summary>
    /// <param name="message">One sentence a person can act on.</param>
    /// <param name="cause">The cause of the fault.</param>
    public DatabaseUnusableException(string message, Exception cause)
        : base(message, cause) { }

    /// <summary>Whether the fault may pass by itself, as when a database server restarts. Then a new try is
    /// worthwhile.</summary>
    public bool MayPass { get; init; }
}
