using System.Collections.Immutable;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Http.Edge.Protocol;

/// <summary>The answer to an <see cref="IEdgeRequest"/>.</summary>
internal abstract record EdgeReply;

/// <summary>A start is admitted.</summary>
/// <param name="Id">The session.</param>
internal abstract record SessionBegun(SessionId Id) : EdgeReply;

/// <summary>The session records, streams or is ready to receive.</summary>
/// <param name="Id">The session.</param>
/// <param name="Endpoint">The endpoint on which an RTP session receives; null otherwise.</param>
internal sealed record SessionStarted(SessionId Id, RtpEndpoint? Endpoint) : SessionBegun(Id);

/// <summary>The session has its place and is starting; the caller did not want to wait for more.</summary>
/// <param name="Id">The session.</param>
internal sealed record SessionStarting(SessionId Id) : SessionBegun(Id)
{
    /// <summary>How far the session is.</summary>
    public SessionPhase Phase { get; init; } = SessionPhase.Starting;
}

/// <summary>The session has ended and its records are final.</summary>
internal sealed record SessionStopped(SessionId Id) : EdgeReply;

/// <summary>A session as the placement knows it.</summary>
internal sealed record SessionFound(SessionSummary Session) : EdgeReply;

/// <summary>A session with its live figures.</summary>
internal sealed record DetailsFound(SessionDetails Details) : EdgeReply;

/// <summary>A session after a change of how long its records are kept.</summary>
internal sealed record KeepingFound(SessionSummary Session) : EdgeReply;

/// <summary>A moment of a session is marked.</summary>
internal sealed record MarkFoundPlace(SessionId Session, SessionMark Mark) : EdgeReply;

/// <summary>The picture of a session.</summary>
internal sealed record ThumbnailFound(byte[] Jpeg, DateTimeOffset At) : EdgeReply;

/// <summary>A part of an HLS file, and the size of the whole in bytes.</summary>
internal sealed record HlsPartFound(long Size, byte[] Bytes) : EdgeReply;

/// <summary>There is no such HLS file.</summary>
/// <param name="HasPlaylist">Whether the record has a playlist.</param>
internal sealed record HlsPartMissing(bool HasPlaylist) : EdgeReply;

/// <summary>The facts of a record's file.</summary>
/// <param name="Node">The address of the node that holds the file; empty for this node.</param>
/// <param name="Size">The size in bytes; of a growing record up to its last whole fragment.</param>
/// <param name="ModifiedAt">When the file was last written.</param>
/// <param name="Mark">Tells this content of the file from another content.</param>
internal sealed record RecordFileFound(string Node, long Size, DateTimeOffset ModifiedAt, string Mark) : EdgeReply;

/// <summary>The record's folder is there, and the file is not in it.</summary>
internal sealed record RecordFileAbsent : EdgeReply;

/// <summary>A way on which a part of a record comes straight.</summary>
internal sealed record RecordWayFound(RecordStreamOpened Way) : EdgeReply;

/// <summary>A part of a record.</summary>
internal sealed record RecordPartFound(byte[] Bytes) : EdgeReply;

/// <summary>A part of the sessions that the placement knows.</summary>
/// <param name="Sessions">The sessions, by id.</param>
/// <param name="More">Whether the placement knows sessions after these.</param>
internal sealed record SessionsFound(ImmutableList<SessionSummary> Sessions, bool More) : EdgeReply;

/// <summary>The farm's placement answers.</summary>
internal sealed record PlacementFound : EdgeReply;

/// <summary>How full the farm is.</summary>
internal sealed record PressureFound(Pressure Pressure) : EdgeReply;

/// <summary>The request was not carried out.</summary>
/// <param name="Code">A <see cref="FaultCode"/> or <see cref="Answers.ErrorCode"/>.</param>
/// <param name="Message">One sentence that a person can act on.</param>
internal sealed record EdgeRefusal(string Code, string Message) : EdgeReply
{
    /// <summary>For a farm without room: each node and its reason.</summary>
    public ImmutableList<NodeRefusal> Nodes { get; init; } = [];

    /// <summary>How long to wait before the next try; null when that is not known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The session whose start failed; null where no session was admitted.</summary>
    public SessionId? Session { get; init; }

    /// <summary>The header or field at fault; null when there is none.</summary>
    public string? Field { get; init; }

    /// <summary>The placement has not answered in time.</summary>
    /// <param name="limit">How long the placement had to answer.</param>
    public static EdgeRefusal PlacementSilent(TimeSpan limit) =>
        new(
            FaultCode.Unavailable,
            $"The farm's placement did not answer within {limit.TotalSeconds:0.#} s; the farm is starting or has lost a node, "
                + "so try again in a few seconds."
        )
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };

    /// <summary>The archive of ended sessions cannot be read.</summary>
    public static EdgeRefusal ArchiveUnreadable() =>
        new(
            FaultCode.Unavailable,
            "The database that keeps the ended sessions cannot be read; try again in a few seconds, and see the node's log if that does not help."
        )
        {
            RetryAfter = TimeSpan.FromSeconds(5),
        };

    /// <summary>The farm has never used this id.</summary>
    public static EdgeRefusal NoSuchSession(SessionId id) =>
        new(FaultCode.NoSuchSession, $"There is no session {id}; GET /api/status lists the sessions.");
}
