using Recorder.Cluster.Hosting;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>Three nodes in this process, with the real hosting on one database and a simulated media side
/// each.</summary>
public abstract class TestFarm : GrowingFarm
{
    public override async Task InitializeAsync()
    {
        for (var count = 0; count < 3; count++)
        {
            await JoinAsync();
        }
    }

    /// <summary>When a simulated record was ended, as the line before its last tells.</summary>
    private protected static DateTimeOffset EndOf(RecordSummary record) =>
        DateTimeOffset.Parse(File.ReadAllLines(record.Path)[^2], System.Globalization.CultureInfo.InvariantCulture);

    private protected Task CapacitiesAsync(int count) => CapacitiesAsync(Nodes[0], count);

    private protected static int PortOf(TestNode node) => Akka.Cluster.Cluster.Get(node.System).SelfAddress.Port!.Value;

    /// <summary>What is different from the farm's options.</summary>
    private protected virtual void Configure(RecorderClusterOptions options) { }

    private protected Task JoinAsync(int port = 0) =>
        JoinAsync(
            Nodes.Count == 0 ? SeedPort
                : port == 0 ? LoopbackPort.Free()
                : port,
            Configure,
            new SimulatedMedia(Folder.Records)
        );
}
