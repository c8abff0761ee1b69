namespace Recorder.Cluster.Serialization;

/// <summary>
/// What may leave a process, over the network or into the journal. Every such type carries its versioned name as
/// <see cref="WireAttribute"/>; nothing else is serialized.
/// </summary>
public interface IWireMessage;
