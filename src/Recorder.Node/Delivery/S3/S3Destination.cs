using System.Net;
using System.Security.Cryptography;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Delivery.S3;

/// <summary>
/// A bucket of an S3 store. A long file goes there in parts. Each confirmed part is noted, so that a later attempt
/// sends no such part again. The object is compared with the file before it counts as delivered.
/// </summary>
internal sealed class S3Destination : IDestination, IDisposable
{
    /// <summary>The metadata that says what an object holds.</summary>
    public const string HashName = "recorder-sha256";

    private readonly string _destination;
    private readonly DestinationOptions _options;
    private readonly string _state;
    private readonly HttpClient _http;
    private readonly AmazonS3Client _client;

    /// <param name="request">What the node asked for.</param>
    public S3Destination(TransferRequest request)
    {
        (_destination, _options, _state) = (request.Destination, request.Options, request.State);
        _http = HttpRoad.Client(_destination, _options);
        var config = new AmazonS3Config
        {
            ForcePathStyle = _options.PathStyle,
            HttpClientFactory = new OneClient(_http),
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = 2,
        };
        if (_options.Endpoint.Length > 0)
        {
            config.ServiceURL = _options.Endpoint;
            config.AuthenticationRegion = _options.Region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(_options.Region);
        }
        _client = new AmazonS3Client(
            new BasicAWSCredentials(_options.User, SecretText.Read(_destination, _options)),
            config
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }

    /// <inheritdoc/>
    public async Task SendAsync(FileToSend file, Pace pace)
    {
        try
        {
            var hash = file.Sha256 ?? await SourceFile.HashAsync(file.Path, pace);
            var known = file with { Sha256 = hash };
            if (await IsThereAsync(known, pace))
            {
                return;
            }
            var length = new FileInfo(file.Path).Length;
            if (length <= _options.PartSize.Bytes)
            {
                await SendWholeAsync(known, (int)length, pace);
            }
            else
            {
                await new MultipartUpload(_client, _destination, _options, _state).SendAsync(known, pace);
            }
        }
        catch (AmazonServiceException error)
        {
            throw S3Errors.Failure(_destination, _options, error);
        }
        catch (HttpRequestException error)
        {
            throw HttpRoad.Failure(_destination, error);
        }
    }

    /// <summary>Whether the object is there and holds the file. Credentials that may only write cannot look.</summary>
    private async Task<bool> IsThereAsync(FileToSend file, Pace pace)
    {
        try
        {
            var found = await _client.GetObjectMetadataAsync(_options.Bucket, KeyOf(_options, file), pace.Token);
            if (found.ContentLength == new FileInfo(file.Path).Length && found.Metadata[HashName] == file.Sha256)
            {
                return true;
            }
            throw new TransferFailure(
                $"Destination {_destination}: another object has the key {KeyOf(_options, file)} in the bucket {_options.Bucket}. Move that object away, and ask for the delivery again.",
                mayPass: false
            );
        }
        catch (AmazonS3Exception error) when (error.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
        {
            return false;
        }
    }

    private async Task SendWholeAsync(FileToSend file, int length, Pace pace)
    {
        var content = new byte[length];
        await using (var source = SourceFile.Open(file.Path))
        {
            await source.ReadExactlyAsync(content, pace.Token);
        }
        SourceFile.Compare(file, Convert.ToHexStringLower(SHA256.HashData(content)));
        var put = new PutObjectRequest
        {
            BucketName = _options.Bucket,
            Key = KeyOf(_options, file),
            InputStream = new PartStream(content, length, pace),
            ContentType = HttpRoad.MediaType(file.Name),
            UseChunkEncoding = false,
            AutoCloseStream = true,
            StorageClass = StorageClassOf(_options),
            ServerSideEncryptionMethod = EncryptionOf(_options),
            ServerSideEncryptionKeyManagementServiceKeyId = _options.KmsKey.Length > 0 ? _options.KmsKey : null,
            TagSet = TagsOf(_options),
        };
        put.Metadata[HashName] = file.Sha256;
        var answer = await _client.PutObjectAsync(put, pace.Token);
        S3Errors.CompareTag(_destination, file, answer.ETag, Md5.Of(content));
        await CompareAsync(_client, _destination, _options, file, null, pace);
    }

    /// <summary>Makes sure that the object has the length and, where the store tells it, the hash of the
    /// file.</summary>
    internal static async Task CompareAsync(
        AmazonS3Client client,
        string destination,
        DestinationOptions options,
        FileToSend file,
        string? expectedTag,
        Pace pace
    )
    {
        GetObjectMetadataResponse found;
        try
        {
            found = await client.GetObjectMetadataAsync(options.Bucket, KeyOf(options, file), pace.Token);
        }
        catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.Forbidden)
        {
            // These credentials may only write. The answers to the parts have been compared.
            return;
        }
        var length = new FileInfo(file.Path).Length;
        if (found.ContentLength != length)
        {
            throw new TransferFailure(
                $"Destination {destination}: the object {KeyOf(options, file)} has {found.ContentLength} bytes, and the file has {length}. The attempt is made again.",
                mayPass: true
            );
        }
        if (expectedTag is not null)
        {
            S3Errors.CompareTag(destination, file, found.ETag, expectedTag);
        }
    }

    internal static string KeyOf(DestinationOptions options, FileToSend file) =>
        options.Path.Trim('/') is { Length: > 0 } prefix ? $"{prefix}/{file.Name}" : file.Name;

    internal static S3StorageClass? StorageClassOf(DestinationOptions options) =>
        options.StorageClass.Length > 0 ? S3StorageClass.FindValue(options.StorageClass) : null;

    internal static ServerSideEncryptionMethod? EncryptionOf(DestinationOptions options) =>
        options.Encryption.Length > 0 ? ServerSideEncryptionMethod.FindValue(options.Encryption) : null;

    internal static List<Tag>? TagsOf(DestinationOptions options) =>
        options.Tags.Length == 0
            ? null
            :
            [
                .. options
                    .Tags.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Select(pair => pair.Split('=', 2))
                    .Select(pair => new Tag { Key = pair[0].Trim(), Value = pair.ElementAtOrDefault(1)?.Trim() ?? "" }),
            ];

    private sealed class OneClient(HttpClient client) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
