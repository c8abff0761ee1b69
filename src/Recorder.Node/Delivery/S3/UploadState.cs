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
/// <param name="Length">The length of the file, in bytes.</param>
/// <param name="Changed">When the file was last changed, in ticks of UTC.</param>
/// <param name="PartSize">The length of every part but the last, in bytes.</param>
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
);
