namespace Recorder.Cluster.Serialization;

/// <summary>
/// Gives a type that leaves the process its wire name. The name is never changed and never used for another type. A
/// changed shape gets the name of the next version, and the type of the old name can still be read.
/// </summary>
/// <param name="name">The name with its version, such as <c>session/start:1</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class WireAttribute(string name) : Attribute
{
    /// <summary>The name with its version.</summary>
    public string Name => name;

    /// <summary>The protocol that the name came with. Older builds do not know the name, so writers ask the
    /// <see cref="ProtocolGate"/> first.</summary>
    public int Since { get; init; } = 1;
}
