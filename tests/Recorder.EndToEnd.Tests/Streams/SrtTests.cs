using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests.Streams;

/// <summary>Pages that are recorded and streamed by SRT at once, to real receivers and viewers.</summary>
public sealed class SrtTests(PagesFixture fixture, ITestOutputHelper output) : EndToEndTest(fixture, output)
{
    private const string Passphrase = "very-secret-words";

    // A stall is seen within 5 s; the rest is for a busy machine, and for the test to see it.
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task A_page_is_in_the_file_and_at_the_receiver_in_sync_and_its_secrets_are_nowhere()
    {
        await using var receiver = await SrtReceiver.ListenAsync(Passphrase);
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(
            StreamedPage.Request(
                Pages.Reference,
                "both",
                $"{receiver.Address}?streamid=very-secret-name&passphrase={Passphrase}"
            )
        );
        var active = await node.Api.SeeOutputAsync(started.Id, "target-1", "active", StreamedPage.Limit);
        await RecordForAsync(9);
        var during = await node.Api.SendAsync(HttpMethod.Get, $"/api/sessions/{started.Id}");
        var processes = string.Join('\n', node.SessionProcesses().Select(process => process.CommandLine));
        await node.Api.StopAsync(started.Id);
        var session = await node.Api.SessionAsync(started.Id);

        Assert.Equal(
            ("srt", string.Create(CultureInfo.InvariantCulture, $"srt://127.0.0.1:{receiver.Port}?…")),
            (active.Kind, active.Target)
        );
        var target = session.Output("target-1")!;
        Assert.Equal(("finished", 0), (target.State, target.Retries));
        var missing = await StreamedPage.AssertWholeAsync(session);
        var received = Assert.Single(receiver.Received);
        var track = await StreamedPage.AssertReceivedAsync(received);
        var offsets = (
            await StreamedPage.AssertInSyncAsync(session.Records[0].Path),
            await StreamedPage.AssertInSyncAsync(received)
        );
        Tell(
            $"record: {missing} frames missing, |sound − picture| {offsets.Item1:0} ms; received: {track.Frames.Count} frames of {target.FramesSent} sent, {offsets.Item2:0} ms"
        );
        Assert.InRange(track.Frames.Count, target.FramesSent - 2, target.FramesSent + 2);
        Assert.InRange(
            RecordFile.LengthOf(track, StreamedPage.Framerate),
            TimeSpan.FromSeconds(8),
            TimeSpan.FromSeconds(60)
        );

        var manifest = await File.ReadAllTextAsync(session.Records[0].Path + ".json");
        Assert.Contains("\"srt\"", manifest, StringComparison.Ordinal);
        foreach (
            var told in new[] { during.Body, JsonSerializer.Serialize(session), manifest, node.LogTails(), processes }
        )
        {
            Assert.DoesNotContain("very-secret", told, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Receivers_that_refuse_die_and_freeze_are_retried_and_the_record_and_its_neighbour_are_whole()
    {
        await using var steady = await SrtReceiver.ListenAsync();
        await using var unsteady = await SrtReceiver.ListenAsync();
        await using var strict = await SrtReceiver.ListenAsync(Passphrase);
        var node = await StartNodeAsync();
        var started = await node.Api.StartAsync(
            StreamedPage.Request(
                Pages.Reference,
                "both",
                steady.Address,
                unsteady.Address,
                $"{strict.Address}?passphrase=very-secret-guess"
            )
        );
        await node.Api.SeeOutputAsync(started.Id, "target-1", "active", StreamedPage.Limit);
        await node.Api.SeeOutputAsync(started.Id, "target-2", "active", StreamedPage.Limit);
        var refused = await node.Api.SeeOutputAsync(started.Id, "target-3", "retrying", StreamedPage.Limit);
        Assert.Contains("passphrase", refused.Reason, StringComparison.Ordinal);

        var noticed = new List<TimeSpan>();
        foreach (var fault in new Action[] { unsteady.Die, unsteady.Freeze })
        {
            await unsteady.ReceiveAsync(200_000);
            fault();
            var begun = Stopwatch.GetTimestamp();
            var lost = await node.Api.SeeOutputAsync(started.Id, "target-2", "retrying", StreamedPage.Limit);
            noticed.Add(Stopwatch.GetElapsedTime(begun));
            Assert.Contains("stalled", lost.Reason, StringComparison.Ordinal);
            unsteady.Die();
            await unsteady.RestartAsync();
            await node.Api.SeeOutputAsync(started.Id, "target-2", "active", StreamedPage.Limit);
        }

        await unsteady.ReceiveAsync(200_000);
        await node.Api.StopAsync(started.Id);
        var session = await node.Api.SessionAsync(started.Id);
        var missing = await StreamedPage.AssertWholeAsync(session);
        var neighbour = session.Output("target-1")!;
        Assert.Equal(0, neighbour.Retries);
        var track = await StreamedPage.AssertReceivedAsync(Assert.Single(steady.Received));
        Tell(
            $"a killed receiver was noticed after {noticed[0].TotalSeconds:0.0} s, a frozen one after {noticed[1].TotalSeconds:0.0} s; record: {missing} frames missing; neighbour: {track.Frames.Count} of {neighbour.FramesSent} frames"
        );
        Assert.InRange(track.Frames.Count, neighbour.FramesSent - 2, neighbour.FramesSent + 2);
        Assert.All(noticed, time => Assert.InRange(time, TimeSpan.Zero, Noticed));
        Assert.Equal(3, unsteady.Received.Count);
        Assert.Empty(strict.Received);
        Assert.DoesNotContain("very-secret", node.LogTails(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_serves_viewers_who_come_and_go_and_a_session_that_only_streams_begins_without_any()
    {
        var node = await StartNodeAsync();
        var port = SrtReceiver.FreePort();
        var address = string.Create(
            CultureInfo.InvariantCulture,
            $"srt://0.0.0.0:{port}?mode=listener&passphrase={Passphrase}"
        );
        var started = await node.Api.StartAsync(StreamedPage.Request(Pages.Reference, "stream", address));
        var alone = await node.Api.SeeOutputAsync(started.Id, "target-1", "active", StreamedPage.Limit);
        Assert.Equal(("No viewer is connected.", 0L), (alone.Reason, alone.FramesSent));

        for (var viewers = 0; viewers < 2; viewers++)
        {
            await using var viewer = SrtReceiver.Call(port, Passphrase);
            await node.Api.SeeSessionAsync(
                started.Id,
                "somebody views",
                StreamedPage.Limit,
                session => session.Output("target-1") is { State: "active", Reason: null, FramesSent: > 0 }
            );
            await RecordForAsync(7);
            viewer.Leave();
            await node.Api.SeeSessionAsync(
                started.Id,
                "nobody views",
                StreamedPage.Limit,
                session => session.Output("target-1") is { State: "active", Reason: not null }
            );
            var track = await new MediaAnalysis(Assert.Single(viewer.Received)).FrameNumbersAsync();
            Assert.InRange(track.Frames.Count, 4 * StreamedPage.Framerate, 60 * StreamedPage.Framerate);
        }

        await node.Api.StopAsync(started.Id);
        var session = await node.Api.SessionAsync(started.Id);
        Assert.Equal(("finished", 0), (session.Output("target-1")!.State, session.Output("target-1")!.Retries));
        Assert.Empty(session.Faults);
        Assert.False(SrtReceiver.IsBound(port), "The port is still bound.");
    }

    [Fact]
    public async Task An_address_with_an_unknown_parameter_or_a_passphrase_of_the_wrong_length_is_refused_by_name_and_not_repeated()
    {
        var node = await StartNodeAsync();
        foreach (
            var (address, named) in new[]
            {
                ("srt://127.0.0.1:9000?passphrase=very-sec", "passphrase"),
                ("srt://127.0.0.1:9000?pasphrase=very-secret-words", "pasphrase"),
                ("srt://127.0.0.1:9000?mode=rendezvous&passphrase=very-secret-words", "mode"),
                ("srt://10.0.0.1:9000?mode=listener", "listener"),
                ("srt://127.0.0.1?streamid=very-secret", "port"),
            }
        )
        {
            var answer = await node.Api.TryStartAsync(StreamedPage.Request(Pages.Reference, "both", address));
            Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.Status, answer.ReadError().Code));
            Assert.Contains(named, answer.ReadError().Error, StringComparison.Ordinal);
            Assert.DoesNotContain("very-sec", answer.Body, StringComparison.Ordinal);
        }

        Assert.Empty(node.SessionProcesses());
        Assert.DoesNotContain("very-sec", node.LogTails(), StringComparison.Ordinal);
    }
}
