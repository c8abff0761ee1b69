using System.Globalization;
using Recorder.ReferencePages;
using Recorder.Worker.Protocol;
using Recorder.Worker.Streams.Targets;
using Recorder.Worker.Tests.Loop;

namespace Recorder.Worker.Tests.Streams;

/// <summary>A worker that streams to a real RTMP server, which behaves as servers do. The record must be whole each
/// time.</summary>
[Trait("ring", "media")]
public sealed class StreamTargetTests
{
    [Fact]
    public async Task A_session_that_only_streams_begins_when_the_server_accepts_and_what_it_received_plays()
    {
        await using var server = await RtmpServer.StartAsync();
        await using WorkerRun run = new();
        run.Say(StreamOnly(run, server.Address("key?token=a/b!c")));
        await run.ExpectAsync<WorkerEvent.Ready>();
        run.Say(new WorkerCommand.Begin());

        Assert.Null((await run.ExpectAsync<WorkerEvent.FirstFrame>()).Path);
        await run.ProgressAsync(3);
        run.Say(new WorkerCommand.Finish());
        var output = await run.OutputAsync(WorkerOutputState.Finished);
        var finished = await run.ExpectAsync<WorkerEvent.Finished>();

        Assert.Equal((null, 0L, WorkerExitCode.Finished), (finished.Path, finished.Bytes, await run.ExitCodeAsync()));
        Assert.Contains("name='key' args='token=a/b!c'", server.Log, StringComparison.Ordinal);
        Assert.Equal((0, "rtmp://127.0.0.1:" + server.Port + "/live/…"), (output.Retries, output.Target));
        var probe = await Probe.OfAsync(Assert.Single(server.Received));
        Assert.Equal("", probe.Errors);
        Assert.Equal(
            ("h264", "aac", "48000"),
            (probe.Video["codec_name"], probe.Sound["codec_name"], probe.Sound["sample_rate"])
        );

        // What was made before the first key frame after connecting is counted as dropped, nothing else is.
        var received = long.Parse(probe.Video["nb_read_frames"], CultureInfo.InvariantCulture);
        Assert.InRange(received, output.FramesSent - 1, output.FramesSent + 1);
        Assert.InRange(output.FramesSent + output.FramesDropped, finished.Frames - 1, finished.Frames);
        Assert.InRange(output.FramesDropped, 0, 40);
        Assert.Empty(Directory.GetFiles(run.Folder));
    }

    [Theory]
    [InlineData("closed")]
    [InlineData("missing")]
    public async Task A_stream_that_every_server_refuses_is_said_so_with_the_answer_and_without_the_key(
        string application
    )
    {
        await using var server = await RtmpServer.StartAsync();
        await using WorkerRun run = new();
        run.Say(StreamOnly(run, server.Address("secret", application)));
        await run.ExpectAsync<WorkerEvent.Ready>();
        run.Say(new WorkerCommand.Begin());

        var failed = await run.ExpectAsync<WorkerEvent.Failed>();
        Assert.Equal(WorkerFailure.StreamFailed, failed.Code);
        Assert.Contains($"rtmp://127.0.0.1:{server.Port}/{application}/…", failed.Message, StringComparison.Ordinal);
        Assert.Matches("closed|reset", failed.Message);
        Assert.DoesNotContain("secret", failed.Message, StringComparison.Ordinal);
        Assert.Equal(WorkerExitCode.Failed, await run.ExitCodeAsync());
    }

    [Fact]
    public async Task A_target_that_is_added_to_a_record_of_few_frames_has_a_key_frame_every_two_seconds()
    {
        await using var server = await RtmpServer.StartAsync();
        await using WorkerRun run = new();
        var target = Target(1, server.Address("one"));
        await run.RecordAsync(
            run.Settings(FileContainer.Mp4) with
            {
                Picture = WorkerRun.SmallPicture with { Framerate = 5, KeyframeInterval = 60, LiveKeyFrames = true },
            }
        );
        run.Say(new WorkerCommand.ChangeTargets([target]));
        await run.OutputAsync(WorkerOutputState.Active);
        await run.ProgressAsync(12);
        run.Say(new WorkerCommand.Finish());
        await run.ExpectAsync<WorkerEvent.Finished>();

        var keys = await Probe.KeyFrameTimesAsync(Assert.Single(server.Received));
        Assert.InRange(keys.Count, 4, 12);
        Assert.All(keys.Zip(keys.Skip(1), (one, next) => next - one), distance => Assert.InRange(distance, 0.9, 2.6));
    }

