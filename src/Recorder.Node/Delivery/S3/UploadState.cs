using System.Text.Json;
using Recorder.Node.Delivery.Transfer;

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
)
{
    /// <summary>Reads a state; null when there is none, or none that can be read.</summary>
    /// <param name="path">The file.</param>
    public static UploadState? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<UploadState>(File.ReadAllBytes(path), TransferJson.Options);
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes the state, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var next = path + ".next";
        File.WriteAllBytes(next, JsonSerializer.SerializeToUtf8Bytes(this, TransferJson.Options));
        File.Move(next, path, overwrite: true);
    }
}
