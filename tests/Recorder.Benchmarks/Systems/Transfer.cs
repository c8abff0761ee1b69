using System.Globalization;
using System.Text.Json;
using Recorder.Benchmarks.Processes;

namespace Recorder.Benchmarks.Systems;

/// <summary>An S3 store and what is sent there.</summary>
/// <param name="Endpoint">The address.</param>
/// <param name="Bucket">The bucket, which is there.</param>
/// <param name="User">The id of the access key.</param>
/// <param name="Secret">The secret access key.</param>
/// <param name="File">The file to send.</param>
/// <param name="Sha256">The SHA-256 of the file, in lower-case hexadecimal digits.</param>
/// <param name="PartSize">The length of a part, in bytes.</param>
/// <param name="Parallel">How many parts are sent at once.</param>
internal sealed record UploadTarget(
    string Endpoint,
    string Bucket,
    string User,
    string Secret,
    string File,
    string Sha256,
    int PartSize,
    int Parallel
);

/// <summary>Starts one upload in a process of its own.</summary>
internal static class Transfer
{
    /// <summary>Starts the product's transfer process, as a node starts the process.</summary>
    /// <param name="target">What is sent, and where to.</param>
    /// <param name="key">The object's key.</param>
    /// <param name="product">The folder with the executable <c>recorder</c>.</param>
    /// <param name="folder">Where log and state go.</param>
    /// <param name="bytesPerSecond">The most bytes a second; 0: no limit.</param>
    /// <param name="niceness">The niceness of the process.</param>
    public static async Task<ChildProcess> StartProductAsync(
        UploadTarget target,
        string key,
        string product,
        string folder,
        long bytesPerSecond = 0,
        int niceness = 0
    )
    {
        var child = ChildProcess.Start(
            new ChildCommand(
                "nice",
                ["-n", niceness.ToString(CultureInfo.InvariantCulture), Path.Join(product, "recorder"), "deliver"],
                Path.Join(folder, $"{key}.log")
            ),
            new SessionProcesses()
        );
        var request = new
        {
            destination = "store",
            options = new
            {
                kind = "S3",
                endpoint = target.Endpoint,
                bucket = target.Bucket,
                pathStyle = true,
                user = target.User,
                secret = target.Secret,
                partSize = target.PartSize,
                parallel = target.Parallel,
            },
            files = new[]
            {
                new
                {
                    path = target.File,
                    name = key,
                    sha256 = target.Sha256,
                },
            },
            bytesPerSecond,
            state = Path.Join(folder, "deliveries", $"store-{key}.json"),
            address = (string?)null,
        };
        await child.Input.WriteLineAsync(JsonSerializer.Serialize(request));
        await child.Input.FlushAsync();
        return child;
    }

    /// <summary>Starts the plain loop.</summary>
    /// <param name="target">What is sent, and where to.</param>
    /// <param name="key">The object's key.</param>
    /// <param name="folder">Where the log goes.</param>
    public static ChildProcess StartPlain(UploadTarget target, string key, string folder) =>
        ChildProcess.Start(
            new ChildCommand(
                Environment.ProcessPath!,
                [
                    PlainUploadCommand.Name,
                    "--endpoint",
                    target.Endpoint,
                    "--bucket",
                    target.Bucket,
                    "--key",
                    key,
                    "--user",
                    target.User,
                    "--secret",
                    target.Secret,
                    "--file",
                    target.File,
                    "--part-size",
                    target.PartSize.ToString(CultureInfo.InvariantCulture),
                    "--parallel",
                    target.Parallel.ToString(CultureInfo.InvariantCulture),
                ],
                Path.Join(folder, $"{key}.log")
            ),
            new SessionProcesses()
        );

    /// <summary>Starts <c>aws s3 cp</c> with the same parts and as many at once.</summary>
    /// <param name="target">What is sent, and where to.</param>
    /// <param name="key">The object's key.</param>
    /// <param name="folder">Where settings and log go.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<ChildProcess> StartAwsAsync(
        UploadTarget target,
        string key,
        string folder,
        CancellationToken cancellation
    )
    {
        var settings = Path.Join(folder, "aws");
        await File.WriteAllTextAsync(
            settings,
            FormattableString.Invariant(
                $"[default]\nregion = us-east-1\ns3 =\n  addressing_style = path\n  multipart_chunksize = {target.PartSize}\n  max_concurrent_requests = {target.Parallel}\n"
            ),
            cancellation
        );
        return ChildProcess.Start(
            new ChildCommand(
                "aws",
                [
                    "s3",
                    "cp",
                    target.File,
                    $"s3://{target.Bucket}/{key}",
                    "--endpoint-url",
                    target.Endpoint,
                    "--only-show-errors",
                ],
                Path.Join(folder, $"{key}.log")
            )
            {
                Environment = new Dictionary<string, string>
                {
                    ["AWS_CONFIG_FILE"] = settings,
                    ["AWS_ACCESS_KEY_ID"] = target.User,
                    ["AWS_SECRET_ACCESS_KEY"] = target.Secret,
                    ["AWS_EC2_METADATA_DISABLED"] = "true",
                },
            },
            new SessionProcesses()
        );
    }
}
