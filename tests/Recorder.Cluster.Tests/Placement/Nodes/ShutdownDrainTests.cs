using Akka.Actor;
using Recorder.Cluster.Placement;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Placement.Nodes;

/// <summary>What a node does first when it is told to stop.</summary>
[Trait("ring", "farm")]
public sealed class ShutdownDrainTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_node_takes_no_start_and_hands_its_sessions_over_while_a_slow_part_of_it_has_not_ended()
    {
        var http = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var port = LoopbackPort.Free();
        await using var first = await StartAsync(port, port);
        await using var second = await StartAsync(0, port, http.Task);
        await CapacitiesAsync(first, 2);
        List<SessionId> ids = [await first.RecordAsync(), await first.RecordAsync()];
        var there = await Task.WhenAll(ids.Select(first.SummaryAsync));
        var moved = there.Single(session => session.Node == second.Address).Id;

        var stopped = second.ShutDownAsync();
        await PressureAsync(first, node => node.Node == second.Address && node.Reason is not null);
        var started = await first.RecordAsync();
        Assert.Equal(first.Address, (await first.SummaryAsync(started)).Node);
        var summary = await first.SummaryAsync(
            moved,
            "handed over",
            session => session is { Phase: SessionPhase.Recording, Attempt: 2 }
        );
        Assert.Equal((first.Address, 0), (summary.Node, summary.Gaps.Count));

        // The slow part has held up none of this.
        Assert.False(stopped.IsCompleted);
        http.SetResult();
        await stopped;
    }

    private Task<TestNode> StartAsync(int port, int seed, Task? slowPart = null) =>
        TestNode.StartAsync(
            _folder,
            new SimulatedMedia(_folder.Records),
            options =>
            {
                options.Remoting.Port = port;
                options.SeedNodes = $"127.0.0.1:{seed}";
            },
            slowPart: slowPart
        );

    private static Task CapacitiesAsync(TestNode node, int count) =>
        PressureAsync(node, count, known => known.Reason is null);

    private static Task PressureAsync(TestNode node, Predicate<NodePressure> expected) =>
        PressureAsync(node, 1, expected);

    private static async Task PressureAsync(TestNode node, int count, Predicate<NodePressure> expected)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var pressure = await node.Placement.Ask<Pressure>(new FindPressure(), TestNode.Limit);
            if (pressure.Nodes.FindAll(expected).Count >= count)
            {
                return;
            }
            if (TimeProvider.System.GetElapsedTime(since) > TestNode.Limit)
            {
                throw new TimeoutException($"The nodes were not as expected: {string.Join("; ", pressure.Nodes)}");
            }
            await Task.Delay(20);
        }
    }
}
