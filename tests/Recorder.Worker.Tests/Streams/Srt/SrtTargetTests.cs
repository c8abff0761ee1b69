using System.Diagnostics;
using System.Globalization;
using Recorder.ReferencePages;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams.Targets;
using Recorder.Worker.Tests.Loop;

namespace Recorder.Worker.Tests.Streams.Srt;

/// <summary>A worker that streams by SRT to real receivers and viewers. The record must be whole each time.</summary>
[Trait("ring", "media")]
public sealed class SrtTargetTests
{
    private const string Passphrase = "open sesame 42";

    // 4 s of silence are a stall; the rest is for a busy machine.
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(7);

    [Fact]
    public async Task A_session_that_only_streams_begins_when_the_receiver_takes_it_and_what_that_received_is_whole()
    {
        await using var receiver = await SrtReceiver.ListenAsync(Passphrase);
        await using WorkerRun run = new();
        run.Say(
            run.Settings(FileContainer.Mp4) with
            {
                Path = null,
                Targets =
                [
                    Target(
                        1,
                        $"{receiver.Address}?streamid=live/hush&passphrase=open%20sesame%2042&pbkeylen=32&latency=200"
                    ),
                ],
            }
        );
        await run.ExpectAsync<WorkerEvent.Ready>();
        run.Say(new WorkerCommand.Begin());

        Assert.Null((await run.ExpectAsync<WorkerEvent.FirstFrame>()).Path);
        await run.ProgressAsync(6);
        run.Say(new WorkerCommand.Finish());
        var output = await run.OutputAsync(WorkerOutputState.Finished);
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Equal(
            ("srt", 0, FormattableString.Invariant($"srt://127.0.0.1:{receiver.Port}?pbkeylen=32&latency=200&…")),
            (output.Kind, output.Retries, output.Target)
        );
        Assert.Equal(WorkerExitCode.Finished, await run.ExitCodeAsync());
        var probe = await Probe.OfAsync(Assert.Single(receiver.Received));
        Assert.Equal("", probe.Errors);
        Assert.Equal(
            ("h264", "aac", "48000"),
            (probe.Video["codec_name"], probe.Sound["codec_name"], probe.Sound["sample_rate"])
        );
        AssertReceived(probe, output);
        Assert.InRange(output.FramesSent + output.FramesDropped, finished.Frames - 1, finished.Frames);
        Assert.InRange(output.FramesDropped, 0, 40);
        Assert.InRange(output.BytesSent, receiver.Bytes - 20_000, receiver.Bytes + 20_000);
    }

