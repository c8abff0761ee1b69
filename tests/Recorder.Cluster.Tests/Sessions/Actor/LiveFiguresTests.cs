using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using static Recorder.Cluster.Tests.Sessions.Streams;

namespace Recorder.Cluster.Tests.Sessions.Actor;

public sealed class LiveFiguresTests
{
    [Fact]
    public void The_record_is_an_output_of_its_own_with_its_newest_figures()
    {
        var live = new LiveFigures().Hear(
            new RecordGrew(Sample.FirstRecord, Sample.Time(5), 75, 0, 3000, TimeSpan.FromSeconds(3))
        );
        var record = live.Outputs(Both.State, Sample.Time(5))[0];

        Assert.Equal(
            ("record", OutputKind.Record, Sample.FirstRecord, OutputState.Active),
            (record.Id, record.Kind, record.Target, record.State)
        );
        Assert.Equal((75L, 3000L, Sample.Time(2)), (record.FramesSent, record.BytesSent, record.Since));
    }

    [Fact]
    public void The_records_frames_are_those_in_the_file_also_when_nobody_tells_of_it_any_more()
    {
        var grew = new RecordGrew(Sample.FirstRecord, Sample.Time(20), 450, 0, 3000, TimeSpan.FromSeconds(14))
        {
            FramesRecorded = 350,
        };
        var story = Both.Hears(20, grew);

        Assert.Equal(350, new LiveFigures().Hear(grew).Outputs(story.State, Sample.Time(20))[0].FramesSent);
        Assert.Equal(350, new LiveFigures().Outputs(story.State, Sample.Time(20))[0].FramesSent);
        Assert.Equal(450, story.State.Records[0].FramesCaptured);
    }

    [Fact]
    public void Targets_that_nobody_has_told_of_yet_are_starting() =>
        Assert.Equal(
            [("record", OutputState.Active), ("target-1", OutputState.Starting), ("target-2", OutputState.Starting)],
            new LiveFigures().Outputs(Both.State, Sample.Time(5)).Select(output => (output.Id, output.State))
        );

    [Fact]
    public void The_newest_word_of_each_output_counts_and_removed_ones_come_last()
    {
        var live = new LiveFigures()
            .Hear(new OutputChanged(Output("target-1", OutputState.Starting)))
            .Hear(new OutputChanged(Output("target-2", OutputState.Active)))
            .Hear(new OutputChanged(Output("hls", OutputState.Active) with { Kind = OutputKind.Hls }))
            .Hear(new OutputChanged(Output("target-1", OutputState.Finished)));

        Assert.Equal(
            ["record", "hls", "target-2", "target-1"],
            live.Outputs(Both.State, Sample.Time(5)).Select(output => output.Id)
        );
    }

    [Fact]
    public void A_target_that_was_just_added_is_starting_beside_those_that_the_media_has_told_of()
    {
        var live = new LiveFigures().Hear(new OutputChanged(Output("target-1", OutputState.Active, frames: 70)));
        var changed = Both.Then(state =>
            [new TargetsChanged([.. state.Targets, new StreamOutput("target-3", Third)], Sample.Time(9), Sample.Node)]
        );

        Assert.Equal(
            [
                ("target-1", OutputState.Active, 3),
                ("target-2", OutputState.Starting, 9),
                ("target-3", OutputState.Starting, 9),
            ],
            live.Outputs(changed.State, Sample.Time(10))
                .Skip(1)
                .Select(output => (output.Id, output.State, (int)(output.Since - Sample.Time(0)).TotalSeconds))
        );
    }

    [Fact]
    public void A_target_that_was_removed_without_a_word_of_the_media_is_finished_with_its_last_figures()
    {
        var live = new LiveFigures()
            .Hear(new OutputChanged(Output("target-1", OutputState.Active, frames: 70)))
            .Hear(new OutputChanged(Output("target-2", OutputState.Active)));
        var changed = Both.Then(state => [new TargetsChanged(state.Targets.RemoveAt(0), Sample.Time(9), Sample.Node)]);

        var outputs = live.Outputs(changed.State, Sample.Time(20));
        Assert.Equal(["record", "target-2", "target-1"], outputs.Select(output => output.Id));
        Assert.Equal(
            (OutputState.Finished, 70L, Sample.Time(9)),
            (outputs[2].State, outputs[2].FramesSent, outputs[2].Since)
        );
    }

    [Fact]
    public void Targets_that_come_and_go_do_not_grow_it_for_ever()
    {
        var live = Enumerable
            .Range(1, 1000)
            .Aggregate(
                new LiveFigures(),
                (all, number) => all.Hear(new OutputChanged(Output($"target-{number}", OutputState.Finished)))
            );

        Assert.InRange(live.Outputs(Both.State, Sample.Time(5)).Count, 2, 40);
    }

    [Fact]
    public void Without_a_worker_every_output_is_retried_and_at_the_end_it_is_finished()
    {
        var live = new LiveFigures()
            .Hear(new OutputChanged(Output("target-1", OutputState.Active, frames: 70)))
            .Hear(new OutputChanged(Output("target-2", OutputState.Failed)));

        var resuming = Both.Hears(12, new WorkerLost(Sample.FirstRecord, FaultCode.PipelineFailed, "It died."));
        Assert.Equal(
            [OutputState.Retrying, OutputState.Retrying, OutputState.Failed],
            live.Outputs(resuming.State, Sample.Time(12)).Select(output => output.State)
        );

        var done = Both.Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(20)))
            .Hears(21, new RecordFinished(Sample.FirstRecord, TimeSpan.FromSeconds(18), 5000, Repaired: false));
        var outputs = live.Outputs(done.State, Sample.Time(21));
        Assert.Equal(
            [OutputState.Finished, OutputState.Finished, OutputState.Failed],
            outputs.Select(output => output.State)
        );
        Assert.Equal((5000L, 70L), (outputs[0].BytesSent, outputs[1].FramesSent));
    }

    [Fact]
    public void A_stream_alone_has_no_record_among_its_outputs() =>
        Assert.Equal(
            ["target-1"],
            new LiveFigures().Outputs(Streaming.State, Sample.Time(11)).Select(output => output.Id)
        );

    [Theory]
    [InlineData("rtmp://h/app/key", "rtmp://h/app/…")]
    [InlineData("rtmps://user:pass@h:444/app/key/more?x=y", "rtmps://h:444/app/…")]
    [InlineData("rtmp://h/key", "rtmp://h/…")]
    [InlineData("rtmp://h?key", "rtmp://h/…")]
    [InlineData("rtmp://h/key?x/y", "rtmp://h/…")]
    [InlineData("rtmp://[::1]:1935/app/key", "rtmp://[::1]:1935/app/…")]
    [InlineData("nonsense", "…")]
    public void A_target_never_shows_its_key(string address, string shown)
    {
        Assert.Equal(shown, new StreamTarget(address).Redacted);
        Assert.DoesNotContain(
            "key",
            new StreamOutput("target-1", new StreamTarget(address)).ToString(),
            StringComparison.Ordinal
        );
    }
}
