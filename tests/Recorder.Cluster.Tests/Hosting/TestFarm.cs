using Akka.Actor;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>Three nodes in this process, with the real hosting on one database and a simulated media side
/// each.</summary>
[Trait("ring", "farm")]
public abstract class TestFarm : IAsyncLifetime, IDisposable
{
    private readonly TestFolder _folder = new();
    private int _seedPort;

    private protected List<TestNode> Nodes { get; } = [];

    public async Task InitializeAsync()
    {
        _seedPort = LoopbackPort.Free();
        for (var count = 0; count < 3; count++)
        {
            await JoinAsync();
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }
    }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>When a simulated record was ended, as the line before its last tells.</summary>
    private protected static DateTimeOffset EndOf(RecordSummary record) =>
        DateTimeOffset.Parse(File.ReadAllLines(record.Path)[^2], System.Globalization.CultureInfo.InvariantCulture);

    private protected async Task CapacitiesAsync(int count)
    {
        var since = TimeProvider.System.GetTimestamp();
        while ((await Nodes[0].Placement.Ask<Pressure>(new FindPressure(), TestNode.Limit)).Nodes.Count < count)
        {
            if (TimeProvider.System.GetElapsedTime(since) > TestNode.Limit)
            {
                throw new TimeoutException($"Not every one of {count} nodes told its capacity.");
            }
            await Task.Delay(20);
        }
    }

    private protected static int PortOf(TestNode node) => Akka.Cluster.Cluster.Get(node.System).SelfAddress.Port!.Value;

    /// <summary>What is different from the farm's options.</summary>
    private protected virtual void Configure(RecorderClusterOptions options) { }

    private protected async Task JoinAsync(int port = 0)
    {
        var node = await TestNode.StartAsync(
            _folder,
            options =>
            {
                options.SeedNodes = $"127.0.0.1:{_seedPort}";
                options.Remoting.Port = Nodes.Count == 0 ? _seedPort : port;
                options.Failover = new FailoverOptions
                {
                    HeartbeatInterval = TimeSpan.FromMilliseconds(500),
                    HeartbeatPause = TimeSpan.FromSeconds(4),
                    StableAfter = TimeSpan.FromSeconds(2),
                    RemovalMargin = TimeSpan.FromMilliseconds(200),
                };
                Configure(options);
            }
        );
        Nodes.Add(node);
        await node.MembersAsync(
            "joined",
            members => members.Members.Exists(member => member.Node == node.Address && member.Status == "Up")
        );
    }
}
