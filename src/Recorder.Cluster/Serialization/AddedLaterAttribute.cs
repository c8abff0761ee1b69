namespace Recorder.Cluster.Serialization;

/// <summary>
/// Marks a property that the type of a wire name did not have at first. The property may be missing when read. It is
/// not written while it is empty (<c>null</c>, <c>false</c>, an empty list). Old payloads thus stay unchanged, and
/// nodes of the previous version understand messages that do not use the property.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AddedLaterAttribute : Attribute;
