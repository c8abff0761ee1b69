using System.Globalization;

namespace Recorder.Node.Tests.Delivery.Peers;

/// <summary>s3rver: a small S3 server from npm.</summary>
public sealed class S3RverServer : IStore
{
    private readonly string _root = Directory.CreateTempSubdirectory("recorder-s3rver-").FullName;
    private PeerProcess? _process;

    public int Port { get; } = LoopbackPort.Free();

    public bool ChecksSignatures => false;

    public string User => "S3RVER";

    public string Secret => "S3RVER";

    /// <summary>Why no test can have the server; null when it is there.</summary>
    public static string? WhyNot =>
        File.Exists(Program) ? null : "npm could not install s3rver; run deploy/install-dependencies --test again.";

    private static string Program =>
        Path.GetFullPath(
            Path.Join(AppContext.BaseDirectory, "../../../../../artifacts/s3rver/node_modules/s3rver/bin/s3rver.js")
        );

    public async Task InitializeAsync()
    {
        if (WhyNot is null)
        {
            _process = await PeerProcess.StartAsync(
                Port,
                "node",
                Program,
                "-d",
                _root,
                "-a",
                "127.0.0.1",
                "-p",
                Port.ToString(CultureInfo.InvariantCulture),
                "--silent",
                "--configure-bucket",
                IStore.Bucket
            );
        }
    }

    public Task DisposeAsync()
    {
        _process?.Dispose();
        Directory.Delete(_root, recursive: true);
        return Task.CompletedTask;
    }
}

/// <summary>A test that needs s3rver.</summary>
internal sealed class FactWithS3RverAttribute : FactAttribute
{
    public FactWithS3RverAttribute() => Skip = S3RverServer.WhyNot;
}
