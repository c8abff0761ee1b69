using System.Runtime.Serialization;

namespace Recorder.Cluster.Tests.Serialization;

/// <summary>An exception that counts how often somebody makes it from what was sent.</summary>
public sealed class TrapException : Exception
{
    private static int _sprung;

    public TrapException() { }

    public TrapException(string message)
        : base(message) { }

    public TrapException(string message, Exception inner)
        : base(message, inner) { }

    // What Akka's readers of exceptions look for.
    private TrapException(SerializationInfo info, StreamingContext context) => Interlocked.Increment(ref _sprung);

    public static int Sprung => Volatile.Read(ref _sprung);
}
