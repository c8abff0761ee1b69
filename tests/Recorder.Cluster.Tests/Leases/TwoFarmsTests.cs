using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;
using Recorder.Cluster.Tests.Hosting.Driver;
using Recorder.Cluster.Tests.Journal;

namespace Recorder.Cluster.Tests.Leases;

/// <summary>One database never has two farms: a first seed that boots beside a farm it does not know begins no
/// other.</summary>
[Trait("ring", "farm")]
public sealed class TwoFarmsTests(TestPostgres postgres) : IClassFixture<TestPostgres>, IAsyncLifetime, IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly TestFolder _others = new();
    private readonly MediaLedger _ledger = new();
    private readonly List<TestNode> _nodes = [];
    private readonly int[] _ports = [.. Enumerable.Range(0, 4).Select(_ => LoopbackPort.Free())];
    private string _database = "";

    public async Task InitializeAsync()
    {
        _database = $"farms_{Guid.NewGuid():n}";
        await using var server = new FarmDatabase(
            new DatabaseOptions { ConnectionString = TestPostgres.ConnectionBy(postgres.Port) }
        );
        await using var connection = await server.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync($"CREATE DATABASE {_database}");
    }

    public void Dispose()
    {
        _folder.Dispose();
        _others.Dispose();
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_first_seed_that_boots_while_the_other_seeds_are_away_takes_no_session_from_the_living_farm()
    {
        // The seeds are nodes 0 and 1. Node 1 is off for maintenance, node 0 loses its power and its disk, and the
        // others go on.
        for (var number = 0; number < 4; number++)
        {
            await StartAsync(number, _folder);
        }
        var sessions = new List<SessionId>();
        for (var count = 0; count < 4; count++)
        {
            sessions.Add(await _nodes[2].RecordAsync());
        }
        await _nodes[1].ShutDownAsync();
        _ledger.NodeDies(_nodes[1].Address);
        await _nodes[2].MembersAsync("of three", farm => farm.Members.Count == 3);
        _ledger.NodeDies(_nodes[0].Address);
        await _nodes[0].KillAsync();
        Directory.Delete(Path.Join(_folder.Root, $"data-{_ports[0]}"), recursive: true);
        string[] rest = [_nodes[2].Address, _nodes[3].Address];
        foreach (var id in sessions)
        {
            await _nodes[2]
                .SummaryAsync(
                    id,
                    "recording on the nodes that are left",
                    session => session.Phase == SessionPhase.Recording && rest.Contains(session.Node)
                );
        }
        _ledger.Settle();
        var before = await AttemptsAsync(sessions);

        var back = await StartAsync(0, _folder);

        // No seed knows the farm. The database knows its nodes.
        await back.MembersAsync("in the farm of the others", farm => farm.Members.Count(IsUp) == 3);
        Assert.Equal(before, await AttemptsAsync(sessions));
        Assert.Empty(_ledger.Broken);
    }

    [Fact]
    public async Task Two_farms_that_name_one_database_by_mistake_stay_one_farm_and_a_node_that_says_why()
    {
        await StartAsync(0, _folder, 0);
        await StartAsync(1, _folder, 0);
        var id = await _nodes[1].RecordAsync();

        // The other farm has another secret, so its first seed is let in by nobody.
        var other = await StartAsync(2, _others, 2);
        var since = TimeProvider.System.GetTimestamp();
        var standing = "";
        await Eventually.BeAsync(
            "the other farm's first seed has waited for two leases and says why",
            TestNode.FarmLimit,
            async () =>
            {
                Assert.DoesNotContain((await other.MembersAsync("known", _ => true)).Members, IsUp);
                standing = (await other.StandingAsync()).WhyNotIn ?? "";
                return TimeProvider.System.GetElapsedTime(since) > TestNode.LeaseTimes.Length * 2
                    && standing.Contains("This node is not in a farm", StringComparison.Ordinal);
            }
        );

        Assert.Contains($"127.0.0.1:{_ports[0]}", standing, StringComparison.Ordinal);
        Assert.Contains("give this farm a database of its own", standing, StringComparison.Ordinal);
        Assert.Equal(1, (await _nodes[1].SummaryAsync(id)).Attempt);
        Assert.Empty(_ledger.Broken);
    }

    private async Task<List<int>> AttemptsAsync(List<SessionId> sessions)
    {
        var attempts = new List<int>();
        foreach (var id in sessions)
        {
            attempts.Add((await _nodes[2].SummaryAsync(id)).Attempt);
        }
        return attempts;
    }

    private static bool IsUp(Recorder.Cluster.Membership.FarmMember member) => member.Status == "Up";

    private async Task<TestNode> StartAsync(int number, TestFolder folder, params int[] seeds)
    {
        var named = seeds.Length > 0 ? seeds : new[] { 0, 1 };
        _ledger.NodeComes($"akka.tcp://recorder@127.0.0.1:{_ports[number]}", 4);
        var node = await TestNode.StartAsync(
            folder,
            new SimulatedMedia(folder.Records) { Ledger = _ledger },
            options =>
            {
                options.Database = new DatabaseOptions
                {
                    ConnectionString = TestPostgres.ConnectionBy(postgres.Port, database: _database),
                };
                options.Remoting.Port = _ports[number];
                options.SeedNodes = string.Join(", ", named.Select(seed => $"127.0.0.1:{_ports[seed]}"));
                options.Placement = new PlacementOptions
                {
                    Sessions = 4,
                    ReportInterval = TimeSpan.FromSeconds(1),
                    RejoinGrace = TimeSpan.FromSeconds(3),
                };
                options.Failover = new FailoverOptions
                {
                    HeartbeatInterval = TimeSpan.FromMilliseconds(500),
                    StableAfter = TimeSpan.FromSeconds(2),
                    RemovalMargin = TimeSpan.FromMilliseconds(200),
                };
            }
        );
        _nodes.Add(node);
        if (seeds.Length == 0 || seeds[0] == 0)
        {
            await node.MembersAsync("up", farm => farm.Members.Any(one => one.Node == node.Address && IsUp(one)));
        }
        return node;
    }
}
