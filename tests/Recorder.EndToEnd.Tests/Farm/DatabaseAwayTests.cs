using System.Net;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>The farm's PostgreSQL does not answer for a while (connections stay open), and then is gone for a while (connections are refused).</summary>
public sealed class DatabaseAwayTests(PagesFixture fixture, ITestOutputHelper output) : FarmTest(fixture, output)
{
    private const double Away = 20;

    [Fact]
    public async Task Recordings_do_not_notice_that_the_database_is_away_and_commands_wait_or_are_answered_503()
    {
        var farm = await StartFarmAsync(["recorder, edge", "recorder, edge"], sessions: 2);
        var (one, other) = (farm.Nodes[0], farm.Nodes[1]);
        IReadOnlyList<StartedSession> started = [await one.Api.StartAsync(Clock()), await one.Api.StartAsync(Clock())];
        await RecordForAsync(3);

        farm.Database.Freeze();
        var refused = await other.Api.TryStartAsync(Clock());
        Tell($"a start while the database is frozen: {(int)refused.Status} after {(refused.Answered - refused.Called).TotalSeconds:0.0} s: {refused.Body}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        await RecordForAsync(Away);
        farm.Database.Thaw();
        await SeeStartableAsync(other);

        await farm.Database.StopAsync();
        await RecordForAsync(Away);
        Assert.All(await SessionsAsync(one, started), session => Assert.Equal("recording", session.State));
        await farm.Database.StartServerAsync();
        await SeeStartableAsync(other);

        foreach (var session in started)
            await other.Api.StopAsync(session.Id);
        foreach (var session in await SessionsAsync(one, started))
        {
            Assert.Equal(1, session.Attempt);
            Assert.Empty(session.Gaps);
            Assert.Empty(session.Faults);
            var track = Assert.Single(await ReadAsync(session));
            Tell($"session {session.Id}: {track.Missing} of {track.Numbers.Count + track.Missing} pictures missing");
            Assert.True((track.Last - track.First).TotalSeconds > 2 * Away + 3, $"The record is {track.Last - track.First} long.");
            Assert.InRange(track.Missing / (double)(track.Numbers.Count + track.Missing), 0, 0.2);
        }
    }

    /// <summary>Starts a session as soon as the farm takes one, and stops it: an id is never given twice.</summary>
    private async Task SeeStartableAsync(RecorderNode edge)
    {
        var known = (await SeeStatusAsync(edge)).Select(entry => entry.Id).ToHashSet();
        var last = "";
        var started = await Eventually.SeeAsync("a session starts again", ResumeLimit, async () =>
        {
            var answer = await edge.Api.TryStartAsync(Clock());
            last = answer.Body;
            return answer.Status == HttpStatusCode.OK ? answer.Read<StartAnswer>() : null;
        }, () => last);
        Assert.DoesNotContain(started.Id, known);
        await edge.Api.StopAsync(started.Id);
    }

    private static Task<IReadOnlyList<StatusEntry>> SeeStatusAsync(RecorderNode edge) => Eventually.SeeAsync("the list of sessions", ResumeLimit, async () =>
    {
        var answer = await edge.Api.SendAsync(HttpMethod.Get, "/api/status");
        return answer.Status == HttpStatusCode.OK ? answer.Read<IReadOnlyList<StatusEntry>>() : null;
    });
}
