using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>A message to the placement singleton.</summary>
public interface IPlacementMessage : IWireMessage;

/// <summary>A session tells what has become of it; repeated until answered by <see cref="ReportAccepted"/>.</summary>
/// <param name="Summary">The session as it is now.</param>
/// <param name="Version">
/// The number of the newest of the session's events that is news; an older report never replaces a newer one, and one
/// of the same number differs at most in how far the records have grown.
/// </param>
[Wire("placement/report:1")]
public sealed record ReportSession(SessionSummary Summary, long Version) : IPlacementMessage;

/// <summary>The report is persisted.</summary>
[Wire("placement/report-accepted:1")]
public sealed record ReportAccepted(SessionId Id, long Version) : IWireMessage;
