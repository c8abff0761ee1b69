namespace Recorder.Cluster.Identity;

/// <summary>What a node is, whatever address it has.</summary>
/// <param name="Node">The node's id.</param>
/// <param name="Records">The node's records folder; null on a node without the role recorder.</param>
public sealed record NodeIdentity(NodeId Node, IRecordsFolder? Records);
