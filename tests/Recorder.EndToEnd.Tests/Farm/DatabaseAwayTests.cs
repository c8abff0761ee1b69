using System.Net;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>The farm's PostgreSQL is away for a minute: at first it does not answer (connections stay open), then it is
/// gone (connections are refused).</summary>
public sealed class DatabaseAwayTests(PagesFixture fixture, ITestOutputHelper output) : FarmTest(fixture, output)
{
    private const double Frozen = 20;
    private const double Gone = 40;

    [Fact]
    public async Task Recordings_do_not_notice_that_the_database_is_away_for_60_s_and_commands_wait_or_are_answered_503()
    {
        var farm = await StartFarmAsync(["recorder, edge", "recorder, edge"], sessions: 2);
        var (one, other) = (farm.Nodes[0], farm.Nodes[1]);
        IReadOnlyList<StartedSession> started = [await one.Api.StartAsync(Clock()), await one.Api.StartAsync(Clock())];
        await RecordForAsync(3);

        var away = TimeProvider.System.GetUtcNow();
        farm.Database.Freeze();
        var refused = await other.Api.TryStartAsync(Clock());
        Tell(
            $"a start while the database is frozen: {(int)refused.Status} after {(refused.Answered - refused.Called).TotalSeconds:0.0} s: {refused.Body}"
        );
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        await RecordUntilAsync(away, Frozen);
        await farm.Database.StopFrozenAsync();
        Assert.All(await SessionsAsync(one, started), session => Assert.Equal("recording", session.State));
        await RecordUntilAsync(away, Frozen + Gone / 2);
        var stopping = one.Api.StopAsync(started[0].Id);
        await RecordUntilAsync(away, Frozen + Gone);
        Assert.Equal("recording", (await one.Api.SessionAsync(started[1].Id)).State);
        Assert.All(farm.Nodes, node => Assert.NotNull(node.ProcessId));

        await farm.Database.StartServerAsync();
        var stopped = await stopping;
        Tell(
            $"a stop while the database is gone is answered after {(stopped.Answered - stopped.Called).TotalSeconds:0.0} s, {(stopped.Answered - away).TotalSeconds:0.0} s after it went away"
        );
        await SeeStartableAsync(other);
        await other.Api.StopAsync(started[1].Id);
        await farm.SeeAllAsync();

        // The first one was stopped in the middle of it, the second one after it.
        foreach (var (session, least) in (await SessionsAsync(one, started)).Zip([Frozen + Gone / 2, Frozen + Gone]))
        {
            Assert.Equal(("stopped", 1), (session.State, session.Attempt));
            Assert.Empty(session.Gaps);
            Assert.Empty(session.Faults);
            var track = Assert.Single(await ReadAsync(session));
            Tell(
                $"session {session.Id}: {track.Missing} of {track.Numbers.Count + track.Missing} pictures missing in {(track.Last - track.First).TotalSeconds:0.0} s"
            );
            Assert.True(
                (track.Last - track.First).TotalSeconds > least,
                $"The record is {track.Last - track.First} long."
            );
            Assert.InRange(track.Missing / (double)(track.Numbers.Count + track.Missing), 0, 0.2);
        }

        Assert.All(
            farm.Nodes,
            node =>
                Assert.DoesNotContain(node.LogLines(), line => line.Contains("is given up", StringComparison.Ordinal))
        );
    }

    /// <summary>Lets recordings run until a moment is some seconds ago.</summary>
    private static Task RecordUntilAsync(DateTimeOffset moment, double seconds) =>
        RecordForAsync(Math.Max(0, seconds - (TimeProvider.System.GetUtcNow() - moment).TotalSeconds));

    /// <summary>Starts a session as soon as the farm takes one, and stops it: an id is never given twice.</summary>
    private async Task SeeStartableAsync(RecorderNode edge)
    {
        var known = (await SeeStatusAsync(edge)).Select(entry => entry.Id).ToHashSet();
        var last = "";
        var started = await Eventually.SeeAsync(
            "a session starts again",
            ResumeLimit,
            async () =>
            {
                var answer = await edge.Api.TryStartAsync(Clock());
                last = answer.Body;
                return answer.Status == HttpStatusCode.OK ? answer.Read<StartAnswer>() : null;
            },
            () => last
        );
        Assert.DoesNotContain(started.Id, known);
        await edge.Api.StopAsync(started.Id);
    }

    private static Task<IReadOnlyList<StatusEntry>> SeeStatusAsync(RecorderNode edge) =>
        Eventually.SeeAsync(
            "the list of sessions",
            ResumeLimit,
            async () =>
            {
                var answer = await edge.Api.SendAsync(HttpMethod.Get, "/api/status");
                return answer.Status == HttpStatusCode.OK ? answer.Read<IReadOnlyList<StatusEntry>>() : null;
            }
        );
}
