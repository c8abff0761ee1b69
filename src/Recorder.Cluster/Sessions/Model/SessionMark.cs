using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>A moment of a session that somebody has marked, the page or a caller.</summary>
/// <param name="Id">The id of the mark within its session, such as <c>mark-3</c>.</param>
/// <param name="Title">What players show.</param>
/// <param name="GivenAt">When the mark was given.</param>
public sealed record SessionMark(string Id, string Title, DateTimeOffset GivenAt)
{
    /// <summary>The most marks of a session. A player's list of chapters in an MP4 holds 255.</summary>
    public const int Most = 250;

    /// <summary>The most characters of a title.</summary>
    public const int LongestTitle = 200;

    /// <summary>The number of the record that holds the moment; null while no record does. A mark that is given where
    /// nothing is recorded belongs to the next record.</summary>
    public int? Record { get; init; }

    /// <summary>Where the moment is in the record; null while no record holds the moment.</summary>
    public TimeSpan? At { get; init; }
}

/// <summary>A mark within one record.</summary>
/// <param name="Title">What players show.</param>
/// <param name="At">The time from the beginning of the record.</param>
public sealed record RecordMark(string Title, TimeSpan At);

/// <summary>Mark this moment of the session. Answered by a <see cref="ChangeReply"/> once the moment has its place in a
/// record, or waits for the next record.</summary>
/// <param name="Id">The session.</param>
/// <param name="Title">What players show, of at most <see cref="SessionMark.LongestTitle"/> characters.</param>
[Wire("session/mark:1")]
public sealed record MarkSession(SessionId Id, string Title) : SessionMessage(Id);

/// <summary>The moment is marked.</summary>
/// <param name="Id">The session.</param>
/// <param name="Mark">The mark.</param>
[Wire("session/marked:1")]
public sealed record SessionMarked(SessionId Id, SessionMark Mark) : ChangeReply(Id);

/// <summary>Somebody has marked a moment. Persisted before the moment is looked for in the record.</summary>
/// <param name="Mark">The id of the mark.</param>
/// <param name="Title">What players show.</param>
/// <param name="At">The moment.</param>
/// <param name="Node">The node of the session.</param>
[Wire("session-event/mark-given:1")]
public sealed record MarkGiven(string Mark, string Title, DateTimeOffset At, string Node) : ISessionEvent;

/// <summary>A marked moment has its place in a record.</summary>
/// <param name="Mark">The id of the mark.</param>
/// <param name="Path">The record.</param>
/// <param name="Position">Where the moment is in the record.</param>
/// <param name="At">When the session heard of the place.</param>
/// <param name="Node">The node of the session.</param>
[Wire("session-event/mark-placed:1")]
public sealed record MarkPlaced(string Mark, string Path, TimeSpan Position, DateTimeOffset At, string Node)
    : ISessionEvent;
