using System.Text.Json.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Answers;

/// <summary>The state of a record.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<RecordStage>))]
public enum RecordStage
{
    /// <summary>The record is being written.</summary>
    Growing,

    /// <summary>The record is no longer written, and its file is not final yet: its worker or its node was
    /// lost.</summary>
    Unrepaired,

    /// <summary>The file is final and playable.</summary>
    Finished,

    /// <summary>The record is to be erased, and its files may still be there.</summary>
    Erasing,

    /// <summary>The files are gone. What was known of the record stays.</summary>
    Erased,
}

/// <summary>Everything that is known about a record.</summary>
/// <param name="Id">The record's id: the session's number, a dash, and the number of the record within its
/// session.</param>
/// <param name="Session">The session's number.</param>
/// <param name="Attempt">The attempt that wrote the record, from 1.</param>
/// <param name="State">The present state of the record.</param>
/// <param name="File">The name of the record's file.</param>
/// <param name="Container">The container of the record.</param>
/// <param name="OpenedAt">When the record's first frame was written.</param>
/// <param name="DurationSeconds">Playing time in seconds; null while the record is not finished.</param>
/// <param name="Bytes">Size in bytes; null while the record is not finished.</param>
/// <param name="Sha256">The SHA-256 of the file, from the manifest beside the file; null until the manifest is
/// written.</param>
/// <param name="Repaired">Whether the record was rebuilt after the death of its worker.</param>
/// <param name="Node">The node that holds the file, or last held it.</param>
/// <param name="Folder">The id of the records folder that holds the file; null for a record of an earlier
/// version.</param>
/// <param name="Away">Why the file cannot be reached at present; null when nothing is known against it.</param>
/// <param name="Name">The name that the session was started with; null without a name.</param>
/// <param name="Labels">The labels that the session was started with.</param>
/// <param name="Deliveries">The deliveries of the record since it was closed.</param>
/// <param name="Copies">Where the record is: on its node, and at each of its destinations.</param>
/// <param name="ExpiresAt">When the record may be erased by its retention; null when it is kept. A hold, or a delivery
/// that is not over, keeps the record longer.</param>
/// <param name="Hold">The hold on the record; null without a hold.</param>
/// <param name="Erasing">The erasing of the record; null while the record is kept.</param>
public sealed record LibraryRecordAnswer(
    string Id,
    int Session,
    int Attempt,
    RecordStage State,
    string File,
    RecordContainer Container,
    DateTimeOffset? OpenedAt,
    double? DurationSeconds,
    long? Bytes,
    string? Sha256,
    bool Repaired,
    string? Node,
    string? Folder,
    string? Away,
    string? Name,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyList<DeliveryAnswer> Deliveries,
    IReadOnlyList<CopyAnswer> Copies,
    DateTimeOffset? ExpiresAt,
    HoldAnswer? Hold,
    ErasingAnswer? Erasing
);

/// <summary>A hold on a record: nothing erases the record.</summary>
/// <param name="Since">Since when the record is on hold.</param>
/// <param name="Reason">Why, in the words of whoever set the hold; empty without a reason.</param>
public sealed record HoldAnswer(DateTimeOffset Since, string Reason);

/// <summary>The erasing of a record.</summary>
/// <param name="Since">When the erasing was decided.</param>
/// <param name="Cause">Why the record is erased: somebody asked, its age, its size, or its delivery.</param>
/// <param name="Reason">The same as one sentence.</param>
/// <param name="Done">When the files were gone; null while they may still be there.</param>
/// <param name="Obstacle">What kept the files from being removed when that was last tried; null when nothing is known.
/// The node tries again.</param>
public sealed record ErasingAnswer(
    DateTimeOffset Since,
    EraseCause Cause,
    string Reason,
    DateTimeOffset? Done,
    string? Obstacle
);

/// <summary>What is known of one copy of a record.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<CopyState>))]
public enum CopyState
{
    /// <summary>The copy is being written.</summary>
    Growing,

    /// <summary>The copy is to be made.</summary>
    Expected,

    /// <summary>The copy is there, whole.</summary>
    Present,

    /// <summary>Only what was sent while the record grew is there, since the node of the record was lost.</summary>
    Partial,

    /// <summary>The copy cannot be reached at present.</summary>
    Away,

    /// <summary>The copy is not there, and nothing brings it there unless somebody asks.</summary>
    Missing,

    /// <summary>The copy is being erased, or is erased.</summary>
    Erased,
}

/// <summary>One place that has a record, or is to get it.</summary>
/// <param name="Node">The node that has the file, or last had the file; null for a destination.</param>
/// <param name="To">The name of the destination; null for a node.</param>
/// <param name="Name">The name of the file on its node, or of the object at its destination; null where the
/// destination chooses the name.</param>
/// <param name="State">What is known of the copy.</param>
/// <param name="VerifiedAt">When the copy at the destination was compared with the record; null before that, for a
/// node, for a command, and where the destination told no sum.</param>
public sealed record CopyAnswer(string? Node, string? To, string? Name, CopyState State, DateTimeOffset? VerifiedAt);
