using Recorder.Cluster.Farm;

namespace Recorder.Cluster.Telemetry;

/// <summary>This node has read its API keys.</summary>
/// <param name="Stale">Whether the newest content of the files with keys has a mistake, so that the keys of before are
/// in effect.</param>
public sealed record KeysRead(bool Stale) : INodeNews;
