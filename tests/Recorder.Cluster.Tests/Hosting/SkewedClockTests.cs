using Akka.Actor;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Hosting;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting.Driver;

namespace Recorder.Cluster.Tests.Hosting;

/// <summary>A farm one of whose hosts has a clock that is set wrong.</summary>
[Trait("ring", "farm")]
public sealed class SkewedClockTests : IAsyncLifetime, IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly MediaLedger _ledger = new();
    private readonly List<TestNode> _nodes = [];
    private readonly int _seedPort = LoopbackPort.Free();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(11)]
    [InlineData(-60)]
    public async Task A_session_goes_on_by_the_clock_of_the_database_on_a_host_whose_own_clock_is_wrong(int minutes)
    {
        var right = await StartAsync(_seedPort, TimeSpan.Zero);
        var wrong = await StartAsync(LoopbackPort.Free(), TimeSpan.FromMinutes(minutes));
        await CapacitiesAsync(wrong, 2);
        SessionId id;
        do
        {
            id = await wrong.RecordAsync();
        } while ((await wrong.SummaryAsync(id)).Node != right.Address);

        _ledger.NodeDies(right.Address);
        await right.KillAsync();
        var resumed = await wrong.SummaryAsync(
            id,
            "recorded on the host whose clock is wrong",
            summary => summary is { Running: true, Records: [_, { OpenedAt: not null }] } or { Running: false }
        );

        Assert.Equal((SessionPhase.Recording, 2), (resumed.Phase, resumed.Attempt));
        var gap = Assert.Single(resumed.Gaps);
        Assert.InRange(gap.To!.Value - gap.From, TimeSpan.FromMilliseconds(100), TestNode.FarmLimit);
        Assert.Empty(_ledger.Broken);
    }

    private async Task<TestNode> StartAsync(int port, TimeSpan ahead)
    {
        _ledger.NodeComes($"akka.tcp://recorder@127.0.0.1:{port}", 4);
        var host = new SkewedClock(ahead);
        var clock = new FarmClock(host);

        // As the database's answer at the start has it.
        clock.Hear(TimeProvider.System.GetUtcNow(), clock.GetTimestamp(), clock.GetTimestamp());
        var node = await TestNode.StartAsync(
            _folder,
            new SimulatedMedia(_folder.Records) { Ledger = _ledger, Clock = host },
            options =>
            {
                options.SeedNodes = $"127.0.0.1:{_seedPort}";
                options.Remoting.Port = port;
                options.Placement.ReportInterval = TimeSpan.FromSeconds(1);
                options.Placement.SilenceLimit = TimeSpan.FromSeconds(4);
                options.Failover = new FailoverOptions
                {
                    HeartbeatInterval = TimeSpan.FromMilliseconds(500),
                    HeartbeatPause = TimeSpan.FromSeconds(4),
                    StableAfter = TimeSpan.FromSeconds(2),
                    RemovalMargin = TimeSpan.FromMilliseconds(200),
                };
            },
            clock: clock
        );
        _nodes.Add(node);
        await node.MembersAsync(
            "joined",
            members => members.Members.Exists(member => member.Node == node.Address && member.Status == "Up")
        );
        return node;
    }

    private static async Task CapacitiesAsync(TestNode node, int count)
    {
        var since = TimeProvider.System.GetTimestamp();
        while ((await node.Placement.Ask<Pressure>(new FindPressure(), TestNode.Limit)).Nodes.Count < count)
        {
            if (TimeProvider.System.GetElapsedTime(since) > TestNode.FarmLimit)
            {
                throw new TimeoutException($"Not every one of {count} nodes told its capacity.");
            }
            await Task.Delay(20);
        }
    }
}
