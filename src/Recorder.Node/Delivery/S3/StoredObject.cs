using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Delivery.S3;

/// <summary>The object that a store has under the key of a file, compared with the file.</summary>
/// <param name="client">The store.</param>
/// <param name="destination">The destination's name, for messages.</param>
/// <param name="options">The destination.</param>
internal sealed class StoredObject(AmazonS3Client client, string destination, DestinationOptions options)
{
    /// <summary>The metadata that says what an object was meant to hold. The store writes the metadata before anybody
    /// has compared a byte.</summary>
    public const string HashName = "recorder-sha256";

    /// <summary>The metadata of an object that was sent while its record grew, when nobody knew the hash: the name of
    /// the record's file, which no other record of the farm has.</summary>
    public const string RecordName = "recorder-record";

    /// <summary>The value of <see cref="RecordName"/>.</summary>
    /// <param name="file">The file.</param>
    public static string RecordOf(FileToSend file) => Uri.EscapeDataString(Path.GetFileName(file.Path));

    /// <summary>Whether the object is there and holds the file. An object of an earlier attempt that holds other bytes
    /// is as good as none: the next attempt replaces it. Credentials that may only write cannot look.</summary>
    /// <param name="file">The file; its hash is known.</param>
    /// <param name="pace">The speed of the transfer.</param>
    /// <exception cref="TransferFailure">The key has an object that was not made from this file.</exception>
    public async Task<bool> IsThereAsync(FileToSend file, Pace pace)
    {
        var key = S3Destination.KeyOf(options, file);
        try
        {
            var found = await client.GetObjectMetadataAsync(options.Bucket, key, pace.Token);
            if (found.Metadata[HashName] != file.Sha256 && found.Metadata[RecordName] != RecordOf(file))
            {
                throw new TransferFailure(
                    $"Destination {destination}: another object has the key {key} in the bucket {options.Bucket}. Move that object away.",
                    mayPass: false
                );
            }
            var length = new FileInfo(file.Path).Length;
            return found.ContentLength == length
                && (await TagAsync(file, length, found, pace) ?? await HashAsync(key, pace) == file.Sha256);
        }
        catch (AmazonS3Exception error) when (error.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
        {
            return false;
        }
    }

    /// <summary>Makes sure that the object has the length and the sum of what was sent. An object whose store tells no
    /// sum is read back.</summary>
    /// <param name="file">The file.</param>
    /// <param name="expectedTag">The tag that S3 gives an object of what was sent.</param>
    /// <param name="compared">Whether the store has told another sum, which was compared.</param>
    /// <param name="pace">The speed of the transfer.</param>
    /// <exception cref="TransferFailure">The object holds something else.</exception>
    public async Task CompareAsync(FileToSend file, string expectedTag, bool compared, Pace pace)
    {
        var key = S3Destination.KeyOf(options, file);
        GetObjectMetadataResponse found;
        try
        {
            found = await client.GetObjectMetadataAsync(options.Bucket, key, pace.Token);
        }
        catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.Forbidden)
        {
            // These credentials may only write. The answers to the requests that wrote have been compared.
            return;
        }
        var length = new FileInfo(file.Path).Length;
        if (found.ContentLength != length)
        {
            throw new TransferFailure(
                $"Destination {destination}: the object {key} has {found.ContentLength} bytes, and the file has {length}. The attempt is made again.",
                mayPass: true
            );
        }
        S3Errors.CompareTag(destination, file, found.ETag, found.ServerSideEncryptionMethod, expectedTag);
        if (
            !compared
            && options.Verify == Verification.Content
            && S3Errors.Sum(found.ETag, found.ServerSideEncryptionMethod) is null
            && await HashAsync(key, pace) != file.Sha256
        )
        {
            throw new TransferFailure(
                $"Destination {destination}: the store has other bytes of {file.Name} than were sent. The attempt is made again.",
                mayPass: true
            );
        }
    }

    /// <summary>Whether the object's tag is that of the file; null where the tag says nothing.</summary>
    private async Task<bool?> TagAsync(FileToSend file, long length, GetObjectMetadataResponse found, Pace pace)
    {
        if (S3Errors.Sum(found.ETag, found.ServerSideEncryptionMethod) is not { } tag)
        {
            return null;
        }
        if (tag.Split('-') is not [_, var parts])
        {
            return (await Md5.OfPartsAsync(file.Path, new PartLayout(1, Math.Max(1, length)), pace))[0] == tag;
        }
        var layout = PartLayout.Of(options.PartSize.Bytes, length);
        if (found.Metadata[RecordName] is not null)
        {
            await using var source = SourceFile.Open(file.Path);
            layout = PartLayout.OfGrown((int)options.PartSize.Bytes, GrownHead.LengthOf(source));
        }
        return int.TryParse(parts, CultureInfo.InvariantCulture, out var count) && count == layout.Count(length)
            ? S3Errors.TagOf(await Md5.OfPartsAsync(file.Path, layout, pace)) == tag
            : null;
    }

    /// <summary>The SHA-256 of the object, read back from the store.</summary>
    private async Task<string> HashAsync(string key, Pace pace)
    {
        using var answer = await client.GetObjectAsync(options.Bucket, key, pace.Token);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[SourceFile.Chunk];
        int read;
        while ((read = await answer.ResponseStream.ReadAsync(buffer, pace.Token)) > 0)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            await pace.ComparedAsync(read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
