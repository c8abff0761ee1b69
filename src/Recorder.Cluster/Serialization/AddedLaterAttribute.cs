namespace Recorder.Cluster.Serialization;

/// <summary>
/// Marks a property that the type of a wire name did not have at first. The property may be missing when read. It is
/// not written while it is empty (<c>null</c>, <c>false</c>, an empty list). Old payloads thus stay unchanged, and
/// builds that do not know the property are met by it only where it is used. Such builds pass over the property. A
/// property that must not be passed over is named by <see cref="IWireMessage.NeedsProtocol"/> while it is set, and
/// set only when the <see cref="ProtocolGate"/> allows. An older node that takes a session or the placement over does
/// not keep what it passed over.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AddedLaterAttribute : Attribute;
