using Recorder.Cluster.Farm;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Actor;

/// <summary>News of a session that this node runs.</summary>
/// <param name="Id">The session.</param>
internal abstract record SessionNews(SessionId Id) : INodeNews;

/// <summary>An event of the session is in the journal.</summary>
/// <param name="Id">The session.</param>
/// <param name="Event">The event.</param>
/// <param name="Before">The session before the event.</param>
/// <param name="After">The session after the event.</param>
/// <param name="Live">What the session knows and does not write to the journal.</param>
internal sealed record SessionEventWritten(
    SessionId Id,
    ISessionEvent Event,
    SessionState Before,
    SessionState After,
    LiveFigures Live
) : SessionNews(Id)
{
    /// <summary>The number of the event in the session's journal.</summary>
    public long SequenceNr { get; init; }
}

/// <summary>
/// The session's media child has reported something. Events that follow from it are separate news. A message that came
/// during a write is published twice: at once, and when the session receives it after the write.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Heard">What the media child reported.</param>
/// <param name="State">The session as it was.</param>
internal sealed record SessionMediaHeard(SessionId Id, IMediaEvent Heard, SessionState State) : SessionNews(Id);

/// <summary>The node no longer runs the session: the session has ended, or another node has it.</summary>
/// <param name="Id">The session.</param>
internal sealed record SessionLeft(SessionId Id) : SessionNews(Id);
