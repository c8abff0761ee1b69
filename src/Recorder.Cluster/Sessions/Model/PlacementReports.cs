using System.Text.Json.Serialization;
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

/// <summary>Where is this session? Answered by <see cref="SessionLocation"/> or <see cref="SessionUnknown"/>.</summary>
[Wire("placement/locate:1")]
public sealed record FindSession(SessionId Id) : IPlacementMessage;

/// <summary>The answer to <see cref="FindSession"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "reply")]
[JsonDerivedType(typeof(SessionLocation), "located")]
[JsonDerivedType(typeof(SessionUnknown), "unknown")]
public abstract record LocationReply(SessionId Id) : IWireMessage;

/// <summary>A session that the farm knows, with the newest summary that the session reported.</summary>
[Wire("placement/located:1")]
public sealed record SessionLocation(
    SessionId Id,
    [property: JsonPropertyName("slot")] int Shard,
    SessionSummary Summary
) : LocationReply(Id);

/// <summary>The farm has never given this id.</summary>
[Wire("placement/unknown:1")]
public sealed record SessionUnknown(SessionId Id) : LocationReply(Id);
