using System.Net;
using System.Text.RegularExpressions;
using Amazon.Runtime;
using Amazon.S3;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Delivery.S3;

/// <summary>What answers of S3 stores mean. Pure.</summary>
internal static partial class S3Errors
{
    /// <summary>The failure that an answer means.</summary>
    /// <param name="destination">The destination's name.</param>
    /// <param name="options">The destination.</param>
    /// <param name="error">The answer.</param>
    public static TransferFailure Failure(string destination, DestinationOptions options, AmazonServiceException error)
    {
        var at = $"Destination {destination}:";
        var (told, mayPass) = error.ErrorCode switch
        {
            "NoSuchBucket" => (
                $"there is no bucket {options.Bucket}. Make the bucket, or set Destinations:{destination}:Bucket to another one.",
                true
            ),
            "RequestTimeTooSkewed" => (
                "the store refuses the time of this node. Set the clock of this host, for example by NTP.",
                true
            ),
            "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "AccessDenied" or "InvalidToken" or "ExpiredToken" => (
                $"the store refuses the credentials ({error.ErrorCode}). Look at User, Secret and Region of Destinations:{destination}, and at the rights of the user.",
                true
            ),
            "NoSuchUpload" or "InvalidPart" => (
                "the store lost the parts of the upload. The upload begins anew.",
                true
            ),
            "KeyTooLongError" => ("the name is too long for the store. Choose a shorter template.", false),
            "EntityTooLarge" => ("the record is too long for the store.", false),
            "QuotaExceeded" or "InsufficientStorage" => ("the store is full.", true),
            _ when error.StatusCode == HttpStatusCode.Forbidden => (
                $"the store refuses the request. Look at User, Secret and Region of Destinations:{destination}, and at the rights of the user.",
                true
            ),
            _ when error.StatusCode == HttpStatusCode.InsufficientStorage => ("the store is full.", true),
            _ when error.InnerException is HttpRequestException { } connection => (
                HttpRoad.Failure(destination, connection).Message[(at.Length + 1)..],
                true
            ),
            _ => ($"the store answered {(int)error.StatusCode} {error.ErrorCode}: {error.Message}", true),
        };
        return new TransferFailure($"{at} {told}", mayPass, error);
    }

    /// <summary>Compares the tag that a store gave with the MD5 of what was sent. A tag that is no sum says
    /// nothing.</summary>
    /// <param name="destination">The destination's name.</param>
    /// <param name="file">The file.</param>
    /// <param name="tag">The store's tag.</param>
    /// <param name="encryption">How the store says that it encrypts what was sent, or null.</param>
    /// <param name="md5">The MD5 of what was sent, or of the MD5s of its parts.</param>
    /// <exception cref="TransferFailure">The store holds something else.</exception>
    public static void CompareTag(
        string destination,
        FileToSend file,
        string? tag,
        ServerSideEncryptionMethod? encryption,
        string md5
    )
    {
        if (Sum(tag, encryption) is { } sum && sum.Contains('-') == md5.Contains('-') && sum != md5)
        {
            throw new TransferFailure(
                $"Destination {destination}: the store has other bytes of {file.Name} than were sent (ETag {sum}, expected {md5}). The attempt is made again.",
                mayPass: true
            );
        }
    }

    /// <summary>Compares the sum that a store has made with the sum of what was sent.</summary>
    /// <param name="destination">The destination's name.</param>
    /// <param name="file">The file.</param>
    /// <param name="told">The store's sum, or null. After the sum of parts stands their number.</param>
    /// <param name="sent">The sum of what was sent, or of the sums of its parts; null: none was made.</param>
    /// <returns>Whether the store has told the sum.</returns>
    /// <exception cref="TransferFailure">The store holds something else.</exception>
    public static bool CompareSum(string destination, FileToSend file, string? told, string? sent)
    {
        if (string.IsNullOrEmpty(told) || sent is null)
        {
            return false;
        }
        return told.Split('-')[0] == sent
            ? true
            : throw new TransferFailure(
                $"Destination {destination}: the store has other bytes of {file.Name} than were sent (SHA-256 {told}, expected {sent}). The attempt is made again.",
                mayPass: true
            );
    }

    /// <summary>The sum that a tag tells; null for a tag that is no sum. A store that encrypts with keys of a key
    /// service gives tags that look like sums and are none.</summary>
    /// <param name="tag">The store's tag, or null.</param>
    /// <param name="encryption">How the store says that it encrypts the object, or null.</param>
    public static string? Sum(string? tag, ServerSideEncryptionMethod? encryption) =>
        string.IsNullOrEmpty(encryption?.Value) || encryption == ServerSideEncryptionMethod.AES256
            ? Bare(tag) is { } bare && SumForm().IsMatch(bare)
                ? bare
                : null
            : null;

    /// <summary>The tag that S3 gives an object of these parts.</summary>
    /// <param name="md5s">The MD5s of the parts, in their order.</param>
    public static string TagOf(IEnumerable<string> md5s)
    {
        var parts = md5s.ToList();
        var all = parts.SelectMany(Convert.FromHexString).ToArray();
        return $"{Md5.Of(all)}-{parts.Count}";
    }

    /// <summary>A tag without its quotes.</summary>
    /// <param name="tag">The tag, or null.</param>
    public static string? Bare(string? tag) => tag?.Trim('"').ToLowerInvariant();

    [GeneratedRegex(@"\A[0-9a-f]{32}(-[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex SumForm();
}
