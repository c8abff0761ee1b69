using System.Collections.Immutable;
using Recorder.Worker.Network;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Streams;

/// <summary>
/// A kind of stream target: its addresses, the parts of an address that people may see, and a worker's way to connect.
/// A kind is a folder of its own beside this file and a line in the table of kinds. Code that reads, keeps or shows
/// addresses asks the kind, and knows no scheme itself. Immutable.
/// </summary>
public abstract class StreamKind
{
    /// <summary>The name of this kind in answers and journals, such as <c>rtmp</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The schemes of this kind's addresses, in lower case, without <c>://</c>.</summary>
    public abstract ImmutableArray<string> Schemes { get; }

    /// <summary>The required form of an address, as the end of a sentence that says <c>it must be</c>.</summary>
    public abstract string Expected { get; }

    /// <summary>Why an address of one of the schemes is refused; null when the address is right.</summary>
    /// <param name="address">The address. All its characters are allowed in an address, and each percent sign begins an
    /// encoded byte.</param>
    /// <returns>The rest of a sentence that begins with the name of the field. The text never repeats a part of the
    /// address that may be a secret.</returns>
    public abstract string? WhyNot(string address);

    /// <summary>The address without secrets that give access: no user, key or passphrase. Accepts any text that begins
    /// with one of the schemes.</summary>
    public abstract string Redact(string address);

    /// <summary>A text that is the same for two addresses of the same stream to the same server. The text may hold
    /// secrets.</summary>
    public abstract string Identity(string address);

    /// <summary>The host and port that an address leads to; null: the target waits for others to connect.</summary>
    /// <param name="address">The address, which <see cref="WhyNot"/> has accepted.</param>
    public abstract (string Host, int Port)? PeerOf(string address);

    /// <summary>Sets up what all connections of this kind in a worker need.</summary>
    /// <param name="settings">The settings for all targets of the worker.</param>
    /// <returns>An object to dispose of when no connection is left; null: nothing to dispose of.</returns>
    internal virtual IDisposable? Prepare(StreamSettings settings) => null;

    /// <summary>Makes a connection for one try to stream to a target; nothing runs yet.</summary>
    /// <param name="target">The target, whose address <see cref="WhyNot"/> has accepted.</param>
    /// <param name="settings">The settings for all targets of the worker.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="GStreamer.GStreamerException">An element is missing.</exception>
    /// <exception cref="UriFormatException">The address is not one of this kind.</exception>
    /// <exception cref="PeerRefusedException">The policy refuses the target's server.</exception>
    internal abstract IStreamConnection Connect(WorkerTarget target, StreamSettings settings, TimeProvider time);
}

/// <summary>The settings for all stream targets of a worker.</summary>
/// <param name="ListenAddress">The address, or the name of an address, on which targets that wait for viewers are
/// bound.</param>
/// <param name="Authorities">Absolute path of a PEM file of authorities for the check of servers' certificates, in
/// addition to the system's authorities; null: none.</param>
internal sealed record StreamSettings(string ListenAddress, string? Authorities)
{
    /// <summary>Where streams may go; null: anywhere.</summary>
    public NetworkPolicy? Policy { get; init; }
}
