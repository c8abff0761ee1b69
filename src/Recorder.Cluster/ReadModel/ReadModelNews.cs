using Recorder.Cluster.Farm;

namespace Recorder.Cluster.ReadModel;

/// <summary>How the read model of this node stands after a step. One node of the farm fills the read model.</summary>
/// <param name="Unreadable">How many sessions cannot be read from the journal; null once the node fills the read model
/// no more.</param>
internal sealed record ReadModelNews(int? Unreadable) : INodeNews;
