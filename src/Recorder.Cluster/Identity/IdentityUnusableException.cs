namespace Recorder.Cluster.Identity;

/// <summary>The identity of a node or of a records folder cannot be used. The message tells a person what to
/// do.</summary>
/// <param name="message">What is wrong, and what to do.</param>
public sealed class IdentityUnusableException(string message) : Exception(message);
