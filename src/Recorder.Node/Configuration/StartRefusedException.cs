namespace Recorder.Node.Configuration;

/// <summary>
/// The node does not start, for reasons a person can mend: each message is a whole sentence that says what is wrong and
/// the way out. Shown without a stack trace.
/// </summary>
internal sealed class StartRefusedException : Exception
{
    /// <summary>One reason.</summary>
    public StartRefusedException(string message)
        : this([message]) { }

    /// <summary>Several reasons, all to be shown at once.</summary>
    public StartRefusedException(IReadOnlyList<string> messages)
        : base(string.Join(Environment.NewLine, messages)) => Messages = messages;

    /// <summary>The reasons.</summary>
    public IReadOnlyList<string> Messages { get; }
}
