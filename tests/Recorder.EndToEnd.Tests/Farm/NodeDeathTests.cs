using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>kill -9 of a node in a farm of three: what it recorded goes on elsewhere.</summary>
public sealed class NodeDeathTests(PagesFixture fixture, ITestOutputHelper output) : FarmTest(fixture, output)
{
    /// <summary>How much of a record's end may be missing: what the worker had not written when its node died.</summary>
    private static readonly TimeSpan LostAtMost = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_session_outlives_the_death_of_a_worker_node_and_of_the_oldest_node()
    {
        var farm = await StartFarmAsync(ThreeNodes);
        var (oldest, youngest) = (farm.Nodes[0], farm.Nodes[2]);
        var started = new List<StartedSession>();
        for (var session = 0; session < 3; session++)
            started.Add(await farm.Nodes[1].Api.StartAsync(Clock()));
        Assert.Equal([1, 2, 3], started.Select(session => session.Id));
        var sessions = await SessionsAsync(farm.Nodes[1], started);
        Assert.Equal(farm.Nodes.Select(node => node.Name).Order(StringComparer.Ordinal), sessions.Select(session => session.Node).Order(StringComparer.Ordinal));

        await RecordForAsync(4);
        await KillAndSeeResumedAsync(farm, youngest, started);
        await youngest.StartAsync();
        await farm.SeeAllAsync();
        await SeeRepairedAsync(farm.Nodes[1], started);

        await KillAndSeeResumedAsync(farm, oldest, started);
        var next = await farm.Nodes[1].Api.StartAsync(Clock());
        Assert.Equal(4, next.Id);
        await oldest.StartAsync();
        await farm.SeeAllAsync();
        await SeeRepairedAsync(oldest, started);

        foreach (var session in started.Append(next))
            await youngest.Api.StopAsync(session.Id);
        foreach (var session in await SessionsAsync(oldest, started))
            await AssertWholeAsync(session, started.Single(one => one.Id == session.Id));
    }

    private async Task KillAndSeeResumedAsync(RecorderFarm farm, RecorderNode victim, IReadOnlyList<StartedSession> started)
    {
        var edge = farm.Other(victim);
        var hit = (await SessionsAsync(edge, started)).Where(session => session.Node == victim.Name).ToList();
        Assert.NotEmpty(hit);
        var killed = await victim.KillAsync();
        foreach (var session in hit)
        {
            var resumed = await edge.Api.SeeSessionInFarmAsync(
                session.Id, $"it records again after {victim.Name} was killed", ResumeLimit,
                now => now.State == "recording" && now.Attempt == session.Attempt + 1 && now.Records[^1].OpenedAt > killed);
            Tell($"session {session.Id}: {(resumed.Records[^1].OpenedAt - killed)!.Value.TotalSeconds:0.0} s from kill -9 of its node to the first new frame");
            Assert.NotEqual(victim.Name, resumed.Node);
            Assert.Equal("node_lost", resumed.Gaps[^1].Code);
            Assert.InRange(resumed.Gaps[^1].From, killed - LostAtMost - TimeSpan.FromSeconds(5), killed + LostAtMost);
            Assert.Equal(resumed.Records[^1].OpenedAt, resumed.Gaps[^1].To);
        }

        await RecordForAsync(3);
    }

    private static async Task SeeRepairedAsync(RecorderNode edge, IReadOnlyList<StartedSession> started)
    {
        foreach (var session in started)
        {
            await edge.Api.SeeSessionInFarmAsync(
                session.Id, "every record but the growing one is finished", ResumeLimit,
                now => now.State == "recording" && now.Records.Take(now.Records.Count - 1).All(record => record.Finished));
        }
    }

    /// <summary>The records follow each other without overlap, and what is between them is the gaps that are listed.</summary>
    private async Task AssertWholeAsync(SessionDetails session, StartedSession started)
    {
        Assert.Equal("stopped", session.State);
        Assert.All(session.Records, record => Assert.True(record.Finished, $"{record.Path} is not finished."));
        Assert.Equal(session.Attempt, session.Records.Count);
        Assert.Equal(session.Records.Count - 1, session.Gaps.Count);
        var tracks = await ReadAsync(session);
        Assert.InRange(tracks[0].First, started.Called, started.Answered + TimeSpan.FromSeconds(1));
        for (var index = 0; index < session.Gaps.Count; index++)
        {
            var gap = session.Gaps[index];
            Tell($"session {session.Id}: gap of {(gap.To - gap.From)!.Value.TotalSeconds:0.0} s listed, {(tracks[index + 1].First - tracks[index].Last).TotalSeconds:0.0} s in the records");
            Assert.InRange(tracks[index].Last, gap.From - LostAtMost, gap.To!.Value);
            Assert.InRange(tracks[index + 1].First, gap.To!.Value - TimeSpan.FromSeconds(1), gap.To.Value + TimeSpan.FromSeconds(1.5));
        }

        Assert.All(tracks, track => Assert.InRange(track.Missing / (double)(track.Numbers.Count + track.Missing), 0, 0.2));
    }

    private static async Task<IReadOnlyList<SessionDetails>> SessionsAsync(RecorderNode edge, IReadOnlyList<StartedSession> started)
    {
        var sessions = new List<SessionDetails>();
        foreach (var session in started)
            sessions.Add(await edge.Api.SessionAsync(session.Id));
        return sessions;
    }
}
