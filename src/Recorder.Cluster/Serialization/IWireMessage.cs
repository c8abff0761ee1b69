namespace Recorder.Cluster.Serialization;

/// <summary>
/// A type that may leave a process, over the network or into the journal. Every such type carries its versioned name
/// as <see cref="WireAttribute"/>; no other type is serialized.
/// </summary>
public interface IWireMessage
{
    /// <summary>
    /// The least protocol that a reader of this message must speak. A reader passes over fields that it does not know.
    /// A message whose newer fields must not be passed over names their protocol here while the fields are set. Older
    /// builds then refuse the message with a sentence. Implemented explicitly, so that the number is no field.
    /// </summary>
    int NeedsProtocol => 1;
}
