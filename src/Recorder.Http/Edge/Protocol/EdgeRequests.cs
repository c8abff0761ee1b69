using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Http.Edge.Protocol;

/// <summary>What an endpoint asks the edge actor. Never leaves the process. Every one is answered by an
/// <see cref="EdgeReply"/>.</summary>
internal interface IEdgeRequest;

/// <summary>A request with one kind of answer. What does not go as asked is answered by
/// <see cref="EdgeRefusal"/>.</summary>
/// <typeparam name="TReply">The answer.</typeparam>
internal interface IEdgeRequest<TReply> : IEdgeRequest
    where TReply : EdgeReply;

/// <summary>Start a session.</summary>
internal sealed record BeginSession(SessionSpec Spec, string? IdempotencyKey) : IEdgeRequest<SessionStarted>;

/// <summary>Stop a session.</summary>
internal sealed record EndSession(SessionId Id) : IEdgeRequest<SessionStopped>;

/// <summary>Tell about a session.</summary>
internal sealed record FindSummary(SessionId Id) : IEdgeRequest<SessionFound>;

/// <summary>A request about one session that the session itself answers while it runs.</summary>
internal interface ISessionRequest : IEdgeRequest
{
    /// <summary>The session.</summary>
    SessionId Id { get; }
}

/// <summary>Tell all about a session, live figures included.</summary>
internal sealed record GetDetails(SessionId Id) : ISessionRequest, IEdgeRequest<DetailsFound>;

/// <summary>Add and remove stream targets.</summary>
internal sealed record ChangeSessionTargets(
    SessionId Id,
    ImmutableList<StreamTarget> Add,
    ImmutableList<StreamTarget> Remove
) : ISessionRequest, IEdgeRequest<DetailsFound>;

/// <summary>Pause the record, or unpause it.</summary>
internal sealed record PauseOrUnpause(SessionId Id, bool Pause) : ISessionRequest, IEdgeRequest<DetailsFound>;

/// <summary>Show the picture of a session.</summary>
internal sealed record GetPicture(SessionId Id) : ISessionRequest, IEdgeRequest<ThumbnailFound>;

/// <summary>Read a part of an HLS file. Answered by <see cref="HlsPartFound"/>, <see cref="HlsPartMissing"/> or
/// <see cref="EdgeRefusal"/>.</summary>
/// <param name="Node">The address of the node that holds the record.</param>
/// <param name="Ask">Which part.</param>
internal sealed record GetHlsPart(string Node, ReadHlsFile Ask) : IEdgeRequest;

/// <summary>Tell about all sessions.</summary>
internal sealed record ListSummaries : IEdgeRequest<SessionsFound>;

/// <summary>How full is the farm?</summary>
/// <param name="Limit">How long the placement may take to answer.</param>
internal sealed record FindFarmPressure(TimeSpan Limit) : IEdgeRequest<PressureFound>;
