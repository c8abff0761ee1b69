using System.Net;
using System.Text.Json;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Streams;

/// <summary>Sessions of the mode <c>stream</c> and their targets' addresses, on a real RTMP server.</summary>
public sealed class StreamOnlyTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    // Percent-encoded " ! fakesink name=x", quotes and every mark that a path may hold as it is.
    private const string AwkwardKey = "it's!a$key&(*)+,;=:@%20!%20fakesink%20name=x%22%27";

    [Fact]
    public async Task A_page_is_streamed_in_sync_under_its_key_verbatim_and_nothing_is_written()
    {
        await using var server = await RtmpServer.StartAsync();
        var node = await StartNodeAsync();

        var started = await node.Api.StartAsync(
            StreamedPage.Request(Pages.Reference, "stream", server.Address($"{AwkwardKey}?token=a/b!c%22"))
        );
        var active = await node.Api.SeeOutputAsync(started.Id, "target-1", "active", StreamedPage.Limit);
        await RecordForAsync(9);
        var processes = string.Join('\n', node.SessionProcesses().Select(process => process.CommandLine));
        var during = await node.Api.SendAsync(HttpMethod.Get, $"/api/sessions/{started.Id}");
        var stopped = await node.Api.StopAsync(started.Id);
        var session = await node.Api.SessionAsync(started.Id);
        await node.SeeNoSessionProcessAsync(TimeSpan.FromSeconds(10));

        // The server says what it was asked to publish, to the letter.
        Assert.Contains($"name='{AwkwardKey}' args='token=a/b!c%22'", server.Log, StringComparison.Ordinal);
        foreach (var told in new[] { during.Body, JsonSerializer.Serialize(session), node.LogTails(), processes })
        {
            Assert.DoesNotContain("fakesink", told, StringComparison.Ordinal);
        }
        Assert.Equal($"rtmp://127.0.0.1:{server.Port}/live/…", active.Target);
        var target = Assert.Single(session.Outputs, one => one.Kind == "rtmp");
        Assert.Equal(("finished", 0), (target.State, target.Retries));
        Assert.Empty(session.Records);
        Assert.Empty(Directory.GetFileSystemEntries(node.RecordsFolder, "20*"));
        Assert.Empty(await node.Api.RecordsAsync(started.Id));

        var received = Assert.Single(server.Received);
        var track = await StreamedPage.AssertReceivedAsync(received);
        var offset = await StreamedPage.AssertInSyncAsync(received);
        Tell(
            $"start call to accepted publish {started.TimeToFirstFrame.TotalSeconds:0.00} s, {track.Frames.Count} frames received, {target.FramesSent} sent, |sound − picture| {offset:0} ms"
        );
        Assert.InRange(track.Frames.Count, target.FramesSent - 1, target.FramesSent + 1);
        Assert.InRange(
            RecordFile.LengthOf(track, StreamedPage.Framerate),
            TimeSpan.FromSeconds(8),
            stopped.Answered - started.Called
        );
    }

    [Fact]
    public async Task A_refused_publish_and_a_server_that_is_not_there_are_errors_with_the_reason_and_leave_nothing()
    {
        await using var server = await RtmpServer.StartAsync();
        var node = await StartNodeAsync();
        var nobody = LoopbackPort.Free();

        var refused = await node.Api.TryStartAsync(
            StreamedPage.Request(Pages.Reference, "stream", server.Address("very-secret", "closed"))
        );
        var absent = await node.Api.TryStartAsync(
            StreamedPage.Request(Pages.Reference, "stream", $"rtmp://127.0.0.1:{nobody}/live/very-secret")
        );
        await node.SeeNoSessionProcessAsync(TimeSpan.FromSeconds(10));

        foreach (
            var (answer, target) in new[]
            {
                (refused, $"rtmp://127.0.0.1:{server.Port}/closed/…"),
                (absent, $"rtmp://127.0.0.1:{nobody}/live/…"),
            }
        )
        {
            var error = answer.ReadError();
            Tell($"{error.Error}");
            Assert.Equal((HttpStatusCode.UnprocessableEntity, "stream_failed"), (answer.Status, error.Code));
            Assert.Contains(target, error.Error, StringComparison.Ordinal);
        }

        // The words of the connection, whatever they are, differ: a refusal is not an absence.
        StreamedPage.AssertClosedByServer(refused.ReadError().Error);
        Assert.Contains("Connection refused", absent.ReadError().Error, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", node.LogTails(), StringComparison.Ordinal);
        Assert.All(await node.Api.StatusAsync(), session => Assert.False(session.Running));
        Assert.Empty(server.Received);
    }

    [Fact]
    public async Task An_address_that_could_be_read_as_something_else_is_refused_and_not_repeated()
    {
        var node = await StartNodeAsync();
        foreach (
            var address in new[]
            {
                "rtmp://127.0.0.1/live/very-secret ! fakesink",
                "rtmp://127.0.0.1/live/\"very-secret\"",
                "rtmp://127.0.0.1/live/very-secret\n",
                "http://127.0.0.1/live/very-secret",
                "rtmp://127.0.0.1/very-secret",
                "rtmp://127.0.0.1/live/very-secret%2",
            }
        )
        {
            var answer = await node.Api.TryStartAsync(StreamedPage.Request(Pages.Reference, "both", address));
            Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.Status, answer.ReadError().Code));
            Assert.StartsWith("data.stream_uris", answer.ReadError().Field, StringComparison.Ordinal);
            Assert.DoesNotContain("very-secret", answer.Body, StringComparison.Ordinal);
        }

        Assert.Empty(node.SessionProcesses());
        Assert.DoesNotContain("very-secret", node.LogTails(), StringComparison.Ordinal);
    }
}
