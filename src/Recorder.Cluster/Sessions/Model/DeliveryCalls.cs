using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>
/// Try a delivery again, at once: one that has failed, or one whose next attempt is still to come. The patience counts
/// anew. Answered by a <see cref="ChangeReply"/> after the write. A session that has ended is woken by this message.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Path">The record.</param>
/// <param name="Destination">The name of the destination.</param>
[Wire("session/retry-delivery:1")]
public sealed record RetryDelivery(SessionId Id, string Path, string Destination) : SessionMessage(Id);

/// <summary>
/// Take a session that has ended, and that the placement has forgotten, into the list again: something is to be done
/// for its records. Answered by <see cref="SessionLocation"/>, or by <see cref="SessionUnknown"/> when the farm never
/// gave the id. The placement forgets the session again when nothing is left to do.
/// </summary>
/// <param name="Summary">The session as the archive has it.</param>
[Wire("placement/recall:1")]
public sealed record RecallSession(SessionSummary Summary) : IPlacementMessage;
