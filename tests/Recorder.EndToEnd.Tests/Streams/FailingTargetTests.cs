using System.Diagnostics;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Streams;

/// <summary>Targets that refuse, die, freeze, come and go: the record and the other targets are whole each
/// time.</summary>
public sealed class FailingTargetTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    [Fact]
    public async Task Targets_that_refuse_from_the_start_are_added_die_freeze_return_and_leave_touch_neither_record_nor_neighbour()
    {
        await using var good = await RtmpServer.StartAsync();
        await using var unsteady = await RtmpServer.StartAsync();
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(
            StreamedPage.Request(Pages.Reference, "both", good.Address("steady"), good.Address("very-secret", "closed"))
        );
        await node.Api.SeeOutputAsync(started.Id, "target-1", "active", StreamedPage.Limit);
        var refused = await node.Api.SeeOutputAsync(started.Id, "target-2", "retrying", StreamedPage.Limit);
        StreamedPage.AssertClosedByServer(refused.Reason);

        await node.Api.ChangeTargetsAsync(
            started.Id,
            add: [unsteady.Address("added"), $"rtmp://127.0.0.1:{LoopbackPort.Free()}/live/very-secret"],
            remove: []
        );
        await node.Api.SeeOutputAsync(started.Id, "target-3", "active", StreamedPage.Limit);
        await node.Api.SeeOutputAsync(started.Id, "target-4", "retrying", StreamedPage.Limit);

        unsteady.Die();
        var dead = await node.Api.SeeOutputAsync(started.Id, "target-3", "retrying", StreamedPage.Limit);
        await unsteady.RestartAsync();
        var back = TimeProvider.System.GetUtcNow();
        var returned = await node.Api.SeeOutputAsync(started.Id, "target-3", "active", StreamedPage.Limit);
        var reconnected = returned.Since - back;
        Assert.False(string.IsNullOrWhiteSpace(dead.Reason));
        Assert.Null(returned.Reason);
        Assert.InRange(returned.Retries, 1, 50);

        unsteady.Freeze();
        var frozen = Stopwatch.GetTimestamp();
        var stalled = await node.Api.SeeOutputAsync(started.Id, "target-3", "retrying", StreamedPage.Limit);
        var noticed = Stopwatch.GetElapsedTime(frozen);
        unsteady.Thaw();
        await node.Api.SeeOutputAsync(started.Id, "target-3", "active", StreamedPage.Limit);
        Tell(
            $"streamed to again {reconnected.TotalSeconds:0.0} s after the server's return; a frozen server was noticed after {noticed.TotalSeconds:0.0} s: {stalled.Reason}"
        );
        // 3 s are promised and asked of the benchmark. A try is at most 2.5 s away, the key frame to begin with 1 s
        // more while other targets ask for theirs; the rest is for a busy machine. The server may have been streamed to
        // before the test saw its port.
        Assert.InRange(reconnected, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(6));

        await node.Api.ChangeTargetsAsync(started.Id, add: [], remove: [unsteady.Address("added")]);
        await node.Api.SeeOutputAsync(started.Id, "target-3", "finished", StreamedPage.Limit);
        var later = await node.Api.SessionAsync(started.Id);
        Assert.Equal(("active", "retrying"), (later.Output("target-1")!.State, later.Output("target-2")!.State));
        await node.Api.StopAsync(started.Id);
        var session = await node.Api.SessionAsync(started.Id);
        var missing = await StreamedPage.AssertWholeAsync(session);

        var steady = session.Output("target-1")!;
        Assert.Equal(("finished", 0), (steady.State, steady.Retries));
        var received = Assert.Single(good.Received);
        var track = await StreamedPage.AssertReceivedAsync(received);
        Assert.InRange(track.Frames.Count, steady.FramesSent - 1, steady.FramesSent + 1);
        var offsets = (
            await StreamedPage.AssertInSyncAsync(session.Records[0].Path),
            await StreamedPage.AssertInSyncAsync(received)
        );
        Tell(
            $"record: {missing} frames missing, |sound − picture| {offsets.Item1:0} ms; received: {track.Frames.Count} frames of {steady.FramesSent} sent, {offsets.Item2:0} ms"
        );
        Assert.True(unsteady.Received.Count >= 2, "The server that died and came back received a stream only once.");
        Assert.DoesNotContain("very-secret", node.LogTails(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_goes_on_when_every_target_fails()
    {
        await using var server = await RtmpServer.StartAsync();
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(
            StreamedPage.Request(
                Pages.Reference,
                "both",
                server.Address("one", "closed"),
                server.Address("two", "missing"),
                $"rtmp://127.0.0.1:{LoopbackPort.Free()}/live/three"
            )
        );
        await node.Api.SeeSessionAsync(
            started.Id,
            "all three targets are tried again",
            StreamedPage.Limit,
            session => session.Outputs.Count(one => one is { Kind: "rtmp", State: "retrying", Retries: >= 2 }) == 3
        );
        // A busy machine draws the page slowly for a second now and then; that must not be most of the record.
        await RecordForAsync(6);
        await node.Api.StopAsync(started.Id);
        var session = await node.Api.SessionAsync(started.Id);
        Assert.All(
            session.Outputs.Where(one => one.Kind == "rtmp"),
            one => Assert.Equal(("finished", 0L), (one.State, one.FramesSent))
        );
        Assert.Empty(server.Received);
        Tell($"record: {await StreamedPage.AssertWholeAsync(session)} frames missing");
    }
}
