using System.Collections.Immutable;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Http.Edge.Protocol;

/// <summary>A request of an endpoint to the edge actor. Requests never leave the process. Each is answered by an
/// <see cref="EdgeReply"/>.</summary>
internal interface IEdgeRequest;

/// <summary>A request with who asks.</summary>
/// <param name="Request">The request.</param>
/// <param name="Only">The only owner whose sessions the caller sees; null: the caller sees every session.</param>
internal sealed record AskedBy(IEdgeRequest Request, string? Only);

/// <summary>A request with one kind of answer. A request that is not carried out is answered by
/// <see cref="EdgeRefusal"/>.</summary>
/// <typeparam name="TReply">The kind of answer.</typeparam>
internal interface IEdgeRequest<TReply> : IEdgeRequest
    where TReply : EdgeReply;

/// <summary>Start a session.</summary>
/// <param name="Spec">What to record.</param>
/// <param name="IdempotencyKey">The key under which the call may be repeated; null without a key.</param>
/// <param name="Wait">Whether the reply waits until the session has started. Otherwise the reply comes with the
/// admission, and only the session itself tells what became of the start.</param>
internal sealed record BeginSession(SessionSpec Spec, string? IdempotencyKey, bool Wait) : IEdgeRequest<SessionBegun>
{
    /// <summary>What the session's owner may have at once; null: no limit.</summary>
    public OwnerLimits? Limits { get; init; }

    /// <summary>Whether only a session that the key has started before is told of, and none is started.</summary>
    public bool OnlyRepeat { get; init; }
}

/// <summary>Stop a session.</summary>
internal sealed record EndSession(SessionId Id) : IEdgeRequest<SessionStopped>;

/// <summary>Find a session as the placement knows it, or as the archive does.</summary>
internal sealed record FindSummary(SessionId Id) : IEdgeRequest<SessionFound>;

/// <summary>A request about one session that the session itself answers while it runs.</summary>
internal interface ISessionRequest : IEdgeRequest
{
    /// <summary>The session.</summary>
    SessionId Id { get; }
}

/// <summary>Get everything about a session, including live figures.</summary>
internal sealed record GetDetails(SessionId Id) : ISessionRequest, IEdgeRequest<DetailsFound>;

/// <summary>Add and remove stream targets, and change the rules of the end.</summary>
internal sealed record ChangeSessionTargets(
    SessionId Id,
    ImmutableList<StreamTarget> Add,
    ImmutableList<StreamTarget> Remove
) : ISessionRequest, IEdgeRequest<DetailsFound>
{
    /// <summary>The rules of the end to change; null: none.</summary>
    public EndChange? End { get; init; }

    /// <summary>What the page shows from now on; null: no change.</summary>
    public PageChange? Page { get; init; }
}

/// <summary>Pause the record, or unpause it.</summary>
internal sealed record PauseOrUnpause(SessionId Id, bool Pause) : ISessionRequest, IEdgeRequest<DetailsFound>;

/// <summary>Mark this moment of a session.</summary>
internal sealed record MarkMoment(SessionId Id, string Title) : ISessionRequest, IEdgeRequest<MarkFoundPlace>;

/// <summary>Get the picture of a session.</summary>
internal sealed record GetPicture(SessionId Id) : ISessionRequest, IEdgeRequest<ThumbnailFound>;

/// <summary>Try a delivery again, also of a session that has ended long ago.</summary>
/// <param name="Id">The session.</param>
/// <param name="Path">The record.</param>
/// <param name="To">The name of the destination.</param>
internal sealed record RetryRecordDelivery(SessionId Id, string Path, string To) : IEdgeRequest<DetailsFound>;

/// <summary>Read a part of an HLS file. Answered by <see cref="HlsPartFound"/>, <see cref="HlsPartMissing"/> or
/// <see cref="EdgeRefusal"/>.</summary>
/// <param name="Node">The address of the node that holds the record.</param>
/// <param name="Ask">The part of the file.</param>
internal sealed record GetHlsPart(string Node, ReadHlsFile Ask) : IEdgeRequest;

/// <summary>Find the node that holds a record, and the facts of the file. Answered by <see cref="RecordFileFound"/>,
/// <see cref="RecordFileAbsent"/> or <see cref="EdgeRefusal"/>.</summary>
/// <param name="Node">The address of the node that wrote the record.</param>
/// <param name="Ask">The file; no bytes of it are asked for.</param>
/// <param name="Name">The file, for a person.</param>
internal sealed record FindRecordFile(string Node, ReadRecordFile Ask, string Name) : IEdgeRequest;

/// <summary>Read a part of a record from the node that holds it. Answered by <see cref="RecordPartFound"/> or
/// <see cref="EdgeRefusal"/>.</summary>
/// <param name="Node">The address of the node that holds the record; empty for this node.</param>
/// <param name="Ask">The part of the file.</param>
/// <param name="Name">The file, for a person.</param>
internal sealed record GetRecordPart(string Node, ReadRecordFile Ask, string Name) : IEdgeRequest;

/// <summary>Open a way on which a part of a record comes straight from the node that holds the record. Answered by
/// <see cref="RecordWayFound"/>, or <see cref="EdgeRefusal"/> when there is no such way.</summary>
/// <param name="Node">The address of the node that holds the record.</param>
/// <param name="Ask">The file, and where the part begins.</param>
/// <param name="Length">The length of the part in bytes.</param>
/// <param name="Name">The file, for a person.</param>
internal sealed record OpenRecordWay(string Node, ReadRecordFile Ask, long Length, string Name) : IEdgeRequest;

/// <summary>Change how long records are kept, also of a session that has ended.</summary>
/// <param name="Message">What the session is told.</param>
internal sealed record ChangeKeeping(KeepingMessage Message) : IEdgeRequest<KeepingFound>;

/// <summary>List the sessions that the placement knows, as many as one answer holds.</summary>
/// <param name="After">Only sessions with a greater id.</param>
internal sealed record ListSummaries(int After) : IEdgeRequest<SessionsFound>;

/// <summary>Find whether the farm's placement answers.</summary>
/// <param name="Limit">How long the placement may take to answer.</param>
internal sealed record FindPlacement(TimeSpan Limit) : IEdgeRequest<PlacementFound>;

/// <summary>Find how full the farm is.</summary>
/// <param name="Limit">How long the placement may take to answer.</param>
internal sealed record FindFarmPressure(TimeSpan Limit) : IEdgeRequest<PressureFound>;
