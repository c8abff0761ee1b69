namespace Recorder.Cluster.Sessions.Model;

/// <summary>Why a session was stopped. A session that failed tells its <see cref="FaultCode"/> instead.</summary>
public static class EndReason
{
    /// <summary>A caller asked for the end.</summary>
    public const string Requested = "requested";

    /// <summary>The session lasted as long as its rules, or the farm, allow.</summary>
    public const string MaxDuration = "max_duration";

    /// <summary>The session lasted as long as the API key of its start allows.</summary>
    public const string KeyLimit = "key_limit";

    /// <summary>The records have as many bytes as the rules allow.</summary>
    public const string MaxBytes = "max_bytes";
}
