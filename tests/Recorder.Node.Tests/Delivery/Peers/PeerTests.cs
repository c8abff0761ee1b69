using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Recorder.Node.Delivery;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Tests.Delivery.Peers;

/// <summary>What tests with real servers share: a record, and transfers of it.</summary>
[SuppressMessage("Design", "CA1063:Implement IDisposable Correctly", Justification = "Only a folder of a test.")]
public abstract class PeerTests : IDisposable
{
    protected const string Name = "2021/09 æ/a b.mp4";

    protected PeerTests() => File.WriteAllBytes(Source, Content);

    /// <summary>A folder of the test's own.</summary>
    protected string Root { get; } = Directory.CreateTempSubdirectory("recorder-peer-").FullName;

    protected byte[] Content { get; } = RandomNumberGenerator.GetBytes(12_000_000);

    protected string Source => Path.Join(Root, "a.mp4");

    protected string State => Path.Join(Root, "deliveries", "peer-0123.json");

    private protected FileToSend Record => new(Source, Name, Convert.ToHexStringLower(SHA256.HashData(Content)));

    public virtual void Dispose()
    {
        Directory.Delete(Root, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected Task<TransferReport> SendAsync(
        DestinationOptions options,
        FileToSend? file = null,
        long bytesPerSecond = 0,
        CancellationToken ended = default
    ) =>
        TransferProcess.SendAsync(
            new TransferRequest("peer", options, [file ?? Record], bytesPerSecond, State, null),
            Destinations.Make,
            TimeProvider.System,
            ended
        );
}
