using System.Collections.Immutable;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>
/// Make a record of this node playable. Told by a session to the node that holds the file, when that node comes back
/// after the session has resumed elsewhere or ended. Answered by <see cref="RecordRepaired"/>,
/// <see cref="RecordNotRepaired"/>, or by <see cref="RecordNotLookedFor"/>.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Spec">What the session records.</param>
/// <param name="Path">The absolute path of the record on the node.</param>
[Wire("repair/request:1")]
internal sealed record RepairHere(SessionId Id, SessionSpec Spec, string Path) : IWireMessage
{
    /// <summary>The folder that holds the record; null when it is not known.</summary>
    [AddedLater]
    public FolderId? Folder { get; init; }

    /// <summary>Whether the record is known to have had a first frame.</summary>
    [AddedLater]
    public bool Opened { get; init; }

    /// <summary>The chapters that the file is to have.</summary>
    [AddedLater]
    public ImmutableList<RecordMark> Marks { get; init; } = [];
}

/// <summary>The record is playable.</summary>
[Wire("repair/done:1")]
internal sealed record RecordRepaired(SessionId Id, string Path, TimeSpan Duration, long Bytes) : IWireMessage
{
    /// <summary>The contents of the record's playlist; null without a playlist.</summary>
    [AddedLater]
    public HlsLength? Hls { get; init; }
}

/// <summary>The record could not be looked for here: its folder is away, or this is another folder.</summary>
/// <param name="Id">The session.</param>
/// <param name="Path">The record.</param>
/// <param name="Message">The reason, as one or more sentences that a person can act on.</param>
[Wire("repair/away:1")]
internal sealed record RecordNotLookedFor(SessionId Id, string Path, string Message) : IWireMessage;

/// <summary>Nothing playable could be made of the record.</summary>
/// <param name="Id">The session.</param>
/// <param name="Path">The record.</param>
/// <param name="Code">One of <see cref="FaultCode"/>.</param>
/// <param name="Message">One sentence a person can act on.</param>
[Wire("repair/failed:1")]
internal sealed record RecordNotRepaired(SessionId Id, string Path, string Code, string Message) : IWireMessage;
