using System.Net;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>One node's way to the database loses every packet: nothing is refused, nothing is closed. The node runs
/// with the default times.</summary>
public sealed class SilentDatabaseTests(PagesFixture fixture, ITestOutputHelper output) : FarmTest(fixture, output)
{
    /// <summary>How soon the loss must be seen everywhere.</summary>
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task The_node_says_so_within_5_s_records_on_takes_no_start_and_holds_no_slot_of_one_afterwards()
    {
        var farm = await StartFarmAsync(["recorder, edge", "recorder, edge"], sessions: 3, ways: true);
        var (edge, lost) = (farm.Nodes[0], farm.Nodes[1]);
        var started = await StartOnEachAsync(farm, edge, Clock());
        var own = (await SessionsAsync(edge, started)).Single(session => session.Node == lost.Name);

        // One start falls on either node before the loss is noticed.
        var cut = TimeProvider.System.GetTimestamp();
        farm.Ways[1].Silence();
        var atTheCut = new[] { edge.Api.TryStartAsync(Clock()), edge.Api.TryStartAsync(Clock()) };
        await Task.WhenAll(
            SeenAsync("the pressure", cut, async () => (await PressureOf(edge, lost))?.Reason is not null),
            SeenAsync(
                "the node's readiness",
                cut,
                async () =>
                {
                    var ready = await lost.Api.SendAsync(HttpMethod.Get, "/health/ready");
                    return ready.Status == HttpStatusCode.ServiceUnavailable
                        && ready.Body.Contains("does not answer this node", StringComparison.Ordinal);
                }
            ),
            SeenAsync(
                "the node's metrics",
                cut,
                async () =>
                    (await lost.Api.SendAsync(HttpMethod.Get, "/metrics")).Body.Contains(
                        "recorder_node_closed{reason=\"database\"} 1",
                        StringComparison.Ordinal
                    )
            )
        );

        var others = new List<int>();
        foreach (var answer in await Task.WhenAll(atTheCut))
        {
            Tell($"a start at the cut: {(int)answer.Status} after {(answer.Answered - answer.Called).TotalSeconds:0.0} s");
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            others.Add(answer.Read<StartAnswer>().Id);
        }
        foreach (var id in others)
        {
            await edge.Api.SeeSessionInFarmAsync(
                id,
                "it records on the other node",
                ResumeLimit,
                session => session.State == "recording" && session.Node == edge.Name
            );
        }
        Assert.Equal("recording", (await edge.Api.SessionAsync(own.Id)).State);

        farm.Ways[1].Mend();
        await Eventually.BeAsync(
            "the node is open again and holds its own session alone",
            ResumeLimit,
            async () => await PressureOf(edge, lost) is { Reason: null, Running: 1 } && await lost.Api.IsReadyAsync()
        );
        await RecordForAsync(2);
        foreach (var id in others.Concat(started.Select(session => session.Id)))
        {
            await edge.Api.StopAsync(id);
        }
        var stopped = await edge.Api.SessionAsync(own.Id);
        Assert.Equal((1, lost.Name), (stopped.Attempt, stopped.Node));
        Assert.Empty(stopped.Gaps);
        Assert.Empty(stopped.Faults);
        Assert.Single(await ReadAsync(stopped));
    }

    private static async Task<NodePressure?> PressureOf(RecorderNode asked, RecorderNode node)
    {
        var answer = await asked.Api.SendAsync(HttpMethod.Get, "/api/pressure");
        return answer.Status == HttpStatusCode.OK
            ? answer.Read<PressureAnswer>().Nodes.FirstOrDefault(known => known.Node == node.Name)
            : null;
    }

    private async Task SeenAsync(string where, long since, Func<Task<bool>> seen)
    {
        await Eventually.BeAsync($"{where} tells of the loss", ResumeLimit, seen);
        var after = TimeProvider.System.GetElapsedTime(since);
        Tell($"{where} tells of the loss after {after.TotalSeconds:0.0} s");
        Assert.InRange(after, TimeSpan.Zero, Noticed);
    }
}
