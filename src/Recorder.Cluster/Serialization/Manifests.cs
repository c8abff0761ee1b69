namespace Recorder.Cluster.Serialization;

/// <summary>The versioned manifests of every type that leaves a process.</summary>
internal static class Manifests
{
}
