namespace Recorder.Cluster.Farm;

/// <summary>The names that are the same on every node of a farm.</summary>
public static class FarmNames
{
    /// <summary>The name of the actor system.</summary>
    public const string SystemName = "recorder";

    /// <summary>The name of the sessions' shard type.</summary>
    public const string SessionType = "session";

    /// <summary>The version of the recorder, as told to other nodes.</summary>
    public static string Version { get; } = typeof(FarmNames).Assembly.GetName().Version!.ToString(3);
}
