namespace Recorder.Cluster.Serialization;

/// <summary>
/// Gives a type that leaves the process its wire name. The name is for ever: it is never changed and never used for
/// another type. A changed shape gets the next version's name, and the type of the old name goes on being read.
/// </summary>
/// <param name="name">The name with its version, such as <c>session/start:1</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class WireAttribute(string name) : Attribute
{
    /// <summary>The name with its version.</summary>
    public string Name => name;
}
