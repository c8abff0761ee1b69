namespace Recorder.Cluster.Serialization;

/// <summary>
/// A type that may leave a process, over the network or into the journal. Every such type carries its versioned name
/// as <see cref="WireAttribute"/>; no other type is serialized.
/// </summary>
public interface IWireMessage;
