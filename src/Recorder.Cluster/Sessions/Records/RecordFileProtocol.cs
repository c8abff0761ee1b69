using System.Text.Json.Serialization;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>What of a record is read.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<RecordFileKind>))]
public enum RecordFileKind
{
    /// <summary>The record itself.</summary>
    Media,

    /// <summary>The manifest beside the record.</summary>
    Manifest,

    /// <summary>A picture of the record, which is made when it is asked for the first time.</summary>
    Poster,

    /// <summary>The sound beside the record, in a file of its own.</summary>
    Audio,
}

/// <summary>
/// Read a part of a record or of a file beside the record. Told to a node that may hold the record, at
/// <see cref="RecordFiles.ServiceOn"/>. Answered by a <see cref="RecordFileReply"/>.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Record">The name of the record's file, without a folder.</param>
/// <param name="Kind">What is read.</param>
/// <param name="Offset">Where the part begins, in bytes from 0.</param>
/// <param name="Length">How many bytes are wanted, at most <see cref="RecordFiles.ChunkBytes"/>. 0 asks for the facts of
/// the file only.</param>
[Wire("record-file/read:1")]
public sealed record ReadRecordFile(SessionId Id, string Record, RecordFileKind Kind, long Offset, int Length)
    : IWireMessage
{
    /// <summary>The folder that holds the record; null when it is not known.</summary>
    [AddedLater]
    public FolderId? Folder { get; init; }

    /// <summary>Whether the record still grows, and is read up to its last whole fragment.</summary>
    [AddedLater]
    public bool Growing { get; init; }

    /// <summary>The mark of the file that the earlier parts were read from; null for the first part.</summary>
    [AddedLater]
    public string? Mark { get; init; }
}

/// <summary>The answer to <see cref="ReadRecordFile"/>.</summary>
public abstract record RecordFileReply(SessionId Id) : IWireMessage;

/// <summary>The requested part.</summary>
/// <param name="Id">The session.</param>
/// <param name="Size">The size of the whole file in bytes. For a growing record the first answer, to a question without
/// a mark, counts up to the last whole fragment.</param>
/// <param name="ModifiedAt">When the file was last written.</param>
/// <param name="Mark">Tells this content of the file from another content.</param>
/// <param name="Bytes">The bytes of the part: as many as wanted, fewer only at the end of the file.</param>
[Wire("record-file/part:1")]
public sealed record RecordFilePart(SessionId Id, long Size, DateTimeOffset ModifiedAt, string Mark, byte[] Bytes)
    : RecordFileReply(Id);

/// <summary>The record's folder is here, and the file is not in it.</summary>
/// <param name="Id">The session.</param>
[Wire("record-file/missing:1")]
public sealed record RecordFileMissing(SessionId Id) : RecordFileReply(Id);

/// <summary>The record's folder is not here, so nothing is known of the file.</summary>
/// <param name="Id">The session.</param>
/// <param name="Message">The reason, as one or more sentences.</param>
[Wire("record-file/elsewhere:1")]
public sealed record RecordFileElsewhere(SessionId Id, string Message) : RecordFileReply(Id);

/// <summary>The file is not the file that the earlier parts were read from.</summary>
/// <param name="Id">The session.</param>
[Wire("record-file/changed:1")]
public sealed record RecordFileChanged(SessionId Id) : RecordFileReply(Id);

/// <summary>The file cannot be read at present.</summary>
/// <param name="Id">The session.</param>
/// <param name="Message">The reason, as one sentence.</param>
[Wire("record-file/unreadable:1")]
public sealed record RecordFileUnreadable(SessionId Id, string Message) : RecordFileReply(Id);

/// <summary>
/// Open a way on which a part of a file comes straight to the caller. Told as <see cref="ReadRecordFile"/> is. Answered
/// by a <see cref="RecordFileReply"/>. A node that has no such way to offer answers
/// <see cref="RecordFileUnreadable"/>; the file can be read in messages then.
/// </summary>
/// <param name="File">The file with its mark, and where the part begins.</param>
/// <param name="Length">How many bytes are wanted, at least 1.</param>
[Wire("record-file/open-stream:1")]
public sealed record OpenRecordStream(ReadRecordFile File, long Length) : IWireMessage;

/// <summary>The way is open for some seconds, for one connection.</summary>
/// <param name="Id">The session.</param>
/// <param name="Port">The TCP port of the node.</param>
/// <param name="Ticket">What the caller shows first, as 16 bytes.</param>
[Wire("record-file/stream-opened:1")]
public sealed record RecordStreamOpened(SessionId Id, int Port, Guid Ticket) : RecordFileReply(Id)
{
    /// <summary>Seals the bytes (<see cref="RecordSeal"/>); null in a farm without a secret, whose bytes come as they
    /// are. Good for this way alone.</summary>
    [AddedLater]
    public byte[]? Key { get; init; }
}
