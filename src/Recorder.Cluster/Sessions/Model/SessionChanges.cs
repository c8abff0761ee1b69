using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>Add and remove stream targets of a running session, in one step. Answered by a <see cref="ChangeReply"/>
/// after the write.</summary>
/// <param name="Id">The session.</param>
/// <param name="Add">Targets that the session does not have yet.</param>
/// <param name="Remove">Targets that the session has.</param>
[Wire("session/change-targets:1")]
public sealed record ChangeTargets(SessionId Id, ImmutableList<StreamTarget> Add, ImmutableList<StreamTarget> Remove)
    : SessionMessage(Id)
{
    /// <summary>Which rules of the session's end change in the same step; null: none.</summary>
    [AddedLater]
    public EndChange? End { get; init; }

    /// <summary>What the page shows from now on; null: no change.</summary>
    [AddedLater]
    public PageChange? Page { get; init; }
}

/// <summary>A change of the page of a running session, in the same record.</summary>
public sealed record PageChange
{
    /// <summary>The address to go to; null: the page stays.</summary>
    public Uri? Page { get; init; }

    /// <summary>The style sheet in place of the one before; empty takes the sheet away, and null leaves it.</summary>
    public string? Css { get; init; }

    /// <summary>The name of the layout that the page is given; empty takes the layout away, and null leaves
    /// it.</summary>
    [AddedLater]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Layout { get; init; }
}

/// <summary>
/// Let the record's timeline stand still. Answered by a <see cref="ChangeReply"/> once the media side has done so.
/// Pausing a paused session gets the same answer.
/// </summary>
[Wire("session/pause:1")]
public sealed record PauseSession(SessionId Id) : SessionMessage(Id);

/// <summary>Unpause: the record's timeline runs again. Answered like <see cref="PauseSession"/>.</summary>
[Wire("session/continue:1")]
public sealed record UnpauseSession(SessionId Id) : SessionMessage(Id);

/// <summary>The answer to <see cref="ChangeTargets"/>, <see cref="PauseSession"/>, <see cref="UnpauseSession"/> and
/// <see cref="MarkSession"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "reply")]
[JsonDerivedType(typeof(SessionChanged), "changed")]
[JsonDerivedType(typeof(ChangeRefused), "refused")]
[JsonDerivedType(typeof(SessionMarked), "marked")]
public abstract record ChangeReply(SessionId Id) : IWireMessage;

/// <summary>The change is done.</summary>
/// <param name="Details">The session after the change.</param>
[Wire("session/changed:1")]
public sealed record SessionChanged(SessionDetails Details) : ChangeReply(Details.Summary.Id);

/// <summary>Nothing was changed.</summary>
/// <param name="Id">The session.</param>
/// <param name="Code">One of <see cref="FaultCode"/>.</param>
/// <param name="Message">One sentence a person can act on.</param>
[Wire("session/change-refused:1")]
public sealed record ChangeRefused(SessionId Id, string Code, string Message) : ChangeReply(Id);

/// <summary>Take a picture of the session now. Answered by a <see cref="ThumbnailReply"/>.</summary>
[Wire("session/get-thumbnail:1")]
public sealed record GetThumbnail(SessionId Id) : SessionMessage(Id);

/// <summary>The answer to <see cref="GetThumbnail"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "reply")]
[JsonDerivedType(typeof(SessionThumbnail), "thumbnail")]
[JsonDerivedType(typeof(ThumbnailUnavailable), "unavailable")]
public abstract record ThumbnailReply(SessionId Id) : IWireMessage;

/// <summary>The picture.</summary>
/// <param name="Id">The session.</param>
/// <param name="Jpeg">A JPEG.</param>
/// <param name="At">When the picture was on the display.</param>
[Wire("session/thumbnail:1")]
public sealed record SessionThumbnail(SessionId Id, byte[] Jpeg, DateTimeOffset At) : ThumbnailReply(Id)
{
    /// <summary>The greatest size of a picture in bytes.</summary>
    public const int MaximumBytes = 2 << 20;
}

/// <summary>There is no picture.</summary>
/// <param name="Id">The session.</param>
/// <param name="Code">One of <see cref="FaultCode"/>.</param>
/// <param name="Message">One sentence a person can act on.</param>
[Wire("session/thumbnail-unavailable:1")]
public sealed record ThumbnailUnavailable(SessionId Id, string Code, string Message) : ThumbnailReply(Id);
