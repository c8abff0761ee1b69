using System.Text.Json.Serialization;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Sessions.Records;

/// <summary>
/// Write the manifest of a finished record beside the record. Told by a session to the node that holds the file,
/// repeatedly until answered by <see cref="ManifestReply"/>.
/// </summary>
/// <param name="Path">The absolute path of the record on the node.</param>
/// <param name="Manifest">What the session knows of the record; the node adds the size and the hash.</param>
[Wire("manifest/write:1")]
internal sealed record WriteManifest(string Path, RecordManifest Manifest) : IWireMessage
{
    /// <summary>The folder that holds the record; null when it is not known.</summary>
    [AddedLater]
    public FolderId? Folder { get; init; }
}

/// <summary>The answer to <see cref="WriteManifest"/>.</summary>
/// <param name="Path">The record.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "reply")]
[JsonDerivedType(typeof(ManifestDone), "done")]
[JsonDerivedType(typeof(ManifestFailed), "failed")]
internal abstract record ManifestReply(string Path) : IWireMessage;

/// <summary>The manifest is beside the record.</summary>
/// <param name="Path">The record.</param>
/// <param name="Sha256">The SHA-256 in the manifest.</param>
[Wire("manifest/done:1")]
internal sealed record ManifestDone(string Path, string Sha256) : ManifestReply(Path);

/// <summary>The manifest was not written.</summary>
/// <param name="Path">The record.</param>
/// <param name="Message">One sentence a person can act on.</param>
/// <param name="MayPass">Whether a later try may succeed: the disk may get room, or the folder may come back.</param>
[Wire("manifest/failed:1")]
internal sealed record ManifestFailed(string Path, string Message, bool MayPass) : ManifestReply(Path);
