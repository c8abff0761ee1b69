namespace Recorder.Node.Delivery.S3;

/// <summary>A part that the destination has confirmed.</summary>
/// <param name="Md5">The part's MD5, in lower-case hexadecimal digits.</param>
/// <param name="ETag">The name that the destination gave the part.</param>
internal sealed record ConfirmedPart(string Md5, string ETag);

/// <summary>
/// What a later attempt needs to go on with an upload in parts: a small file in the node's data folder. Without this
/// file, an upload begins anew.
/// </summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">The object's key.</param>
/// <param name="Length">The length of the file, in bytes; 0 while the file grows.</param>
/// <param name="Changed">When the file was last changed, in ticks of UTC; 0 while the file grows.</param>
/// <param name="PartSize">The length of every part but the last, in bytes. The first part of a file that was sent while
/// it grew is longer by what was put before the file at its close.</param>
/// <param name="UploadId">The destination's id of the upload.</param>
/// <param name="Parts">The confirmed parts by their numbers, from 1.</param>
internal sealed record UploadState(
    string Bucket,
    string Key,
    long Length,
    long Changed,
    int PartSize,
    string UploadId,
    SortedDictionary<int, ConfirmedPart> Parts
)
{
    /// <summary>Whether the upload began while the file grew.</summary>
    public bool Grown { get; init; }
}
