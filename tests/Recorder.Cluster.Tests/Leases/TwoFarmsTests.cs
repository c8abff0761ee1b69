using Dapper;
using Recorder.Cluster.Database;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;
using Recorder.Cluster.Tests.Journal;

namespace Recorder.Cluster.Tests.Leases;

/// <summary>One database never has two farms: a first seed that boots beside a farm it does not know begins no
/// other.</summary>
public sealed class TwoFarmsTests(TestPostgres postgres) : GrowingFarm, IClassFixture<TestPostgres>
{
    private readonly TestFolder _others = new();
    private readonly int[] _ports = [.. Enumerable.Range(0, 4).Select(_ => LoopbackPort.Free())];
    private string _database = "";

    public override async Task InitializeAsync()
    {
        _database = $"farms_{Guid.NewGuid():n}";
        await using var server = new FarmDatabase(
            new DatabaseOptions { ConnectionString = TestPostgres.ConnectionBy(postgres.Port) }
        );
        await using var connection = await server.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync($"CREATE DATABASE {_database}");
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _others.Dispose();
    }

    [Fact]
    public async Task A_first_seed_that_boots_while_the_other_seeds_are_away_takes_no_session_from_the_living_farm()
    {
        // The seeds are nodes 0 and 1. Node 1 is off for maintenance, node 0 loses its power and its disk, and the
        // others go on.
        for (var number = 0; number < 4; number++)
        {
            await StartNodeAsync(number, Folder);
        }
        var sessions = new List<SessionId>();
        for (var count = 0; count < 4; count++)
        {
            sessions.Add(await Nodes[2].RecordAsync());
        }
        await Nodes[1].ShutDownAsync();
        Ledger.NodeDies(Nodes[1].Address);
        await Nodes[2].MembersAsync("of three", farm => farm.Members.Count == 3);
        Ledger.NodeDies(Nodes[0].Address);
        await Nodes[0].KillAsync();
        Directory.Delete(Path.Join(Folder.Root, $"data-{_ports[0]}"), recursive: true);
        string[] rest = [Nodes[2].Address, Nodes[3].Address];
        foreach (var id in sessions)
        {
            await Nodes[2]
                .SummaryAsync(
                    id,
                    "recording on the nodes that are left",
                    session => session.Phase == SessionPhase.Recording && rest.Contains(session.Node)
                );
        }
        Ledger.Settle();
        var before = await AttemptsAsync(sessions);

        var back = await StartNodeAsync(0, Folder);

        // No seed knows the farm. The database knows its nodes.
        await back.MembersAsync("in the farm of the others", farm => farm.Members.Count(IsUp) == 3);
        Assert.Equal(before, await AttemptsAsync(sessions));
        Assert.Empty(Ledger.Broken);
    }

    [Fact]
    public async Task Two_farms_that_name_one_database_by_mistake_stay_one_farm_and_a_node_that_says_why()
    {
        await StartNodeAsync(0, Folder, 0);
        await StartNodeAsync(1, Folder, 0);
        var id = await Nodes[1].RecordAsync();

        // The other farm has another secret, so its first seed is let in by nobody.
        var other = await StartNodeAsync(2, _others, 2);
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
        Assert.Equal(1, (await Nodes[1].SummaryAsync(id)).Attempt);
        Assert.Empty(Ledger.Broken);
    }

    private async Task<List<int>> AttemptsAsync(List<SessionId> sessions)
    {
        var attempts = new List<int>();
        foreach (var id in sessions)
        {
            attempts.Add((await Nodes[2].SummaryAsync(id)).Attempt);
        }
        return attempts;
    }

    private static bool IsUp(Recorder.Cluster.Membership.FarmMember member) => member.Status == "Up";

    private async Task<TestNode> StartNodeAsync(int number, TestFolder folder, params int[] seeds)
    {
        var named = seeds.Length > 0 ? seeds : new[] { 0, 1 };
        var node = await StartAsync(
            _ports[number],
            options =>
            {
                options.Database = new DatabaseOptions
                {
                    ConnectionString = TestPostgres.ConnectionBy(postgres.Port, database: _database),
                };
                options.SeedNodes = string.Join(", ", named.Select(seed => $"127.0.0.1:{_ports[seed]}"));
                options.Placement = new PlacementOptions
                {
                    Sessions = 4,
                    ReportInterval = TimeSpan.FromSeconds(1),
                    RejoinGrace = TimeSpan.FromSeconds(3),
                };
            },
            folder
        );
        if (seeds.Length == 0 || seeds[0] == 0)
        {
            await UpAsync(node);
        }
        return node;
    }
}
