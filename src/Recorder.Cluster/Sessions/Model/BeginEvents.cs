using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>The page is shown and its record waits for the beginning, or the page has entered or left its
/// lobby.</summary>
/// <param name="InLobby">Whether the page shows a lobby.</param>
/// <param name="At">Since when.</param>
/// <param name="Node">The node of the session.</param>
[Wire("session-event/waits-to-begin:1")]
public sealed record SessionWaits(bool InLobby, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>The session still waits. Evidence and fence, like <see cref="RecordConfirmed"/>.</summary>
[Wire("session-event/wait-confirmed:1")]
public sealed record WaitConfirmed(DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>The record begins although nothing has begun the record in time, as its rule says.</summary>
[Wire("session-event/begins-anyway:1")]
public sealed record SessionBeginsAnyway(DateTimeOffset At, string Node) : ISessionEvent;
