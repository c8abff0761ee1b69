using System.Collections.Immutable;
using Akka.Actor;

namespace Recorder.Cluster.Membership;

/// <summary>
/// A file in the data folder of a node that was given up by its farm. The farm may still be running without the node.
/// A supervisor restarts the node while the link is still cut, and then everything looks as if the farm had ended.
/// </summary>
/// <param name="folder">The data folder, which exists and is writable.</param>
public sealed class CutOffMarker(string folder)
{
    /// <summary>The file, with its path.</summary>
    public string File { get; } = Path.Combine(folder, "cut-off");

    /// <summary>Whether this node was given up and has been in no farm since then.</summary>
    public bool IsSet => System.IO.File.Exists(File);

    /// <summary>Leaves the marker.</summary>
    /// <param name="others">The farm's other members, as last known by this node.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    public void Set(IEnumerable<Address> others) =>
        System.IO.File.WriteAllLines(File, others.Select(other => other.ToString()));

    /// <summary>The farm's other members as given to <see cref="Set"/>; none without a marker. Lines that are no
    /// address are left out.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be read.</exception>
    public ImmutableList<Address> Others() =>
        IsSet
            ?
            [
                .. System
                    .IO.File.ReadLines(File)
                    .Select(line => ActorPath.TryParseAddress(line, out var address) ? address : null)
                    .OfType<Address>(),
            ]
            : [];

    /// <summary>Removes the marker; does nothing without a marker.</summary>
    /// <exception cref="IOException">The file cannot be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be removed.</exception>
    public void Clear() => System.IO.File.Delete(File);
}
