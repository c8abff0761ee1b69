using Recorder.Cluster.Capacity;
using Recorder.Cluster.Settings;
using Recorder.Node.Capacity;

namespace Recorder.Node.Tests.Capacity;

public sealed class DiskStandingTests
{
    private static readonly ByteSize LowWater = ByteSize.FromMegabytes(2_000);

    [Theory]
    [InlineData(2_000_000_000L, null)]
    [InlineData(1_999_999_999L, ClosedReason.Disk)]
    [InlineData(null, ClosedReason.RecordsFolder)]
    public void A_disk_that_closes_the_node_names_the_reason(long? free, ClosedReason? reason) =>
        Assert.Equal(reason, new DiskStanding(free, DiskMeter.WhyClosed("/records", free, LowWater)).ClosedBy);

    [Fact]
    public void A_disk_that_has_not_been_looked_at_closes_nothing() =>
        Assert.Null(new DiskStanding(null, null).ClosedBy);
}
