using System.Text.Json.Serialization;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Sessions.Keeping;

/// <summary>
/// Remove the files of a record: the record, its manifest, its picture and its live playlist. Told by a session to the
/// nodes that may hold the files, repeatedly until answered by an <see cref="EraseFilesReply"/>. A node that has not
/// the record's folder does not answer.
/// </summary>
/// <param name="Id">The session.</param>
/// <param name="Path">The absolute path of the record on the node that wrote it.</param>
/// <param name="Manifest">Whether a file with the manifest's name may be the record's own.</param>
[Wire("erase/files:1")]
internal sealed record EraseFiles(SessionId Id, string Path, bool Manifest) : IWireMessage
{
    /// <summary>The folder that holds the record; null when it is not known.</summary>
    [AddedLater]
    public FolderId? Folder { get; init; }
}

/// <summary>The answer to <see cref="EraseFiles"/>.</summary>
/// <param name="Path">The record.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "reply")]
[JsonDerivedType(typeof(FilesErased), "erased")]
[JsonDerivedType(typeof(FilesNotErased), "failed")]
internal abstract record EraseFilesReply(string Path) : IWireMessage;

/// <summary>No file of the record is left in the folder.</summary>
/// <param name="Path">The record.</param>
[Wire("erase/done:1")]
internal sealed record FilesErased(string Path) : EraseFilesReply(Path);

/// <summary>A file of the record is left, and a later try may remove it.</summary>
/// <param name="Path">The record.</param>
/// <param name="Message">One sentence a person can act on.</param>
[Wire("erase/failed:1")]
internal sealed record FilesNotErased(string Path, string Message) : EraseFilesReply(Path);
