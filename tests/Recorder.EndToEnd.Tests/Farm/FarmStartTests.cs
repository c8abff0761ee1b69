using System.Net;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>How a farm comes together, and many starts at once on all its edges.</summary>
public sealed class FarmStartTests(PagesFixture fixture, ITestOutputHelper output) : FarmTest(fixture, output)
{
    [Fact]
    public async Task Starts_at_once_fill_the_farm_and_no_node_beyond_its_capacity_and_the_death_of_an_edge_harms_no_session()
    {
        var farm = await PrepareFarmAsync(["recorder, edge", "recorder", "edge"], sessions: 1);
        var (first, onlyEdge) = (farm.Nodes[0], farm.Nodes[2]);

        // The last of the list may not begin a farm by itself.
        onlyEdge.Launch();
        await Eventually.BeAsync(
            "the node that finds no seed node is alive",
            ResumeLimit,
            () => onlyEdge.Api.IsAliveAsync()
        );
        var unready = await onlyEdge.Api.SendAsync(HttpMethod.Get, "/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unready.Status);
        Tell($"not ready: {unready.Body}");
        await first.StartAsync();
        await farm.Nodes[1].StartAsync();
        await Eventually.BeAsync("the node has found its farm", ResumeLimit, () => onlyEdge.Api.IsReadyAsync());
        await farm.SeeAllAsync();
        foreach (var node in farm.Nodes)
        {
            var memory = node.ResidentMegabytes();
            Tell($"{node.Name} without a session: {memory:0.0} MB");
            // The node that carries placement and read model takes some 20 MB more than a farm of one.
            Assert.InRange(memory, 20, 230);
        }

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(index => (index % 2 == 0 ? first : onlyEdge).Api.TryStartAsync(Clock()))
        );
        var refused = answers.Where(answer => answer.Status != HttpStatusCode.OK).ToList();
        var ids = answers
            .Where(answer => answer.Status == HttpStatusCode.OK)
            .Select(answer => answer.Read<StartAnswer>().Id)
            .Order()
            .ToList();
        Tell(
            $"six starts at once, the slowest answered after {answers.Max(answer => (answer.Answered - answer.Called).TotalSeconds):0.0} s"
        );
        Assert.Equal(2, ids.Distinct().Count());
        Assert.Equal(4, refused.Count);
        Assert.All(refused, answer => Assert.Equal("at_capacity", answer.ReadError().Code));
        var sessions = new List<SessionDetails>();
        foreach (var id in ids)
        {
            sessions.Add(await onlyEdge.Api.SessionAsync(id));
        }
        Assert.Equal([1, 1], sessions.GroupBy(session => session.Node).Select(node => node.Count()));

        await onlyEdge.KillAsync();
        await RecordForAsync(12);
        foreach (var id in ids)
        {
            await first.Api.StopAsync(id);
            var session = await first.Api.SessionAsync(id);
            Assert.Equal(1, session.Attempt);
            Assert.Empty(session.Gaps);
            Assert.Single(await ReadAsync(session));
        }
    }
}
