namespace Recorder.Cluster.Serialization;

/// <summary>
/// What may leave a process, over the network or into the journal. Every such type has a versioned manifest in
/// <see cref="Manifests"/>; nothing else is serialized.
/// </summary>
public interface IWireMessage;
