using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>A message about how long records of a session are kept. Also for a session that has ended. Answered by a
/// <see cref="KeepingReply"/>.</summary>
/// <param name="Id">The session.</param>
public abstract record KeepingMessage(SessionId Id) : SessionMessage(Id)
{
    /// <summary>The shard of every session that no list of running sessions has any more.</summary>
    public const int ShardOfEnded = 0;

    /// <summary>The session as the lists have it, for a session whose events are deleted; null while the session
    /// runs.</summary>
    [AddedLater]
    public SessionSummary? Known { get; init; }
}

/// <summary>
/// Erase records. Answered once the files are gone, or once the node that holds them has not answered for some seconds;
/// the erasing is then written down. A record that is erased already stays so.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Numbers">The numbers of the records; empty: every record of the session.</param>
/// <param name="Cause">Why. Only <see cref="EraseCause.Asked"/> is refused for a record that may not be erased; for
/// another cause such a record is passed over.</param>
/// <param name="Reason">Why, as one sentence for people.</param>
[Wire("session/erase-records:1")]
public sealed record EraseRecords(SessionId Id, ImmutableList<int> Numbers, EraseCause Cause, string Reason)
    : KeepingMessage(Id);

/// <summary>Put a record on hold. A record on hold gets the new reason.</summary>
/// <param name="Id">The session.</param>
/// <param name="Number">The number of the record.</param>
/// <param name="Reason">Why; empty without a reason.</param>
[Wire("session/hold-record:1")]
public sealed record HoldRecord(SessionId Id, int Number, string Reason) : KeepingMessage(Id);

/// <summary>Take the hold of a record away. A record without a hold stays so.</summary>
/// <param name="Id">The session.</param>
/// <param name="Number">The number of the record.</param>
[Wire("session/release-record:1")]
public sealed record ReleaseRecord(SessionId Id, int Number) : KeepingMessage(Id);

/// <summary>The answer to a <see cref="KeepingMessage"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "reply")]
[JsonDerivedType(typeof(KeepingChanged), "changed")]
[JsonDerivedType(typeof(KeepingRefused), "refused")]
public abstract record KeepingReply(SessionId Id) : IWireMessage;

/// <summary>The session as it is now. An erasing that is not carried out yet stands in the record.</summary>
/// <param name="Summary">The session.</param>
[Wire("session/keeping-changed:1")]
public sealed record KeepingChanged(SessionSummary Summary) : KeepingReply(Summary.Id);

/// <summary>Nothing was changed.</summary>
/// <param name="Id">The session.</param>
/// <param name="Code">One of <see cref="FaultCode"/>.</param>
/// <param name="Message">One sentence a person can act on.</param>
[Wire("session/keeping-refused:1")]
public sealed record KeepingRefused(SessionId Id, string Code, string Message) : KeepingReply(Id);
