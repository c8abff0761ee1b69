namespace Recorder.Cluster.Sessions.Delivery;

/// <summary>The addresses that a caller gives for the records of a session.</summary>
public static class CallersAddress
{
    /// <summary>Stands for the address of a record when the caller gave addresses for fewer records. Such a record goes
    /// nowhere, and never to the operator's own address.</summary>
    public static Uri None { get; } = new("recorder:no-address");
}