    [Fact]
    public async Task A_stream_that_goes_on_waits_for_its_server_and_is_taken_when_that_is_back()
    {
        await using var server = await RtmpServer.StartAsync();
        var address = server.Address("secret");
        server.Die();
        await using WorkerRun run = new();
        run.Say(StreamOnly(run, address));
        await run.ExpectAsync<WorkerEvent.Ready>();
        run.Say(new WorkerCommand.Begin { Resumes = true });

        Assert.Null((await run.ExpectAsync<WorkerEvent.FirstFrame>()).Path);
        await run.OutputAsync(WorkerOutputState.Retrying);
        await server.RestartAsync();
        await run.OutputAsync(WorkerOutputState.Active);
        run.Say(new WorkerCommand.Finish());
        await run.ExpectAsync<WorkerEvent.Finished>();
    }

    [Fact]
    public async Task A_refusing_target_from_the_start_a_killed_one_that_comes_back_and_one_added_and_removed_leave_record_and_neighbour_alone()
    {
        await using var good = await RtmpServer.StartAsync();
        await using var killed = await RtmpServer.StartAsync();
        await using WorkerRun run = new();
        var first = Target(1, good.Address("one"));
        var second = Target(2, good.Address("secret", "closed"));
        var third = Target(3, killed.Address("three"));
        var path = await run.RecordAsync(run.Settings(FileContainer.Mp4) with { Targets = [first, second, third] });
        await run.OutputAsync(WorkerOutputState.Active, third.Id);
        var refused = await run.OutputAsync(WorkerOutputState.Retrying, second.Id);
        Assert.DoesNotContain("secret", refused.Reason!, StringComparison.Ordinal);

        killed.Die();
        await run.OutputAsync(WorkerOutputState.Retrying, third.Id);
        await killed.RestartAsync();
        var back = System.Diagnostics.Stopwatch.GetTimestamp();
        var returned = await run.OutputAsync(WorkerOutputState.Active, third.Id);

        // 3 s is promised; this machine may be busy.
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(back).TotalSeconds, 0, 6);
        Assert.InRange(returned.Retries, 1, 20);

