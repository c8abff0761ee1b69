using Akka.Actor;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Serialization;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>Which builds form one farm, with several builds in this process.</summary>
[Trait("ring", "farm")]
public sealed class MixedFarmTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_node_that_the_farm_would_not_understand_ends_itself_and_says_why()
    {
        await using var first = await StartAsync(null, new WireProtocol(1, 1));
        await using var stranger = await StartAsync(first, new WireProtocol(3, 2));

        Assert.Contains("speaks protocol 3 (understands 2)", await EndedAsync(stranger), StringComparison.Ordinal);
        await first.MembersAsync("without the stranger", members => members.Members.Count == 1);
    }

    [Fact]
    public async Task Nodes_whose_protocols_overlap_form_one_farm_and_tell_their_protocols()
    {
        await using var older = await StartAsync(null, new WireProtocol(1, 1));
        await using var newer = await StartAsync(older, new WireProtocol(2, 1));

        var members = await older.MembersAsync(
            "two nodes",
            members => members.Members.Count(member => member.Status == "Up") == 2
        );

        Assert.Equal(new WireProtocol(2, 1), members.Members.Single(member => member.Node == newer.Address).Protocol);
        Assert.Equal(new WireProtocol(1, 1), members.Members.Single(member => member.Node == older.Address).Protocol);
        Assert.Equal(1, members.Agreed);
    }

    [Fact]
    public async Task A_farm_that_writes_the_newer_form_lets_no_older_build_in()
    {
        await using var newer = await StartAsync(null, new WireProtocol(2, 1));
        NodeProtocol.Of(newer.System).Open(2);
        await using var older = await StartAsync(newer, new WireProtocol(1, 1));

        Assert.Contains("writes protocol 2", await EndedAsync(older), StringComparison.Ordinal);
        await newer.MembersAsync("without the older node", members => members.Members.Count == 1);
    }

    private Task<TestNode> StartAsync(TestNode? seed, WireProtocol build) =>
        TestNode.StartAsync(
            _folder,
            options =>
            {
                options.Wire = new WireSetup(build);
                options.SeedNodes = seed is null
                    ? ""
                    : $"127.0.0.1:{Akka.Cluster.Cluster.Get(seed.System).SelfAddress.Port}";
            }
        );

    private static async Task<string> EndedAsync(TestNode node)
    {
        await node.System.WhenTerminated.WaitAsync(TestNode.FarmLimit);
        return Assert
            .IsType<IncompatibleFarmReason>(CoordinatedShutdown.Get(node.System).ShutdownReason)
            .Message;
    }
}
