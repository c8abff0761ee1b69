using System.Net;
using Recorder.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Farm;

/// <summary>SIGTERM to a node of a farm that has room, and <c>recorder cluster drain</c>.</summary>
public sealed class LeavingNodeTests(PagesFixture fixture, ITestOutputHelper output) : FarmTest(fixture, output)
{
    [Fact]
    public async Task On_SIGTERM_a_node_hands_its_sessions_over_without_a_missing_picture()
    {
        var farm = await StartFarmAsync(["recorder, edge", "recorder, edge"]);
        var (leaving, edge) = (farm.Nodes[0], farm.Nodes[1]);
        var started = await StartOnEachAsync(farm, edge, Clock() with { Hls = true });
        var moved = Assert.Single(await SessionsAsync(edge, started), session => session.Node == leaving.Name);
        await using var viewer = await HlsViewer.StartAsync(edge.Api, moved.Id, ResumeLimit);
        var asked = TimeProvider.System.GetUtcNow();
        var exitCode = await leaving.TerminateAsync(TimeSpan.FromSeconds(120));
        await leaving.SeeNoProcessAsync(TimeSpan.FromSeconds(10));
        var resumed = await edge.Api.SeeSessionInFarmAsync(
            moved.Id,
            "it records elsewhere",
            ResumeLimit,
            now =>
                now.State == "recording"
                && now.Node == edge.Name
                && now.Records is [{ Finished: true, Repaired: false }, { OpenedAt: not null }]
        );
        Tell($"{(resumed.Records[1].OpenedAt - asked)!.Value.TotalSeconds:0.0} s from SIGTERM to the first new frame");
        await viewer.SeeNextRecordAsync(ResumeLimit);

        // What the node that has left holds is listed no more, and nothing else has another number.
        await viewer.AssertUnbrokenAsync();
        Assert.DoesNotContain("#EXT-X-MEDIA-SEQUENCE:0\n", viewer.Text, StringComparison.Ordinal);
        Assert.Contains("#EXT-X-DISCONTINUITY-SEQUENCE:1\n", viewer.Text, StringComparison.Ordinal);
        await AssertServesAsync(edge, moved.Id, viewer.Text);

        Assert.Equal(0, exitCode);
        foreach (var session in started)
        {
            await edge.Api.StopAsync(session.Id);
        }
        await AssertHandedOverAsync(await edge.Api.SessionAsync(moved.Id));
    }

    [Fact]
    public async Task A_slow_HTTP_client_holds_up_neither_the_hand_over_nor_the_end_of_starts()
    {
        var farm = await StartFarmAsync(["recorder, edge", "recorder, edge"], sessions: 5);
        var started = new List<StartedSession>();
        for (var count = 0; count < 3; count++)
        {
            started.Add(await farm.Nodes[0].Api.StartAsync(Clock()));
        }

        // The node with fewer sessions would get the next start.
        var sessions = await SessionsAsync(farm.Nodes[0], started);
        var leaving = farm.Nodes.MinBy(node => sessions.Count(session => session.Node == node.Name))!;
        var edge = farm.Nodes.Single(node => node != leaving);
        var moved = Assert.Single(sessions, session => session.Node == leaving.Name);
        await using var slow = await SlowCaller.CallAsync(leaving.Address);

        // The server sends slow clients away 5 s after it was told to stop.
        var asked = TimeProvider.System.GetUtcNow();
        var ending = leaving.TerminateAsync(TimeSpan.FromSeconds(150));
        await Eventually.BeAsync(
            "the farm gives the leaving node no start",
            TimeSpan.FromSeconds(10),
            async () =>
                (await edge.Api.SendAsync(HttpMethod.Get, "/api/pressure")) is { Status: HttpStatusCode.OK } answer
                && answer.Read<PressureAnswer>().Nodes.FirstOrDefault(node => node.Node == leaving.Name)
                    is null
                        or { Reason: not null }
        );
        Tell($"{(TimeProvider.System.GetUtcNow() - asked).TotalSeconds:0.0} s from SIGTERM to the end of starts");
        Assert.True(slow.Waits, $"The slow client was sent away before the node took no start: {slow.Answer}");
        var next = await edge.Api.StartAsync(Clock());
        Assert.Equal((edge.Name, 1), await PlaceAsync(edge, next.Id));
        var resumed = await edge.Api.SeeSessionInFarmAsync(
            moved.Id,
            "it records elsewhere",
            ResumeLimit,
            now => now.State == "recording" && now.Node == edge.Name && now.Records is [_, { OpenedAt: not null }]
        );
        Tell($"{(resumed.Records[1].OpenedAt - asked)!.Value.TotalSeconds:0.0} s from SIGTERM to the first new frame");

        await slow.DisposeAsync();
        Assert.Equal(0, await ending);
        foreach (var session in started.Append(next))
        {
            await edge.Api.StopAsync(session.Id);
        }
        await AssertHandedOverAsync(await edge.Api.SessionAsync(moved.Id));
    }

