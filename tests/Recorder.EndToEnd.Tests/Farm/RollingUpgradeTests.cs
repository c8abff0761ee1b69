using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>
/// Three nodes are replaced one by one by nodes of a release after this one, while six sessions record, and back. The
/// next release is this build with a field more in every message and event (<see cref="NextBuild"/>).
/// </summary>
public sealed class RollingUpgradeTests(PagesFixture fixture, ITestOutputHelper output) : FarmTest(fixture, output)
{
    private const int Sessions = 6;

    [Fact]
    public async Task Three_nodes_are_replaced_one_by_one_and_back_while_six_sessions_record_and_no_picture_is_missing()
    {
        using var next = await NextBuild.MakeAsync();
        var farm = await StartFarmAsync(ThreeNodes, Sessions);
        var started = new List<StartedSession>();
        while (started.Count < Sessions)
        {
            started.Add(
                await farm.Nodes[0].Api.StartAsync(Clock() with { Framerate = 10 })
            );
        }
        await CheckAsync(farm, next.Executable, 0, "One node may be replaced now.");

        foreach (var node in farm.Nodes)
        {
            await ReplaceAsync(farm, node, next.Executable, started);
        }
        await CheckAsync(farm, next.Executable, 0, "Every node runs this version.");
        await CheckAsync(farm, RecorderNode.Executable, 0, "One node may be replaced now.");
        await ReplaceAsync(farm, farm.Nodes[1], null, started);

        var edge = farm.Nodes[2];
        foreach (var session in started)
        {
            await edge.Api.StopAsync(session.Id);
        }
        foreach (var session in await SessionsAsync(edge, started))
        {
            Assert.InRange(session.Attempt, 2, 5);
            await AssertHandedOverAsync(session, session.Attempt);
        }
    }

    /// <summary>Ends a node with SIGTERM, and starts the node again as another build.</summary>
    private async Task ReplaceAsync(
        RecorderFarm farm,
        RecorderNode node,
        string? build,
        IReadOnlyList<StartedSession> started
    )
    {
        var asked = TimeProvider.System.GetTimestamp();
        Assert.Equal(0, await node.TerminateAsync(TimeSpan.FromSeconds(150)));
        Tell($"{node.Name} has left after {TimeProvider.System.GetElapsedTime(asked).TotalSeconds:0.0} s");
        node.Build = build;
        await node.StartAsync();
        await farm.SeeAllAsync();
        foreach (var session in started)
        {
            await farm
                .Other(node)
                .Api.SeeSessionInFarmAsync(
                    session.Id,
                    "it records, and every record but the growing one is finished",
                    ResumeLimit,
                    now =>
                        now.State == "recording"
                        && now.Records.SkipLast(1).All(record => record is { Finished: true, Repaired: false })
                );
        }
    }

    private async Task CheckAsync(RecorderFarm farm, string executable, int exitCode, string last)
    {
        var told = await ToolRun.RunAsync(
            executable,
            "cluster",
            "upgrade-check",
            "--url",
            farm.Nodes[0].Address.ToString()
        );
        Tell($"{told.Output}{told.Errors}");
        Assert.Equal(exitCode, told.ExitCode);
        Assert.Contains(last, told.Output, StringComparison.Ordinal);
    }
}
