using System.Collections.Immutable;

using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions;

namespace Recorder.Http.Edge;

/// <summary>What an endpoint asks the edge actor. Never leaves the process. Every one is answered by an <see cref="EdgeReply"/>.</summary>
internal interface IEdgeRequest;

/// <summary>Start a session. Answered by <see cref="SessionStarted"/> or <see cref="EdgeRefusal"/>.</summary>
internal sealed record BeginSession(SessionSpec Spec, string? IdempotencyKey) : IEdgeRequest;

/// <summary>Stop a session. Answered by <see cref="SessionStopped"/> or <see cref="EdgeRefusal"/>.</summary>
internal sealed record EndSession(SessionId Id) : IEdgeRequest;

/// <summary>Tell about a session. Answered by <see cref="SessionFound"/> or <see cref="EdgeRefusal"/>.</summary>
internal sealed record FindSession(SessionId Id) : IEdgeRequest;

/// <summary>Tell about all sessions. Answered by <see cref="SessionsFound"/> or <see cref="EdgeRefusal"/>.</summary>
internal sealed record FindSessions : IEdgeRequest;

/// <summary>How full is the farm? Answered by <see cref="PressureFound"/> or <see cref="EdgeRefusal"/>.</summary>
/// <param name="Limit">How long the placement may take to answer.</param>
internal sealed record FindPressure(TimeSpan Limit) : IEdgeRequest;

/// <summary>The answer to an <see cref="IEdgeRequest"/>.</summary>
internal abstract record EdgeReply;

/// <summary>The session's first frame is in its file.</summary>
internal sealed record SessionStarted(SessionId Id) : EdgeReply;

/// <summary>The session has ended and its records are final.</summary>
internal sealed record SessionStopped(SessionId Id) : EdgeReply;

/// <summary>A session as the placement knows it.</summary>
internal sealed record SessionFound(SessionSummary Session) : EdgeReply;

/// <summary>All sessions as the placement knows them.</summary>
internal sealed record SessionsFound(ImmutableList<SessionSummary> Sessions) : EdgeReply;

/// <summary>How full the farm is.</summary>
internal sealed record PressureFound(Pressure Pressure) : EdgeReply;

/// <summary>It did not go as asked.</summary>
/// <param name="Code">A <see cref="FaultCode"/> or <see cref="Answers.ErrorCode"/>.</param>
/// <param name="Message">One sentence a person can act on.</param>
internal sealed record EdgeRefusal(string Code, string Message) : EdgeReply
{
    /// <summary>Of a farm without room: each node and its reason.</summary>
    public ImmutableList<NodeRefusal> Nodes { get; init; } = [];

    /// <summary>How long to wait before the next try, where that is known.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The header or field to blame, or null.</summary>
    public string? Field { get; init; }

    /// <summary>The farm has never given this id.</summary>
    public static EdgeRefusal NoSuchSession(SessionId id) =>
        new(FaultCode.NoSuchSession, $"There is no session {id}; GET /api/status lists the sessions.");
}
