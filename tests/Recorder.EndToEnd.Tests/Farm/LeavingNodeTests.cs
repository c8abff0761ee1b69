using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>SIGTERM to a node of a farm that has room.</summary>
public sealed class LeavingNodeTests(PagesFixture fixture, ITestOutputHelper output) : FarmTest(fixture, output)
{
    [Fact]
    public async Task On_SIGTERM_a_node_finalises_its_records_and_its_sessions_go_on_elsewhere()
    {
        var farm = await StartFarmAsync(["recorder, edge", "recorder, edge"]);
        var (leaving, edge) = (farm.Nodes[0], farm.Nodes[1]);
        var started = await StartOnEachAsync(farm, edge, Clock());
        await RecordForAsync(4);
        var moved = Assert.Single(await SessionsAsync(edge, started), session => session.Node == leaving.Name);
        var asked = TimeProvider.System.GetUtcNow();
        var exitCode = await leaving.TerminateAsync(TimeSpan.FromSeconds(120));
        await leaving.SeeNoProcessAsync(TimeSpan.FromSeconds(10));
        var resumed = await edge.Api.SeeSessionInFarmAsync(
            moved.Id, "it records elsewhere", ResumeLimit,
            now => now.State == "recording" && now.Node == edge.Name && now.Records is [{ Finished: true, Repaired: false }, { OpenedAt: not null }]);
        Tell($"{(resumed.Records[1].OpenedAt - asked)!.Value.TotalSeconds:0.0} s from SIGTERM to the first new frame");
        await RecordForAsync(4);

        Assert.Equal(0, exitCode);
        Assert.Equal(2, resumed.Attempt);
        await StopAndAssertWholeAsync(edge, started, twice: TimeSpan.Zero);
    }
}