        var fourth = Target(4, killed.Address("four"));
        run.Say(new WorkerCommand.ChangeTargets([first, third, fourth]));
        await run.OutputAsync(WorkerOutputState.Finished, second.Id);
        await run.OutputAsync(WorkerOutputState.Active, fourth.Id);
        run.Say(new WorkerCommand.Finish());
        var neighbour = await run.OutputAsync(WorkerOutputState.Finished, first.Id);
        Assert.Equal(0, neighbour.Retries);
        await AssertWholeAsync(path, await run.ExpectAsync<WorkerEvent.Finished>());
        var probe = await Probe.OfAsync(Assert.Single(good.Received));
        Assert.InRange(
            long.Parse(probe.Video["nb_read_frames"], CultureInfo.InvariantCulture),
            neighbour.FramesSent - 1,
            neighbour.FramesSent + 1
        );
        Assert.Equal(3, killed.Received.Count);
    }

    [Fact]
    public async Task A_frozen_server_is_noticed_and_streamed_to_again_when_it_goes_on()
    {
        await using var server = await RtmpServer.StartAsync();
        await using WorkerRun run = new();
        var path = await run.RecordAsync(
            run.Settings(FileContainer.Mkv) with
            {
                Picture = WorkerRun.SmallPicture with { Bitrate = 4000 },
                Targets = [Target(1, server.Address("one"))],
            }
        );
        await run.OutputAsync(WorkerOutputState.Active);

        server.Freeze();
        await run.OutputAsync(WorkerOutputState.Retrying);
        server.Thaw();
        await run.OutputAsync(WorkerOutputState.Active);

        run.Say(new WorkerCommand.Finish());
        await AssertWholeAsync(path, await run.ExpectAsync<WorkerEvent.Finished>());
    }

    [Fact]
    public async Task A_server_that_takes_the_connection_and_never_answers_is_retried_and_holds_nothing_up()
    {
        using System.Net.Sockets.TcpListener silent = new(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        await using WorkerRun run = new();
        var address = string.Create(
            CultureInfo.InvariantCulture,
            $"rtmp://127.0.0.1:{((System.Net.IPEndPoint)silent.LocalEndpoint).Port}/live/secret"
        );
        var path = await run.RecordAsync(run.Settings(FileContainer.Ts) with { Targets = [Target(1, address)] });
        var output = await run.OutputAsync(WorkerOutputState.Retrying);
        Assert.Equal((0L, 0L), (output.FramesSent, output.BytesSent));

        // What was made while it said nothing is not kept for the next try.
        Assert.InRange(output.FramesDropped, 25 * 20, 25 * 60);
        run.Say(new WorkerCommand.Finish());
        await AssertWholeAsync(path, await run.ExpectAsync<WorkerEvent.Finished>());
    }

    [Fact]
    public async Task Servers_that_are_slow_to_answer_are_waited_for_and_streamed_to_from_then_on_without_a_hole()
    {
        await using var server = await RtmpServer.StartAsync();
        (string What, string Words, int Nth, double Seconds)[] slow =
        [
            ("handshake", "", 1, 6),
            ("connect", "NetConnection.Connect.Success", 1, 6),
            ("createStream", "_result", 2, 6),
            ("publish", "onStatus", 1, 12),
            ("late", "onStatus", 1, 29),
        ];
        List<SlowFront> fronts =
        [
            .. slow.Select(answer => new SlowFront(
                server.Port,
                answer.Words,
                answer.Nth,
                TimeSpan.FromSeconds(answer.Seconds)
            )),
        ];
        try
        {
            await using WorkerRun run = new();
            var path = await run.RecordAsync(
                run.Settings(FileContainer.Mp4) with
                {
                    Targets =
                    [
                        .. fronts.Select(
                            (front, index) =>
                                Target(
                                    index + 1,
                                    string.Create(
                                        CultureInfo.InvariantCulture,
                                        $"rtmp://127.0.0.1:{front.Port}/live/{slow[index].What}"
                                    )
                                )
                        ),
                    ],
                }
            );
            for (var number = 1; number <= slow.Length; number++)
            {
                await run.OutputAsync(WorkerOutputState.Active, $"target-{number}");
            }
            await run.ProgressAsync(36);
            run.Say(new WorkerCommand.Finish());
            await AssertWholeAsync(path, await run.ExpectAsync<WorkerEvent.Finished>());

            var told = run.Said.OfType<WorkerEvent.OutputChanged>().Select(changed => changed.Output).ToList();
            Assert.DoesNotContain(told, output => output.State == WorkerOutputState.Retrying);
            for (var index = 0; index < slow.Length; index++)
            {
                var output = told.Last(output => output.Id == $"target-{index + 1}");
                var received = Assert.Single(
                    server.Received,
                    file => Path.GetFileName(file).StartsWith(slow[index].What, StringComparison.Ordinal)
                );
                var times = await Probe.TimesAsync(received, "v");
                Assert.True(
                    fronts[index].Connections == 1
                        && output.Retries == 0
                        && Math.Abs(times.Count - output.FramesSent) <= 1,
                    $"{slow[index].What}: {fronts[index].Connections} connections, {times.Count} pictures received. {output}"
                );

                // What was made while the server kept silent is left out, but for the opening; what was sent follows
                // without a hole.
                Assert.InRange(output.FramesDropped, (slow[index].Seconds - 5) * 25, (slow[index].Seconds + 5) * 25);
                Assert.InRange(times.Zip(times.Skip(1), (one, next) => next - one).Max(), 0, 0.25);
            }
        }
        finally
        {
            foreach (var front in fronts)
            {
                await front.DisposeAsync();
            }
        }
    }

    private static WorkerTarget Target(int number, string address) =>
        new($"target-{number}", address, StreamKinds.Of(address).Redact(address));

    private static WorkerCommand.Prepare StreamOnly(WorkerRun run, params string[] addresses) =>
        run.Settings(FileContainer.Mp4) with
        {
            Path = null,
            Targets = [.. addresses.Select((address, index) => Target(index + 1, address))],
        };

    private static async Task AssertWholeAsync(string path, WorkerEvent.Finished finished)
    {
        Assert.Equal(WorkerFinishReason.Finish, finished.Reason);
        var probe = await Probe.OfAsync(path);
        Assert.Equal("", probe.Errors);
        Assert.Equal(finished.Frames, long.Parse(probe.Video["nb_read_frames"], CultureInfo.InvariantCulture));
        Assert.Equal(Math.Round(finished.Duration * 25), finished.Frames);
    }
}
