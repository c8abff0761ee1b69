namespace Recorder.Cluster.Farm;

/// <summary>
/// Something that has happened on this node. Whoever does it publishes the news on the actor system's event stream and
/// knows nobody who listens. News never leave the node.
/// </summary>
public interface INodeNews;
