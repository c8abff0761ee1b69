using System.Collections.Immutable;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Streams;

/// <summary>
/// A kind of stream target: which addresses it has, what of them people may see, and how a worker connects to one. A
/// kind is a folder of its own beside this file and a line in the table of kinds. Whoever reads, keeps or shows
/// addresses asks the kind, and knows no scheme itself. Immutable.
/// </summary>
public abstract class StreamKind
{
    /// <summary>The word for an output of this kind in answers and journals, such as <c>rtmp</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The schemes of its addresses, in lower case, without <c>://</c>.</summary>
    public abstract ImmutableArray<string> Schemes { get; }

    /// <summary>What an address must look like: the end of a sentence that says <c>it must be</c>.</summary>
    public abstract string Expected { get; }

    /// <summary>Why an address of one of the schemes is refused; null when it is right.</summary>
    /// <param name="address">The address; it has only characters that an address may have, and each percent sign begins
    /// an encoded byte.</param>
    /// <returns>The rest of a sentence that begins with the name of the field. It never repeats a part of the address
    /// that may be a secret.</returns>
    public abstract string? WhyNot(string address);

    /// <summary>The address without what lets somebody in: no user, key or passphrase. Made of any text that begins
    /// with one of the schemes.</summary>
    public abstract string Redact(string address);

    /// <summary>What two addresses have in common when they are the same stream to the same server. It may hold
    /// secrets.</summary>
    public abstract string Identity(string address);

    /// <summary>Sets up what all connections of this kind need that a worker makes.</summary>
    /// <param name="settings">What holds for all targets of the worker.</param>
    /// <returns>Dispose it when no connection is left; null: there is nothing.</returns>
    internal virtual IDisposable? Prepare(StreamSettings settings) => null;

    /// <summary>One try to stream to a target; nothing runs yet.</summary>
    /// <param name="target">The target, whose address <see cref="WhyNot"/> has let in.</param>
    /// <param name="settings">What holds for all targets of the worker.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="GStreamer.GStreamerException">An element is missing.</exception>
    /// <exception cref="UriFormatException">The address is none of this kind.</exception>
    internal abstract IStreamConnection Connect(WorkerTarget target, StreamSettings settings, TimeProvider time);
}

/// <summary>What holds for all stream targets of a worker.</summary>
/// <param name="ListenAddress">The address, or the name of one, that targets are bound on which wait for
/// viewers.</param>
/// <param name="Authorities">Absolute path of a file of authorities, as PEM, that servers' certificates are checked
/// against besides the system's; null: none.</param>
internal sealed record StreamSettings(string ListenAddress, string? Authorities);
