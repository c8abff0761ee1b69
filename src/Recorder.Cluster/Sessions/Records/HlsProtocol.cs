using Recorder.Cluster.Identity;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>
/// Read a part of a file of a record's HLS output. Told to the node that holds the record, at
/// <see cref="HlsFiles.ServiceOn"/>. Answered by an <see cref="HlsReply"/>.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Record">The name of the record's file, without a folder.</param>
/// <param name="File">A name that <see cref="HlsFiles.IsName"/> accepts.</param>
/// <param name="Offset">Where the part begins, in bytes from 0.</param>
/// <param name="Length">How many bytes are wanted, 1 to <see cref="HlsFiles.ChunkBytes"/>.</param>
[Wire("hls/read:1")]
public sealed record ReadHlsFile(SessionId Id, string Record, string File, long Offset, int Length) : IWireMessage
{
    /// <summary>The folder that holds the record; null when it is not known.</summary>
    [AddedLater]
    public FolderId? Folder { get; init; }
}

/// <summary>The answer to <see cref="ReadHlsFile"/>.</summary>
public abstract record HlsReply(SessionId Id) : IWireMessage;

/// <summary>The requested part.</summary>
/// <param name="Id">The session.</param>
/// <param name="Size">The size of the whole file in bytes. A segment never changes; a playlist only grows.</param>
/// <param name="Bytes">The bytes of the part: as many as wanted, fewer only at the end of the file.</param>
[Wire("hls/chunk:1")]
public sealed record HlsChunk(SessionId Id, long Size, byte[] Bytes) : HlsReply(Id);

/// <summary>There is no such file.</summary>
/// <param name="Id">The session.</param>
/// <param name="HasPlaylist">Whether the record has a playlist.</param>
[Wire("hls/missing:1")]
public sealed record HlsFileMissing(SessionId Id, bool HasPlaylist) : HlsReply(Id);

/// <summary>The file cannot be read at present.</summary>
/// <param name="Id">The session.</param>
/// <param name="Message">The reason, as one sentence.</param>
[Wire("hls/unreadable:1")]
public sealed record HlsFileUnreadable(SessionId Id, string Message) : HlsReply(Id);
