using Recorder.Cluster.Hosting;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Membership;

/// <summary>Nodes that live and refuse connections: the farm keeps them.</summary>
[Trait("ring", "farm")]
public sealed class WitnessTests : IAsyncLifetime, IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly List<TestNode> _nodes = [];
    private readonly int _seed = LoopbackPort.Free();
    private readonly int _hidden = LoopbackPort.Free();
    private readonly LossyProxy _proxy;

    public WitnessTests() => _proxy = new LossyProxy(_hidden);

    /// <summary>Four nodes; the second is reached through a forwarder.</summary>
    public async Task InitializeAsync()
    {
        await JoinAsync(_seed, 0);
        await JoinAsync(_hidden, _proxy.Port);
        await JoinAsync(0, 0);
        await JoinAsync(0, 0);
        await _nodes[0].MembersAsync("of four", farm => farm.Members.Count(member => member.Status == "Up") == 4);
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    public void Dispose()
    {
        _proxy.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_forwarder_without_a_listener_costs_its_node_nothing_when_another_node_dies()
    {
        _proxy.Refuse();
        var dead = _nodes[3].Address;
        await _nodes[3].KillAsync();

        foreach (var node in _nodes.Take(3))
        {
            var members = await node.MembersAsync(
                "without the dead node",
                farm => !farm.Members.Exists(member => member.Node == dead)
            );
            Assert.All(members.Members, member => Assert.Equal("Up", member.Status));
            Assert.Equal(3, members.Members.Count);
        }
    }

    [Fact]
    public async Task A_proxy_that_restarts_costs_its_node_nothing()
    {
        var before = await _nodes[0].MembersAsync("known", _ => true);
        _proxy.Cut();

        // Longer than three refused knocks take, and shorter than the failure detector waits.
        await Task.Delay(TimeSpan.FromSeconds(1));
        _proxy.Mend();

        foreach (var node in _nodes)
        {
            var members = await node.MembersAsync(
                "whole again",
                farm => farm.Unreachable.IsEmpty && farm.Members.TrueForAll(member => member.Status == "Up")
            );
            Assert.Equal(
                before.Members.Select(member => (member.Node, member.Uid)),
                members.Members.Select(member => (member.Node, member.Uid))
            );
        }
    }

    [Fact]
    public async Task A_proxy_that_restarts_costs_the_oldest_of_a_pair_nothing()
    {
        // The younger node has dialled the older one, so that the proxy carries every connection between the two. Each
        // is the only other node, and the lease in the database tells that the older one lives.
        using var folder = new TestFolder();
        var port = LoopbackPort.Free();
        using var proxy = new LossyProxy(port);
        await using var oldest = await StartAsync(folder, port, proxy.Port, proxy.Port);
        await using var other = await StartAsync(folder, 0, 0, proxy.Port);
        var before = await oldest.MembersAsync(
            "of two",
            farm => farm.Members.Count(member => member.Status == "Up") == 2
        );
        proxy.Cut();
        await Task.Delay(TimeSpan.FromSeconds(1));
        proxy.Mend();

        foreach (var node in new[] { oldest, other })
        {
            var members = await node.MembersAsync(
                "whole again",
                farm => farm.Unreachable.IsEmpty && farm.Members.TrueForAll(member => member.Status == "Up")
            );
            Assert.Equal(
                before.Members.Select(member => (member.Node, member.Uid)),
                members.Members.Select(member => (member.Node, member.Uid))
            );
        }
    }

    private async Task JoinAsync(int port, int publicPort) =>
        _nodes.Add(await StartAsync(_folder, port, publicPort, _seed));

    private static Task<TestNode> StartAsync(TestFolder folder, int port, int publicPort, int seed) =>
        TestNode.StartAsync(
            folder,
            options =>
            {
                options.SeedNodes = $"127.0.0.1:{seed}";
                options.Remoting.Port = port;
                options.Remoting.PublicPort = publicPort;
                options.Failover = new FailoverOptions
                {
                    HeartbeatInterval = TimeSpan.FromMilliseconds(500),
                    HeartbeatPause = TimeSpan.FromSeconds(15),
                    StableAfter = TimeSpan.FromSeconds(15),
                    RemovalMargin = TimeSpan.FromMilliseconds(100),
                };
            }
        );
}
