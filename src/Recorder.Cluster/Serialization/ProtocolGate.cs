using System.Collections.Immutable;

namespace Recorder.Cluster.Serialization;

/// <summary>
/// What a node may write. Whoever writes a message, an event or a field that came with a later protocol asks the gate
/// first, and writes the older form while the gate is closed. A gate that has opened stays open. Pure.
/// </summary>
/// <param name="Agreed">The newest protocol that every node of the farm speaks, and that a journal of the farm may
/// hold.</param>
public sealed record ProtocolGate(int Agreed)
{
    /// <summary>Whether forms of a protocol may be written.</summary>
    /// <param name="protocol">The protocol that the form came with, from 1.</param>
    public bool Allows(int protocol) => protocol <= Agreed;

    /// <summary>The newest protocol that all of these nodes speak.</summary>
    /// <param name="members">The protocols of every member, reachable or not; null for a member whose build names
    /// none.</param>
    /// <returns>0 when there is no member, or when a member names no protocol.</returns>
    public static int SpokenByAll(ImmutableList<WireProtocol?> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        return members.IsEmpty ? 0 : members.Min(member => member?.Speaks ?? 0);
    }
}
