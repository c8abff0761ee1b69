namespace Recorder.Node.Configuration;

/// <summary>
/// The node does not start, for reasons that a person can fix. Each message is a whole sentence that says what is wrong
/// and how to fix that. Shown without a stack trace.
/// </summary>
internal sealed class StartRefusedException : Exception
{
    /// <summary>One reason.</summary>
    public StartRefusedException(string message)
        : this([message]) { }

    /// <summary>Several reasons, all shown at once.</summary>
    public StartRefusedException(IReadOnlyList<string> messages)
        : base(string.Join(Environment.NewLine, messages)) => Messages = messages;

    /// <summary>The reasons.</summary>
    public IReadOnlyList<string> Messages { get; }
}
