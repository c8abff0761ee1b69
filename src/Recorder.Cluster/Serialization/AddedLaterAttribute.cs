namespace Recorder.Cluster.Serialization;

/// <summary>
/// Marks a property that the type of a wire name did not have at first. It may be missing when it is read, and is not
/// written while it has nothing to say (<c>null</c>, <c>false</c>, an empty list), so that old payloads stay what they
/// are and nodes of the version before understand whatever does not use it.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AddedLaterAttribute : Attribute;
