namespace Recorder.Cluster.Farm;

/// <summary>What every node of a farm calls by the same name.</summary>
public static class FarmNames
{
    /// <summary>The name of the actor system.</summary>
    public const string SystemName = "recorder";

    /// <summary>The name of the sessions' shard type.</summary>
    public const string SessionType = "session";

    /// <summary>The version of the recorder, as other nodes are told it.</summary>
    public static string Version { get; } = typeof(FarmNames).Assembly.GetName().Version!.ToString(3);
}
