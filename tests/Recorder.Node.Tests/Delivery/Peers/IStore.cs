using Amazon.S3;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Tests.Delivery.Peers;

/// <summary>A real S3 server of the tests' own.</summary>
public interface IStore : IAsyncLifetime
{
    /// <summary>The name of the bucket that takes records.</summary>
    const string Bucket = "records";

    int Port { get; }

    /// <summary>Whether the server refuses a request that another secret has signed.</summary>
    bool ChecksSignatures { get; }

    string User { get; }

    string Secret { get; }

    /// <summary>A client of the test.</summary>
    AmazonS3Client Client() =>
        new(
            User,
            Secret,
            new AmazonS3Config
            {
                ServiceURL = $"http://127.0.0.1:{Port}",
                AuthenticationRegion = "us-east-1",
                ForcePathStyle = true,
            }
        );

    /// <summary>A destination on this server.</summary>
    /// <param name="prefix">What stands before every name.</param>
    /// <param name="port">Another port, as of a proxy; null: the server's own.</param>
    internal DestinationOptions Options(string prefix, int? port = null) =>
        new()
        {
            Kind = DestinationKind.S3,
            Endpoint = $"http://127.0.0.1:{port ?? Port}",
            Bucket = Bucket,
            Path = prefix,
            PathStyle = true,
            User = User,
            Secret = Secret,
            PartSize = new(5 << 20),
            Timeout = TimeSpan.FromSeconds(60),
        };
}
