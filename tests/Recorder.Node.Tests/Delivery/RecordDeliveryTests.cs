using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Node.Delivery;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Tests.Delivery;

/// <summary>What transfer processes are told.</summary>
public sealed class RecordDeliveryTests
{
    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(1000, 0, 0, 500)]
    [InlineData(1000, 0, 2, 250)]
    [InlineData(1000, 200, 2, 200)]
    [InlineData(1000, 300, 2, 250)]
    [InlineData(0, 300, 2, 300)]
    public void The_limit_of_the_node_is_shared_by_the_deliveries_and_the_growing_records(
        long node,
        long destination,
        int growing,
        long share
    )
    {
        var options = new DeliveryOptions { AtOnce = 2, Bandwidth = new ByteSize(node) };
        var destinations = new DestinationsOptions();
        destinations.Destinations["archive"] = new DestinationOptions
        {
            Kind = DestinationKind.Folder,
            Path = "/mnt/archive",
            Bandwidth = new ByteSize(destination),
        };
        var delivery = new RecordDelivery(options, destinations, "/data", [], null!, null!);

        var request = delivery.Request(
            "archive",
            new RecordToDeliver(new SessionId(1), "/records/a.mp4", null, 1) { GrowingSharers = growing }
        );

        Assert.Equal(share, request.BytesPerSecond);
        Assert.Equal(node > 0, delivery.SharesLimit);
    }
}
