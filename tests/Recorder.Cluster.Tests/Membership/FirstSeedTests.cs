using System.Net;
using System.Net.Sockets;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Membership;

/// <summary>When the first of the seed nodes begins a farm, and when it does not.</summary>
[Trait("ring", "farm")]
public sealed class FirstSeedTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_begins_no_farm_while_another_seed_node_takes_connections_without_an_answer_and_does_when_that_is_gone()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = LoopbackPort.Free();
        await using var first = await StartAsync(port, port, ((IPEndPoint)silent.LocalEndpoint).Port);

        // Each look knocks once, asks over one connection, and takes 2 s; by Akka's own rule there would be a farm
        // after the first two.
        for (var knocks = 0; knocks < 5; knocks++)
        {
            using var limit = new CancellationTokenSource(TestNode.FarmLimit);
            (await silent.AcceptSocketAsync(limit.Token)).Dispose();
            var members = await first.MembersAsync("known", _ => true);
            Assert.Empty(members.Members);
        }

        silent.Stop();
        await first.MembersAsync("begun", farm => farm.Members is [{ Status: "Up" }]);
    }

    [Fact]
    public async Task It_comes_back_into_the_farm_that_went_on_without_it()
    {
        var (port, other) = (LoopbackPort.Free(), LoopbackPort.Free());
        var first = await StartAsync(port, port, other);
        await using var second = await StartAsync(other, port, other);
        await second.MembersAsync("of two", farm => farm.Members.Count(member => member.Status == "Up") == 2);
        await first.KillAsync();
        await second.MembersAsync("without the first", farm => farm.Members is [{ Status: "Up" }]);

        await using var again = await StartAsync(port, port, other);
        var joined = await again.MembersAsync(
            "of two again",
            farm => farm.Members.Count(member => member.Status == "Up") == 2
        );
        Assert.Equal(second.Address, joined.Oldest);
    }

    [Fact]
    public async Task A_farm_that_was_stopped_as_a_whole_takes_sessions_when_it_is_back()
    {
        var port = LoopbackPort.Free();
        var node = await StartAsync(port, port);
        await node.StopAsync(await node.RecordAsync());

        // On its way out it drains itself, and nobody is left to end that.
        await node.ShutDownAsync();

        await using var again = await StartAsync(port, port);
        await again.RecordAsync();
    }

    private Task<TestNode> StartAsync(int port, params int[] seeds) =>
        TestNode.StartAsync(
            _folder,
            options =>
            {
                options.Remoting.Port = port;
                options.SeedNodes = string.Join(", ", seeds.Select(seed => $"127.0.0.1:{seed}"));
                options.Failover = new FailoverOptions { RemovalMargin = TimeSpan.FromMilliseconds(100) };
            }
        );
}
