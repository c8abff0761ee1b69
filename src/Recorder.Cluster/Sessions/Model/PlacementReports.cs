using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>A message to the placement singleton.</summary>
public interface IPlacementMessage : IWireMessage;

/// <summary>A session reports its state; repeated until answered by <see cref="ReportAccepted"/>.</summary>
/// <param name="Summary">The session as it is now.</param>
/// <param name="Version">
/// The number of the session's newest event that is news. An older report never replaces a newer one. Reports of the
/// same number differ only in the growth of the records.
/// </param>
[Wire("placement/report:1")]
public sealed record ReportSession(SessionSummary Summary, long Version) : IPlacementMessage;

/// <summary>The report is persisted.</summary>
[Wire("placement/report-accepted:1")]
public sealed record ReportAccepted(SessionId Id, long Version) : IWireMessage;
