using System.Security.Cryptography;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Delivery.S3;

/// <summary>
/// A bucket of an S3 store. A long file goes there in parts. Each confirmed part is noted, so that a later attempt
/// sends no such part again. The object is compared with the file before it counts as delivered.
/// </summary>
internal sealed class S3Destination : IDestination, IDisposable
{
    private readonly string _destination;
    private readonly DestinationOptions _options;
    private readonly string _state;
    private readonly HttpClient _http;
    private readonly AmazonS3Client _client;
    private readonly StoredObject _stored;

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
        _stored = new StoredObject(_client, _destination, _options);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }

    /// <inheritdoc/>
    public Task SendAsync(FileToSend file, Pace pace) =>
        TryAsync(async () =>
        {
            var hash = file.Sha256 ?? await SourceFile.HashAsync(file.Path, pace);
            var known = file with { Sha256 = hash };
            if (await _stored.IsThereAsync(known, pace))
            {
                // Parts of an attempt whose last answer was lost, or of one before another way brought the record.
                await AbandonAsync(_state, pace.Token);
                return;
            }
            var length = new FileInfo(file.Path).Length;
            if (length <= _options.PartSize.Bytes && !IsGrown())
            {
                await SendWholeAsync(known, (int)length, pace);
            }
            else
            {
                await new MultipartUpload(_client, _stored, _destination, _options, _state).SendAsync(known, pace);
            }
        });

    /// <inheritdoc/>
    public Task FollowAsync(FileToSend file, Pace pace, TimeProvider time, Action<GrowthReport> told) =>
        TryAsync(async () =>
        {
            var upload = new MultipartUpload(_client, _stored, _destination, _options, _state);
            await Growing(upload).FollowAsync(file, pace, time, told);
        });

    /// <inheritdoc/>
    public Task CompleteAsync(GrownParts parts, Pace pace) =>
        TryAsync(async () =>
        {
            var upload = new MultipartUpload(_client, _stored, _destination, _options, _state);
            if (!await Growing(upload).CompleteAsync(parts, pace))
            {
                throw new TransferFailure(
                    $"Destination {_destination}: the store has no unfinished upload of {parts.Key} with its first part any more, so no object can be made of its parts.",
                    mayPass: false
                );
            }
        });

    private GrowingUpload Growing(MultipartUpload upload) => new(_client, upload, _destination, _options, _state);

    private async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act();
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

    /// <inheritdoc/>
    public Task AbandonAsync(string state, CancellationToken cancellation) =>
        File.Exists(state)
            ? new MultipartUpload(_client, _stored, _destination, _options, state).AbandonAsync(cancellation)
            : Task.CompletedTask;

    /// <summary>Whether parts of the file were sent while it grew.</summary>
    private bool IsGrown() => StateFile.Read<UploadState>(_state) is { Grown: true };

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
            ChecksumSHA256 = SumOf(_options, content),
        };
        put.Metadata[StoredObject.HashName] = file.Sha256;
        var answer = await _client.PutObjectAsync(put, pace.Token);
        var tag = Md5.Of(content);
        S3Errors.CompareTag(_destination, file, answer.ETag, answer.ServerSideEncryptionMethod, tag);
        var told = S3Errors.CompareSum(_destination, file, answer.ChecksumSHA256, put.ChecksumSHA256);
        await _stored.CompareAsync(file, tag, told, pace);
    }

    /// <summary>Whether the store gets sums to compare and to keep. The tags of objects that are encrypted with keys of
    /// a key service are no sums, and stores that have such keys know the newer sums.</summary>
    /// <param name="options">The destination.</param>
    internal static bool SendsSums(DestinationOptions options) => options.Encryption == "aws:kms";

    /// <summary>The sum that goes with bytes, or null.</summary>
    /// <param name="options">The destination.</param>
    /// <param name="content">The bytes.</param>
    internal static string? SumOf(DestinationOptions options, ReadOnlySpan<byte> content) =>
        SendsSums(options) ? Convert.ToBase64String(SHA256.HashData(content)) : null;

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
