using Akka.Actor;
using Microsoft.Data.Sqlite;
using Recorder.Cluster.Database;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Serialization;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting.Driver;
using Recorder.NextBuild;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>
/// A farm of three nodes in this process whose nodes are replaced one by one by nodes of another build. The other build
/// is that of the next protocol: it has a field more in every object (<see cref="NextWire"/>).
/// </summary>
[Trait("ring", "farm")]
public sealed class RollingUpgradeTests : IAsyncLifetime, IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly MediaLedger _ledger = new();
    private readonly int[] _ports = [LoopbackPort.Free(), LoopbackPort.Free(), LoopbackPort.Free()];
    private readonly Dictionary<int, TestNode> _nodes = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes.Values)
        {
            await node.DisposeAsync();
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Three_nodes_are_replaced_one_by_one_while_six_sessions_record_and_no_frame_is_missing(bool newer)
    {
        foreach (var port in _ports)
        {
            await StartAsync(port, next: !newer);
        }
        await KnowAsync(3);
        var started = new List<SessionId>();
        for (var count = 0; count < 6; count++)
        {
            started.Add(await _nodes[_ports[0]].RecordAsync());
        }

        foreach (var port in _ports)
        {
            await _nodes[port].ShutDownAsync();
            _nodes.Remove(port);
            await KnowAsync(2);
            await StartAsync(port, next: newer);
            await KnowAsync(3);
        }

        var node = _nodes[_ports[0]];
        Assert.Empty(_ledger.Broken);
        foreach (var id in started)
        {
            var session = await node.SummaryAsync(
                id,
                "recording with every earlier record finished",
                now => now.Phase == SessionPhase.Recording && now.Records.SkipLast(1).All(record => record.Finished)
            );
            Assert.Empty(session.Gaps);
            Assert.Empty(session.Faults);
            Assert.InRange(session.Records.Count, 2, 4);
            foreach (var (record, following) in session.Records.Zip(session.Records.Skip(1)))
            {
                Assert.True(
                    following.OpenedAt <= EndOf(record),
                    $"{following.Path} began after the end of {record.Path}."
                );
            }
            Assert.IsType<StopDone>(await node.StopAsync(id));
        }
        Assert.InRange(Count($"instr(cast(message AS TEXT), '{NextWire.Field}') > 0"), 1, int.MaxValue);
        Assert.InRange(Count($"instr(cast(message AS TEXT), '{NextWire.Field}') = 0"), 1, int.MaxValue);
        Assert.Equal(0, Count("manifest LIKE '%;needs=%'"));
    }

    [Fact]
    public async Task After_the_downgrade_window_the_newer_form_is_written_and_the_older_build_refuses_the_database()
    {
        await StartAsync(_ports[0], next: true, TimeSpan.Zero);
        Assert.Equal(NextWire.Protocol.Speaks, await AgreedAsync(_ports[0], NextWire.Protocol.Speaks));
        await KnowAsync(1);
        Assert.IsType<StopDone>(await _nodes[_ports[0]].StopAsync(await _nodes[_ports[0]].RecordAsync()));
        Assert.InRange(Count($"manifest LIKE '%;needs={NextWire.Protocol.Speaks}'"), 1, int.MaxValue);

        var error = await Assert.ThrowsAsync<DatabaseUnusableException>(() =>
            StartNodeAsync(_ports[1], next: false, TimeSpan.Zero)
        );
        Assert.Contains($"(protocol {NextWire.Protocol.Speaks})", error.Message, StringComparison.Ordinal);
        Assert.Contains("Start that version", error.Message, StringComparison.Ordinal);

        // The next life writes the newer form from its first moment.
        await _nodes[_ports[0]].ShutDownAsync();
        await using var again = await StartNodeAsync(_ports[0], next: true, TimeSpan.FromHours(1));
        Assert.True(NodeProtocol.Of(again.System).Gate.Allows(NextWire.Protocol.Speaks));
        Assert.Equal(SessionPhase.Stopped, Assert.Single(await again.ListAsync()).Phase);
    }

    [Fact]
    public async Task While_an_older_node_is_in_the_farm_the_older_form_is_written()
    {
        await StartAsync(_ports[0], next: false, TimeSpan.Zero);
        await StartAsync(_ports[1], next: true, TimeSpan.Zero);
        await KnowAsync(2);
        Assert.IsType<StopDone>(await _nodes[_ports[1]].StopAsync(await _nodes[_ports[1]].RecordAsync()));
        Assert.Equal(0, Count("manifest LIKE '%;needs=%'"));
        Assert.Equal(1, await AgreedAsync(_ports[1], 1));

        await _nodes[_ports[0]].ShutDownAsync();
        _nodes.Remove(_ports[0]);
        Assert.Equal(NextWire.Protocol.Speaks, await AgreedAsync(_ports[1], NextWire.Protocol.Speaks));
    }

    private async Task<int> AgreedAsync(int port, int protocol) =>
        (
            await _nodes[port].MembersAsync($"writing protocol {protocol}", members => members.Agreed == protocol)
        ).Agreed;

    /// <summary>Waits until that many nodes are members, and can be given sessions.</summary>
    private async Task KnowAsync(int count)
    {
        foreach (var node in _nodes.Values)
        {
            await node.MembersAsync(
                $"{count} nodes",
                members => members.Members.Count == count && members.Members.TrueForAll(member => member.Status == "Up")
            );
        }
        var since = TimeProvider.System.GetTimestamp();
        while (await PlacesAsync() != count)
        {
            if (TimeProvider.System.GetElapsedTime(since) > TestNode.FarmLimit)
            {
                throw new TimeoutException($"The placement did not know {count} nodes.");
            }
            await Task.Delay(20);
        }
    }

    /// <summary>How many nodes the placement knows; 0 when the question was lost while the placement moved.</summary>
    private async Task<int> PlacesAsync()
    {
        try
        {
            return (
                await _nodes.Values.First().Placement.Ask<Pressure>(new FindPressure(), TimeSpan.FromSeconds(3))
            ).Nodes.Count;
        }
        catch (AskTimeoutException)
        {
            return 0;
        }
    }

    private async Task StartAsync(int port, bool next, TimeSpan? window = null)
    {
        var node = await StartNodeAsync(port, next, window);
        _nodes[port] = node;
        await node.MembersAsync(
            "joined",
            members => members.Members.Exists(member => member.Node == node.Address && member.Status == "Up")
        );
    }

    private async Task<TestNode> StartNodeAsync(int port, bool next, TimeSpan? window)
    {
        _ledger.NodeComes($"akka.tcp://recorder@127.0.0.1:{port}", 4);
        return await TestNode.StartAsync(
            _folder,
            new SimulatedMedia(_folder.Records) { Ledger = _ledger },
            options =>
            {
                options.Wire = next ? NextWire.Create() : new WireSetup(WireProtocol.OfThisBuild);
                options.DowngradeWindow = window ?? TimeSpan.FromHours(1);
                options.Remoting.Port = port;
                options.SeedNodes = string.Join(", ", _ports.Select(seed => $"127.0.0.1:{seed}"));
                options.Failover = new FailoverOptions
                {
                    HeartbeatInterval = TimeSpan.FromMilliseconds(500),
                    HeartbeatPause = TimeSpan.FromSeconds(4),
                    StableAfter = TimeSpan.FromSeconds(2),
                    RemovalMargin = TimeSpan.FromMilliseconds(200),
                };
            }
        );
    }

    /// <summary>When a simulated record was ended, as the line before its last tells.</summary>
    private static DateTimeOffset EndOf(RecordSummary record) =>
        DateTimeOffset.Parse(File.ReadAllLines(record.Path)[^2], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Counts the events of the journal for which something is true.</summary>
    private int Count(string condition)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is this test's own.
        command.CommandText = $"SELECT count(*) FROM journal WHERE {condition}";
#pragma warning restore CA2100
        return Convert.ToInt32(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
