using System.CommandLine;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Recorder.Benchmarks.Systems;

/// <summary><c>plain-upload</c>: the loop that anybody would write with Amazon's library to send a file in parts, a few
/// at once. Started by <c>upload</c>, in a process of its own as the product's transfer.</summary>
internal static class PlainUploadCommand
{
    /// <summary>The name of the command.</summary>
    public const string Name = "plain-upload";

    private static readonly Option<string> Endpoint = new("--endpoint") { Required = true };

    private static readonly Option<string> Bucket = new("--bucket") { Required = true };

    private static readonly Option<string> Key = new("--key") { Required = true };

    private static readonly Option<string> User = new("--user") { Required = true };

    private static readonly Option<string> Secret = new("--secret") { Required = true };

    private static readonly Option<FileInfo> Record = new("--file") { Required = true };

    private static readonly Option<int> PartSize = new("--part-size") { Required = true };

    private static readonly Option<int> Parallel = new("--parallel") { Required = true };

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var command = new Command(Name, "Sends a file in parts by a plain loop.")
        {
            Endpoint,
            Bucket,
            Key,
            User,
            Secret,
            Record,
            PartSize,
            Parallel,
        };
        command.Hidden = true;
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        using var client = new AmazonS3Client(
            new BasicAWSCredentials(arguments.GetRequiredValue(User), arguments.GetRequiredValue(Secret)),
            new AmazonS3Config
            {
                ServiceURL = arguments.GetRequiredValue(Endpoint),
                AuthenticationRegion = "us-east-1",
                ForcePathStyle = true,
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            }
        );
        var file = arguments.GetRequiredValue(Record);
        var size = (long)arguments.GetRequiredValue(PartSize);
        var (bucket, key) = (arguments.GetRequiredValue(Bucket), arguments.GetRequiredValue(Key));
        var upload = await client.InitiateMultipartUploadAsync(bucket, key, cancellationToken);
        var tags = new PartETag[(int)((file.Length + size - 1) / size)];
        await System.Threading.Tasks.Parallel.ForEachAsync(
            Enumerable.Range(1, tags.Length),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = arguments.GetRequiredValue(Parallel),
                CancellationToken = cancellationToken,
            },
            async (number, cancellation) =>
            {
                var answer = await client.UploadPartAsync(
                    new UploadPartRequest
                    {
                        BucketName = bucket,
                        Key = key,
                        UploadId = upload.UploadId,
                        PartNumber = number,
                        FilePath = file.FullName,
                        FilePosition = (number - 1) * size,
                        PartSize = Math.Min(size, file.Length - ((number - 1) * size)),
                    },
                    cancellation
                );
                tags[number - 1] = new PartETag(number, answer.ETag);
            }
        );
        await client.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest
            {
                BucketName = bucket,
                Key = key,
                UploadId = upload.UploadId,
                PartETags = [.. tags],
            },
            cancellationToken
        );
        return 0;
    }
}
