namespace Recorder.Cluster.Farm;

/// <summary>
/// Something that has happened on this node. The part that did it publishes the news on the actor system's event
/// stream, without knowing the listeners. News never leave the node.
/// </summary>
public interface INodeNews;
