using System.Diagnostics;
using Akka.Actor;
using Dapper;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Membership;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Xunit.Abstractions;

namespace Recorder.Cluster.Tests.Hosting;

[Trait("ring", "farm")]
public sealed class FarmOfManyTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_node_without_the_role_recorder_reaches_sessions_and_placement_and_runs_none()
    {
        await using var recorder = await TestNode.StartAsync(_folder);
        await using var edge = await JoinAsync(recorder, options => options.Roles = "edge");

        var id = await edge.RecordAsync();
        Assert.Equal(recorder.Address, (await edge.SummaryAsync(id)).Node);
        var pressure = await edge.Placement.Ask<Pressure>(new FindPressure(), TestNode.Limit);
        Assert.Equal(recorder.Address, Assert.Single(pressure.Nodes).Node);
        Assert.IsType<StopDone>(await edge.StopAsync(id));
    }

    [Fact]
    public async Task Members_are_told_with_their_roles_and_who_is_oldest()
    {
        await using var first = await TestNode.StartAsync(_folder);
        await using var second = await JoinAsync(first, options => options.Roles = "voter");

        var members = await second.Membership.Ask<FarmMembers>(new ListMembers(), TestNode.Limit);

        Assert.Equal(second.Address, members.Self);
        Assert.Equal(first.Address, members.Oldest);
        Assert.Equal(first.Address, members.OldestPerRole["recorder"]);
        Assert.Equal(second.Address, members.OldestPerRole["voter"]);
        Assert.All(members.Members, member => Assert.Equal("Up", member.Status));
        Assert.Equal(["edge", "recorder"], members.Members.Single(member => member.Node == first.Address).Roles);
    }

    [Fact]
    public async Task A_node_whose_process_is_gone_is_given_up_without_waiting_for_the_failure_detector()
    {
        // The detector and the split-brain resolver would take minutes.
        static void Slow(RecorderClusterOptions options) =>
            options.Failover = new FailoverOptions
            {
                HeartbeatPause = TimeSpan.FromMinutes(1),
                StableAfter = TimeSpan.FromMinutes(2),
                RemovalMargin = TimeSpan.FromMilliseconds(100),
            };
        await using var first = await TestNode.StartAsync(_folder, Slow);
        await using var second = await JoinAsync(first, Slow);
        await using var third = await JoinAsync(first, Slow);
        await second.MembersAsync(
            "three members up",
            members => members.Members.Count(member => member.Status == "Up") == 3
        );
        var known = await second.ListAsync();

        var since = Stopwatch.GetTimestamp();
        await first.KillAsync();
        await second.MembersAsync("without the killed node", members => members.Members.Count == 2);
        output.WriteLine($"removed after {Stopwatch.GetElapsedTime(since).TotalSeconds:0.00} s");
        Assert.Equal(known, await second.ListAsync());
        output.WriteLine($"placement answers elsewhere after {Stopwatch.GetElapsedTime(since).TotalSeconds:0.00} s");
        Assert.Empty(await third.ListAsync());
    }

    [Fact]
    public async Task A_node_is_told_over_another_to_leave()
    {
        await using var first = await TestNode.StartAsync(_folder);
        await using var second = await JoinAsync(first);

        var change = await first.Membership.Ask<MemberChange>(new LetLeave(second.Address), TestNode.Limit);

        Assert.Equal(second.Address, change.Node);
        await second.System.WhenTerminated.WaitAsync(TestNode.FarmLimit);
        await first.MembersAsync("without the node that left", members => members.Members.Count == 1);
        Assert.Null((await first.Membership.Ask<MemberChange>(new GiveUp(second.Address), TestNode.Limit)).Node);
    }

    [Fact]
    public async Task A_node_whose_seeds_do_not_answer_says_so_and_joins_when_they_do()
    {
        var port = LoopbackPort.Free();
        await using var waiting = await TestNode.StartAsync(
            _folder,
            options => options.SeedNodes = $"127.0.0.1:{port}"
        );

        var standing = await waiting.Membership.Ask<NodeStanding>(new GetStanding(), TestNode.Limit);
        Assert.Contains($"127.0.0.1:{port}", standing.WhyNotIn, StringComparison.Ordinal);

        await using var seed = await TestNode.StartAsync(
            _folder,
            options =>
            {
                options.Remoting.Port = port;
                options.SeedNodes = $"127.0.0.1:{port}";
            }
        );
        await waiting.MembersAsync(
            "in the farm of its seed",
            members => members.Members.Count(member => member.Status == "Up") == 2
        );
        Assert.Null((await waiting.Membership.Ask<NodeStanding>(new GetStanding(), TestNode.Limit)).WhyNotIn);
    }

    [Fact]
    public async Task A_node_that_the_database_has_given_up_ends_although_the_node_is_in_no_farm_yet()
    {
        await using var waiting = await TestNode.StartAsync(
            _folder,
            options => options.SeedNodes = $"127.0.0.1:{LoopbackPort.Free()}"
        );
        await using (var connection = await waiting.Database.OpenAsync(CancellationToken.None))
        {
            await connection.ExecuteAsync("UPDATE node SET epoch = epoch + 1");
        }

        await waiting.System.WhenTerminated.WaitAsync(TestNode.FarmLimit);
    }

    private async Task<TestNode> JoinAsync(TestNode seed, Action<RecorderClusterOptions>? configure = null)
    {
        var node = await TestNode.StartAsync(
            _folder,
            options =>
            {
                configure?.Invoke(options);
                options.SeedNodes = SeedOf(seed);
            }
        );
        await seed.MembersAsync("joined by the new node", IsUp);
        await node.MembersAsync("joined", IsUp);
        return node;

        bool IsUp(FarmMembers members) =>
            members.Members.Exists(member => member.Node == node.Address && member.Status == "Up");
    }

    private static string SeedOf(TestNode node) =>
        $"127.0.0.1:{Akka.Cluster.Cluster.Get(node.System).SelfAddress.Port}";
}
