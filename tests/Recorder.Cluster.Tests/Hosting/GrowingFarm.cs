using Akka.Actor;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Tests.Hosting.Driver;
using Recorder.Cluster.Webhooks;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>Nodes in this process that a test starts one by one, with the real hosting on one database. A ledger
/// watches their simulated media.</summary>
[Trait("ring", "farm")]
public abstract class GrowingFarm : IAsyncLifetime, IDisposable
{
    /// <summary>How soon a farm of a test gives up a node.</summary>
    private static FailoverOptions QuickFailover =>
        new()
        {
            HeartbeatInterval = TimeSpan.FromMilliseconds(500),
            HeartbeatPause = TimeSpan.FromSeconds(4),
            StableAfter = TimeSpan.FromSeconds(2),
            RemovalMargin = TimeSpan.FromMilliseconds(200),
        };

    private protected TestFolder Folder { get; } = new();

    private protected MediaLedger Ledger { get; } = new();

    /// <summary>Every node that was started, in this order, also when it is gone.</summary>
    private protected List<TestNode> Nodes { get; } = [];

    private protected int SeedPort { get; } = LoopbackPort.Free();

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual async Task DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }
    }

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts a node, and waits until it is in the farm.</summary>
    private protected async Task<TestNode> JoinAsync(
        int port,
        Action<RecorderClusterOptions>? configure = null,
        SimulatedMedia? media = null,
        NodeIdentity? identity = null,
        TimeProvider? clock = null,
        IWebhookCalls? webhooks = null
    )
    {
        var node = await StartAsync(port, configure, null, media, identity, clock, webhooks);
        await UpAsync(node);
        return node;
    }

    /// <summary>Starts a node, whatever becomes of it.</summary>
    /// <param name="port">Its port.</param>
    /// <param name="configure">What is different from a node of four slots, with the seed on the farm's seed
    /// port.</param>
    /// <param name="folder">Its database and records; the farm's when null.</param>
    /// <param name="media">Its media side; one that the ledger watches when null.</param>
    /// <param name="identity">What it is; a node of its own when null.</param>
    /// <param name="clock">Its clock; this machine's when null.</param>
    /// <param name="webhooks">Calls the receivers of events; null when the node sends no events.</param>
    private protected async Task<TestNode> StartAsync(
        int port,
        Action<RecorderClusterOptions>? configure = null,
        TestFolder? folder = null,
        SimulatedMedia? media = null,
        NodeIdentity? identity = null,
        TimeProvider? clock = null,
        IWebhookCalls? webhooks = null
    )
    {
        folder ??= Folder;
        var node = await TestNode.StartAsync(
            folder,
            media ?? new SimulatedMedia(folder.Records) { Ledger = Ledger },
            options =>
            {
                options.Remoting.Port = port;
                options.SeedNodes = $"127.0.0.1:{SeedPort}";
                options.Failover = QuickFailover;
                configure?.Invoke(options);
                Ledger.NodeComes($"akka.tcp://recorder@127.0.0.1:{port}", options.Placement.Sessions);
            },
            identity: identity,
            clock: clock,
            webhooks: webhooks
        );
        Nodes.Add(node);
        return node;
    }

    private protected static Task UpAsync(TestNode node) =>
        node.MembersAsync(
            "joined",
            farm => farm.Members.Exists(member => member.Node == node.Address && member.Status == "Up")
        );

    /// <summary>Waits until the placement knows the capacity of so many nodes.</summary>
    private protected static Task CapacitiesAsync(TestNode asked, int count) =>
        PressureAsync(asked, $"of {count} nodes", pressure => pressure.Nodes.Count == count);

    private protected static async Task PressureAsync(TestNode asked, string what, Func<Pressure, bool> expected) =>
        await Eventually.BeAsync(
            $"the pressure is {what}",
            TestNode.FarmLimit,
            async () => expected(await asked.Placement.Ask<Pressure>(new FindPressure(), TestNode.Limit))
        );
}
