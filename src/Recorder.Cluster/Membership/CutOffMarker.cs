using System.Collections.Immutable;
using Akka.Actor;

namespace Recorder.Cluster.Membership;

/// <summary>
/// A file in the data folder of a node that its farm has given up, which may go on without it: a supervisor starts the
/// node again while the link is still cut, and everything the node sees then looks like a farm that has ended.
/// </summary>
/// <param name="folder">The data folder; it exists and can be written to.</param>
public sealed class CutOffMarker(string folder)
{
    /// <summary>The file, with its path.</summary>
    public string File { get; } = Path.Combine(folder, "cut-off");

    /// <summary>Whether this node was given up and has been in no farm since.</summary>
    public bool IsSet => System.IO.File.Exists(File);

    /// <summary>Leaves the marker.</summary>
    /// <param name="others">The farm's other members, as this node knew them last.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    public void Set(IEnumerable<Address> others) =>
        System.IO.File.WriteAllLines(File, others.Select(other => other.ToString()));

    /// <summary>The farm's other members as <see cref="Set"/> was told them; none without a marker. A line that is no
    /// address is left out.</summary>
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

    /// <summary>Takes the marker away; without one, nothing.</summary>
    /// <exception cref="IOException">The file cannot be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be removed.</exception>
    public void Clear() => System.IO.File.Delete(File);
}
