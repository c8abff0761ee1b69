using System.Collections.Immutable;

using Recorder.Cluster.Sessions;

namespace Recorder.Http.Edge.Protocol;

/// <summary>What an endpoint asks the edge actor. Never leaves the process. Every one is answered by an <see cref="EdgeReply"/>.</summary>
internal interface IEdgeRequest;

/// <summary>Start a session. Answered by <see cref="SessionStarted"/> or <see cref="EdgeRefusal"/>.</summary>
internal sealed record BeginSession(SessionSpec Spec, string? IdempotencyKey) : IEdgeRequest;

/// <summary>Stop a session. Answered by <see cref="SessionStopped"/> or <see cref="EdgeRefusal"/>.</summary>
internal sealed record EndSession(SessionId Id) : IEdgeRequest;

/// <summary>Tell about a session. Answered by <see cref="SessionFound"/> or <see cref="EdgeRefusal"/>.</summary>
internal sealed record FindSession(SessionId Id) : IEdgeRequest;

/// <summary>A request about one session that the session itself answers while it runs.</summary>
internal interface ISessionRequest : IEdgeRequest
{
    /// <summary>The session.</summary>
    SessionId Id { get; }
}

/// <summary>Tell all about a session, live figures included. Answered by <see cref="DetailsFound"/> or <see cref="EdgeRefusal"/>.</summary>
internal sealed record FindDetails(SessionId Id) : ISessionRequest;

/// <summary>Add and remove stream targets. Answered by <see cref="DetailsFound"/> or <see cref="EdgeRefusal"/>.</summary>
internal sealed record RetargetSession(SessionId Id, ImmutableList<StreamTarget> Add, ImmutableList<StreamTarget> Remove) : ISessionRequest;

/// <summary>Let the record stand still, or go on. Answered by <see cref="DetailsFound"/> or <see cref="EdgeRefusal"/>.</summary>
internal sealed record HoldSession(SessionId Id, bool Hold) : ISessionRequest;

/// <summary>Show the picture of a session. Answered by <see cref="ThumbnailFound"/> or <see cref="EdgeRefusal"/>.</summary>
internal sealed record FindThumbnail(SessionId Id) : ISessionRequest;

/// <summary>Read a part of an HLS file. Answered by <see cref="HlsPartFound"/>, <see cref="HlsPartMissing"/> or <see cref="EdgeRefusal"/>.</summary>
/// <param name="Node">The address of the node that holds the record.</param>
/// <param name="Ask">Which part.</param>
internal sealed record FindHlsPart(string Node, ReadHlsFile Ask) : IEdgeRequest;

/// <summary>Tell about all sessions. Answered by <see cref="SessionsFound"/> or <see cref="EdgeRefusal"/>.</summary>
internal sealed record FindSessions : IEdgeRequest;

/// <summary>How full is the farm? Answered by <see cref="PressureFound"/> or <see cref="EdgeRefusal"/>.</summary>
/// <param name="Limit">How long the placement may take to answer.</param>
internal sealed record FindPressure(TimeSpan Limit) : IEdgeRequest;
