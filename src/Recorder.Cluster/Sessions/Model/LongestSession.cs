namespace Recorder.Cluster.Sessions.Model;

/// <summary>The longest that any session of the farm may last, from the options.</summary>
/// <param name="Limit">The limit, without pauses.</param>
public sealed record LongestSession(TimeSpan Limit);