    [Theory]
    [InlineData("another passphrase")]
    [InlineData(null)]
    public async Task A_wrong_passphrase_is_told_and_tried_again_and_the_record_is_whole(string? passphrase)
    {
        await using var receiver = await SrtReceiver.ListenAsync(Passphrase);
        await using WorkerRun run = new();
        var address = receiver.Address + (passphrase is null ? "" : $"?passphrase={Uri.EscapeDataString(passphrase)}");
        var path = await run.RecordAsync(run.Settings(FileContainer.Mp4) with { Targets = [Target(1, address)] });

        var refused = await run.OutputAsync(WorkerOutputState.Retrying);
        while (refused.Retries < 2)
        {
            refused = await run.OutputAsync(WorkerOutputState.Retrying);
        }
        run.Say(new WorkerCommand.Finish());
        await AssertWholeAsync(path, await run.ExpectAsync<WorkerEvent.Finished>());

        Assert.Matches("passphrase|[Pp]assword", refused.Reason);
        Assert.DoesNotContain("another", refused.Reason, StringComparison.Ordinal);
        Assert.Equal((0L, 0L), (refused.FramesSent, refused.BytesSent));
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_a_killed_one_and_a_frozen_one_are_noticed_and_streamed_to_when_they_are_back()
    {
        await using var receiver = await SrtReceiver.ListenAsync();
        receiver.Die();
        await using WorkerRun run = new();
        var path = await run.RecordAsync(
            run.Settings(FileContainer.Mkv) with
            {
                Targets = [Target(1, receiver.Address)],
            }
        );
        Assert.Contains(
            "timeout",
            (await run.OutputAsync(WorkerOutputState.Retrying)).Reason,
            StringComparison.OrdinalIgnoreCase
        );
        await receiver.RestartAsync();
        await run.OutputAsync(WorkerOutputState.Active);
        await receiver.ReceiveAsync(100_000);

        receiver.Die();
        var gone = Stopwatch.GetTimestamp();
        var lost = await run.OutputAsync(WorkerOutputState.Retrying);
        Assert.InRange(Stopwatch.GetElapsedTime(gone), TimeSpan.FromSeconds(3), Noticed);
        Assert.Contains("stalled", lost.Reason, StringComparison.Ordinal);
        await receiver.RestartAsync();
        await run.OutputAsync(WorkerOutputState.Active);
        await receiver.ReceiveAsync(100_000);

        receiver.Freeze();
        gone = Stopwatch.GetTimestamp();
        await run.OutputAsync(WorkerOutputState.Retrying);
        Assert.InRange(Stopwatch.GetElapsedTime(gone), TimeSpan.FromSeconds(3), Noticed);
        receiver.Die();
        await receiver.RestartAsync();
        var back = await run.OutputAsync(WorkerOutputState.Active);
        await receiver.ReceiveAsync(100_000);

        run.Say(new WorkerCommand.Finish());
        var end = await run.OutputAsync(WorkerOutputState.Finished);
        await AssertWholeAsync(path, await run.ExpectAsync<WorkerEvent.Finished>());
        Assert.InRange(back.Retries, 3, 30);

        // What was made while nobody took it is dropped, and nothing is counted twice.
        Assert.InRange(end.FramesDropped, 25 * 2, 25 * 60);
        var last = await Probe.OfAsync(receiver.Received[^1]);
        Assert.Equal("", last.Errors);
    }

    [Fact]
    public async Task Viewers_of_a_listener_come_and_go_and_one_with_the_wrong_passphrase_sees_nothing()
    {
        await using WorkerRun run = new();
        var port = SrtReceiver.FreePort();
        var address = string.Create(
            CultureInfo.InvariantCulture,
            $"srt://127.0.0.1:{port}?mode=listener&passphrase=open%20sesame%2042"
        );
        var path = await run.RecordAsync(run.Settings(FileContainer.Mp4) with { Targets = [Target(1, address)] });
        Assert.Equal(0, (await ViewedAsync(run, viewed: false)).FramesSent);

        await using (var wrong = SrtReceiver.Call(port, "another passphrase"))
        await using (var first = SrtReceiver.Call(port, Passphrase))
        {
            await ViewedAsync(run, viewed: true);
            await first.ReceiveAsync(200_000);
            first.Leave();
            Assert.InRange((await ViewedAsync(run, viewed: false)).FramesSent, 25, 2500);
            Assert.Empty(wrong.Received);
            var seen = await Probe.OfAsync(Assert.Single(first.Received));
            Assert.Equal(("h264", "aac"), (seen.Video["codec_name"], seen.Sound["codec_name"]));
        }

        await using var second = SrtReceiver.Call(port, Passphrase);
        await ViewedAsync(run, viewed: true);
        await second.ReceiveAsync(100_000);
        await using var third = SrtReceiver.Call(port, Passphrase);
        await third.ReceiveAsync(100_000);

        run.Say(new WorkerCommand.Finish());
        var end = await run.OutputAsync(WorkerOutputState.Finished);
        await AssertWholeAsync(path, await run.ExpectAsync<WorkerEvent.Finished>());
        Assert.Equal(0, end.Retries);
        Assert.False(SrtReceiver.IsBound(port), "The port is still bound.");
    }

    [Fact]
    public async Task A_port_that_somebody_has_is_said_so_and_bound_when_it_is_free()
    {
        await using var somebody = await SrtReceiver.ListenAsync();
        await using WorkerRun run = new();
        var address = string.Create(CultureInfo.InvariantCulture, $"srt://:{somebody.Port}?mode=listener");
        var path = await run.RecordAsync(
            run.Settings(FileContainer.Ts) with
            {
                Targets = [Target(1, address)],
                ListenAddress = "127.0.0.1",
            }
        );

        Assert.Contains(
            FormattableString.Invariant($"cannot listen: Cannot bind to 127.0.0.1:{somebody.Port}"),
            (await run.OutputAsync(WorkerOutputState.Retrying)).Reason,
            StringComparison.Ordinal
        );
        somebody.Die();
        await run.OutputAsync(WorkerOutputState.Active);
        run.Say(new WorkerCommand.Finish());
        await AssertWholeAsync(path, await run.ExpectAsync<WorkerEvent.Finished>());
    }

    private static WorkerTarget Target(int number, string address) =>
        new($"target-{number}", address, StreamKinds.Of(address).Redact(address));

    /// <summary>Waits until a listener has a viewer or has none.</summary>
    private static async Task<WorkerOutput> ViewedAsync(WorkerRun run, bool viewed)
    {
        while (true)
        {
            var output = await run.OutputAsync(WorkerOutputState.Active);
            if (output.Reason == (viewed ? null : "No viewer is connected."))
            {
                return output;
            }
        }
    }

    private static void AssertReceived(Probe probe, WorkerOutput output)
    {
        var received = long.Parse(probe.Video["nb_read_frames"], CultureInfo.InvariantCulture);
        Assert.InRange(received, output.FramesSent - 2, output.FramesSent + 2);
    }

    private static async Task AssertWholeAsync(string path, WorkerEvent.Finished finished)
    {
        Assert.Equal(WorkerFinishReason.Finish, finished.Reason);
        var probe = await Probe.OfAsync(path);
        Assert.Equal("", probe.Errors);
        Assert.Equal(finished.Frames, long.Parse(probe.Video["nb_read_frames"], CultureInfo.InvariantCulture));
        Assert.Equal(Math.Round(finished.Duration * 25), finished.Frames);
    }
}
