using Recorder.Worker.Streams.Targets;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>
/// A place to stream to. Its kind (<see cref="StreamKinds"/>) decides the meaning of its address. The address may
/// hold a key and is never shown whole: <see cref="ToString"/> is <see cref="Redacted"/>.
/// </summary>
/// <param name="Address">The absolute address, checked at the edge by <see cref="StreamKinds.WhyNot"/> and never
/// changed afterwards.</param>
public sealed record StreamTarget(string Address)
{
    /// <summary>The address without anything that grants access, such as <c>rtmp://host:1935/app/…</c>.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Redacted => StreamKinds.Find(Address)?.Redact(Address) ?? "…";

    /// <summary>The kind of an output to this target.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public OutputKind Kind => OutputKinds.Of(StreamKinds.Of(Address).Name);

    /// <summary>The host and port that the stream goes to; null: others connect to the node.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public (string Host, int Port)? Peer => StreamKinds.Of(Address).PeerOf(Address);

    /// <summary>Whether two targets are one stream to one server, however their addresses are written.</summary>
    public bool IsSameAs(StreamTarget other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return StreamKinds.Find(Address) is { } kind && kind == StreamKinds.Find(other.Address)
            ? kind.Identity(Address) == kind.Identity(other.Address)
            : Address == other.Address;
    }

    /// <inheritdoc/>
    public override string ToString() => Redacted;
}

/// <summary>A stream target with the id of its output. The id is never given to another target of the
/// session.</summary>
/// <param name="Id"><c>target-1</c>, <c>target-2</c>, …</param>
/// <param name="Target">The target.</param>
public sealed record StreamOutput(string Id, StreamTarget Target);