    private static async Task<(string Node, int Attempt)> PlaceAsync(RecorderNode edge, int session)
    {
        var known = await edge.Api.SessionAsync(session);
        return (known.Node, known.Attempt);
    }

    [Fact]
    public async Task A_drained_nodes_session_goes_on_elsewhere_without_a_missing_picture_and_called_back_the_node_takes_the_next_start()
    {
        var farm = await StartFarmAsync(["recorder, edge", "recorder, edge"]);
        var (drained, edge) = (farm.Nodes[0], farm.Nodes[1]);
        var moved = await StartOnAsync(drained, edge, Clock() with { Hls = true });
        await using var viewer = await HlsViewer.StartAsync(drained.Api, moved.Id, ResumeLimit);
        await RecordForAsync(4);

        var told = await RecorderNode.RunAsync(
            "cluster",
            "drain",
            drained.Name,
            "--limit",
            "80",
            "--url",
            edge.Address.ToString()
        );
        Tell($"recorder cluster drain: {told.Output.ReplaceLineEndings(", ")}{told.Errors}");
        Assert.Equal(0, told.ExitCode);
        Assert.Equal(
            [$"Draining {drained.Name}, which has 1 session", $"Draining {drained.Name}, which has 0 sessions"],
            told.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries)
        );
        await edge.Api.SeeSessionInFarmAsync(
            moved.Id,
            "it records on the other node",
            ResumeLimit,
            now =>
                now.State == "recording"
                && now.Node == edge.Name
                && now.Records is [{ Finished: true, Repaired: false }, { OpenedAt: not null }]
        );
        var stays = await edge.Api.StartAsync(Clock());
        Assert.Equal(edge.Name, (await edge.Api.SessionAsync(stays.Id)).Node);
        await RecordForAsync(4);

        // The segments before the hand-over are on one node, and those after it on the other. Either node serves all.
        await viewer.SeeNextRecordAsync(ResumeLimit);
        await viewer.AssertUnbrokenAsync();
        Assert.Contains("#EXT-X-DISCONTINUITY\n", viewer.Text, StringComparison.Ordinal);
        foreach (var node in farm.Nodes)
        {
            await AssertServesAsync(node, moved.Id, viewer.Text);
        }

        Assert.Equal(
            0,
            (
                await RecorderNode.RunAsync(
                    "cluster",
                    "drain",
                    drained.Name,
                    "--undo",
                    "--url",
                    drained.Address.ToString()
                )
            ).ExitCode
        );
        var next = await edge.Api.StartAsync(Clock());
        Assert.Equal(drained.Name, (await edge.Api.SessionAsync(next.Id)).Node);
        foreach (var session in new[] { moved, stays, next })
        {
            await edge.Api.StopAsync(session.Id);
        }
        var ended = await edge.Api.SessionAsync(moved.Id);
        await AssertHandedOverAsync(ended);

        // Each node has one of the records, and either node serves both as one file.
        var paths = new List<string>();
        foreach (var node in farm.Nodes)
        {
            paths.Add(ended.Records[0].Path + $".joined{paths.Count}");
            Assert.Equal(2, (await JoinedMedia.AssertAsync(node.Address, ended, paths[^1])).Count);
        }
        Assert.Equal(await File.ReadAllBytesAsync(paths[0]), await File.ReadAllBytesAsync(paths[1]));
    }

    /// <summary>Asks a node for each segment of a session's playlist.</summary>
    private static async Task AssertServesAsync(RecorderNode node, int session, string playlist)
    {
        foreach (var segment in playlist.Split('\n').Where(line => line.StartsWith("segment-", StringComparison.Ordinal)))
        {
            Assert.Equal(
                "video/mp2t",
                (await node.Api.SendAsync(HttpMethod.Get, $"/api/sessions/{session}/hls/{segment}")).ContentType
            );
        }
    }

    /// <summary>Starts a session on a node: of two empty nodes, either may get the first session, and the other node
    /// gets the next.</summary>
    private static async Task<StartedSession> StartOnAsync(RecorderNode node, RecorderNode edge, StartRequest request)
    {
        var started = await edge.Api.StartAsync(request);
        if ((await edge.Api.SessionAsync(started.Id)).Node == node.Name)
        {
            return started;
        }
        var second = await edge.Api.StartAsync(request);
        Assert.Equal(node.Name, (await edge.Api.SessionAsync(second.Id)).Node);
        await edge.Api.StopAsync(started.Id);
        return second;
    }
}
