using System.Text.Json;
using Recorder.Cluster.Sessions.Actor;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Sessions.Records;

namespace Recorder.Cluster.Tests.Sessions.Records;

/// <summary>What belongs into the manifest of which record, and what into none.</summary>
public sealed class RecordManifestTests
{
    private const string Path = Sample.FirstRecord;

    [Fact]
    public void The_manifest_of_a_stopped_sessions_record_tells_all_of_it()
    {
        var manifest = ManifestOf(Story.Stopped.State, Path);

        Assert.Equal(
            (1, Sample.Id, 1, Sample.Node, "2021-09-22_07:56:00__0.mp4"),
            (manifest.Version, manifest.Session, manifest.Attempt, manifest.Node, manifest.Record)
        );
        Assert.Equal(new ManifestCodecs("h264", "aac"), manifest.Codecs);
        Assert.Equal(
            (18, false, 200, 1),
            (manifest.DurationSeconds, manifest.Repaired, manifest.FramesRecorded, manifest.FramesDropped)
        );
        Assert.Equal(
            (Time(0), Time(2), Time(20), Time(21)),
            (manifest.BegunAt, manifest.FirstFrameAt, manifest.EndedAt, manifest.ClosedAt)
        );
        Assert.Equal("https://example.org/room", Assert.IsType<PageSpecAnswer>(manifest.Spec).Uri);
        Assert.Empty(manifest.Gaps);
        Assert.Empty(manifest.Pauses);
        Assert.Empty(manifest.Faults);
        Assert.Equal(
            (OutputSummary.RecordId, OutputState.Finished, 12_000_000),
            Only(manifest.Outputs.Select(output => (output.Id, output.State, output.BytesSent)))
        );
    }

    [Fact]
    public void A_fault_belongs_to_the_record_it_broke_and_the_gap_to_the_next_one()
    {
        var story = Story.OnTheWayToTheNextRecord;
        var next = story.CurrentPath;
        story = story
            .Hears(14, new FirstFrameWritten(next, Sample.Time(14)))
            .Hears(15, new RecordFinished(Path, TimeSpan.FromSeconds(9.5), 900, Repaired: true))
            .Hears(16, new BrowserLost(Sample.Time(16), "It crashed."))
            .Hears(18, new BrowserRestored(Sample.Time(18)))
            .Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(20)))
            .Hears(21, new RecordFinished(next, TimeSpan.FromSeconds(6), 600, Repaired: false))
            .Ends(21);

        var (first, second) = (ManifestOf(story.State, Path), ManifestOf(story.State, next));
        Assert.Equal([FaultCode.PipelineFailed], first.Faults.Select(fault => fault.Code));
        Assert.Empty(first.Gaps);
        Assert.Equal((true, Time(11.5), Time(15)), (first.Repaired, first.EndedAt, first.ClosedAt));
        Assert.Equal([FaultCode.BrowserFailed], second.Faults.Select(fault => fault.Code));
        Assert.Equal(
            [
                new SessionGap(Time(11.5), Time(14), FaultCode.PipelineFailed),
                new SessionGap(Time(16), Time(18), FaultCode.BrowserFailed),
            ],
            second.Gaps
        );
        Assert.Equal(story.State.Gaps, [.. first.Gaps, .. second.Gaps]);
    }

    [Fact]
    public void A_gap_that_outlasts_its_record_is_told_in_two_parts()
    {
        var story = Story
            .Recording.Hears(12, new BrowserLost(Sample.Time(12), "It crashed."))
            .Hears(16, new RecordFinished(Path, TimeSpan.FromSeconds(14), 900, Repaired: false))
            .Hears(16, new MediaFailed(FaultCode.DisplayFailed, "The display server died."))
            .Then(state => SessionDecisions.ResumeMedia(state, Sample.At(17)));
        var next = story.CurrentPath;
        story = story.Hears(19, new FirstFrameWritten(next, Sample.Time(19)));
        var first = ManifestOf(story.State, Path);
        story = story
            .Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(20)))
            .Hears(21, new RecordFinished(next, TimeSpan.FromSeconds(1), 600, Repaired: false))
            .Ends(21);

        var second = ManifestOf(story.State, next);
        Assert.Equal(new SessionGap(Time(12), Time(16), FaultCode.BrowserFailed), Assert.Single(first.Gaps));
        Assert.Equal([new SessionGap(Time(16), Time(19), FaultCode.BrowserFailed)], second.Gaps);
        Assert.Equal([FaultCode.BrowserFailed], first.Faults.Select(fault => fault.Code));
        Assert.Equal([FaultCode.DisplayFailed], second.Faults.Select(fault => fault.Code));
        Assert.Equal(first, ManifestOf(story.State, Path), Same);
    }

    [Fact]
    public void A_fault_that_ends_the_session_after_its_record_was_finalised_is_in_its_last_manifest()
    {
        var story = Story
            .Recording.Hears(12, new RecordFinished(Path, TimeSpan.FromSeconds(10), 900, Repaired: false))
            .Hears(12, new MediaFailed(FaultCode.DiskFull, "The disk is full."));
        Assert.Empty(
            ManifestDecisions.Due(
                Story
                    .Recording.Hears(12, new RecordFinished(Path, TimeSpan.FromSeconds(10), 900, Repaired: false))
                    .State,
                leaving: false
            )
        );
        story = story.Ends(12);

        Assert.Equal(Path, Assert.Single(ManifestDecisions.Due(story.State, leaving: false)).Path);
        Assert.Equal([FaultCode.DiskFull], ManifestOf(story.State, Path).Faults.Select(fault => fault.Code));
    }

    [Fact]
    public void A_record_that_is_closed_because_its_node_leaves_is_due_at_once()
    {
        var story = Story.Recording.Hears(12, new RecordFinished(Path, TimeSpan.FromSeconds(10), 900, Repaired: false));

        Assert.Empty(ManifestDecisions.Due(story.State, leaving: false));
        Assert.Equal(Path, Assert.Single(ManifestDecisions.Due(story.State, leaving: true)).Path);
    }

    [Fact]
    public void Pauses_lengthen_the_time_but_not_the_record_and_one_that_lasts_is_cut_off_at_its_end()
    {
        var story = Story
            .Recording.Then(_ => [new RecordingPaused(Sample.Time(12), Sample.Node)])
            .Then(_ => [new RecordingUnpaused(Sample.Time(15), Sample.Node)])
            .Then(_ => [new RecordingPaused(Sample.Time(19), Sample.Node)])
            .Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(30)))
            .Hears(31, new RecordFinished(Path, TimeSpan.FromSeconds(14), 900, Repaired: false))
            .Ends(31);

        var manifest = ManifestOf(story.State, Path);
        Assert.Equal([new SessionPause(Time(12), Time(15)), new SessionPause(Time(19), Time(31))], manifest.Pauses);
        Assert.Equal((Time(19), Time(31)), (manifest.EndedAt, manifest.ClosedAt));
        Assert.Empty(manifest.Gaps);
    }

    [Fact]
    public void A_pause_of_the_next_record_is_not_in_the_manifest_of_one_that_is_repaired_later()
    {
        var story = Story.OnTheWayToTheNextRecord;
        story = story
            .Hears(14, new FirstFrameWritten(story.CurrentPath, Sample.Time(14)))
            .Then(_ => [new RecordingPaused(Sample.Time(15), Sample.Node)])
            .Then(_ => [new RecordingUnpaused(Sample.Time(17), Sample.Node)])
            .Hears(20, new RecordFinished(Path, TimeSpan.FromSeconds(9.5), 900, Repaired: true));

        Assert.Empty(ManifestOf(story.State, Path).Pauses);
        Assert.Equal(Time(11.5), ManifestOf(story.State, Path).EndedAt);
    }

    [Fact]
    public void Once_it_is_written_nothing_is_due_and_nothing_kept_for_it()
    {
        var state = Story
            .Stopped.Then(state => ManifestDecisions.Hear(state, new ManifestDone(Path, Hash), Sample.At(22)))
            .State;

        Assert.Equal(Hash, Assert.Single(state.Summarise().Records).Sha256);
        Assert.False(state.Summarise().Records[0].ManifestDue);
        Assert.Empty(ManifestDecisions.Hear(state, new ManifestDone(Path, Hash), Sample.At(23)));
        Assert.True(Story.Stopped.State.Summarise().Records[0].ManifestDue);
    }

    [Fact]
    public void What_cannot_be_written_is_a_fault_told_once_and_given_up_only_for_good()
    {
        var full = new ManifestFailed(Path, "The disk is full.", MayPass: true);
        var story = Story
            .Stopped.Then(state => ManifestDecisions.Hear(state, full, Sample.At(22)))
            .Then(state => ManifestDecisions.Hear(state, full, Sample.At(32)));
        Assert.Equal(
            (FaultCode.ManifestFailed, "The disk is full."),
            Only(story.State.Faults.Select(fault => (fault.Code, fault.Message)))
        );
        Assert.True(story.State.Summarise().Records[0].ManifestDue);

        story = story.Then(state =>
            ManifestDecisions.Hear(
                state,
                new ManifestFailed(Path, "The file is gone.", MayPass: false),
                Sample.At(42)
            )
        );
        Assert.Equal([nameof(FaultMet), nameof(ManifestGivenUp)], story.Events);
        Assert.False(story.State.Summarise().Records[0].ManifestDue);
        Assert.Equal((SessionPhase.Stopped, null), (story.State.Phase, story.State.Summarise().Records[0].Sha256));
    }

    [Fact]
    public void Each_fault_is_in_one_manifest()
    {
        var story = Story.Recording;
        List<string> paths = [Path];
        for (var round = 0; round < 4; round++)
        {
            var at = 20 + (10 * round);
            story = story
                .Hears(at, new WorkerLost(story.CurrentPath, FaultCode.PipelineFailed, $"{round} a"))
                .Then(_ => [new FaultMet(FaultCode.PageFailed, $"{round} b", Sample.Time(at + 1), Sample.Node)])
                .Then(state => SessionDecisions.ResumeMedia(state, Sample.At(at + 2)));
            story = story.Hears(at + 3, new FirstFrameWritten(story.CurrentPath, Sample.Time(at + 3)));
            paths.Add(story.CurrentPath);
        }

        story = paths
            .SkipLast(1)
            .Aggregate(
                story,
                (told, path) => told.Hears(90, new RecordFinished(path, TimeSpan.FromSeconds(3), 10, Repaired: true))
            )
            .Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(91)))
            .Hears(92, new RecordFinished(paths[^1], TimeSpan.FromSeconds(3), 10, Repaired: false))
            .Ends(92);

        Assert.Equal(
            [
                ["0 a"],
                ["0 b", "1 a"],
                ["1 b", "2 a"],
                ["2 b", "3 a"],
                ["3 b"],
            ],
            paths.Select(path => ManifestOf(story.State, path).Faults.Select(fault => fault.Message).ToArray())
        );
    }

    [Fact]
    public void Nothing_that_lets_somebody_in_is_in_the_file()
    {
        var spec = new PageSessionSpec(
            new Uri("https://ann:pass-1@meet.example.org:8443/room/42?token=secret-2#key=secret-3")
        )
        {
            Mode = RecordingMode.Both,
            StreamTargets = [new StreamTarget("rtmp://live.example.org/app/secret-4?auth=secret-5")],
            Name = "Výbor, 3. zasedání",
        };
        var story = Story
            .New.Then(state => SessionDecisions.Start(state, spec, Sample.At(0)))
            .Hears(2, new FirstFrameWritten(Path, Sample.Time(2)))
            .Hears(
                3,
                new BrowserLost(
                    Sample.Time(3),
                    "net::ERR_FAILED at https://ann:pass-1@meet.example.org:8443/room/42?token=secret-2 (wss://h/ws?secret-2)."
                )
            )
            .Then(_ =>
                [
                    new FaultMet(
                        FaultCode.StreamFailed,
                        "rtmp://live.example.org/app/secret-4?auth=secret-5 refused.",
                        Sample.Time(4),
                        Sample.Node
                    ),
                ]
            )
            .Then(state => SessionDecisions.Stop(state, alive: true, Sample.At(20)))
            .Hears(21, new RecordFinished(Path, TimeSpan.FromSeconds(18), 900, Repaired: false))
            .Ends(21);
        var target = new OutputSummary(
            "target-1",
            OutputKind.Rtmp,
            "rtmp://live.example.org/app/…",
            OutputState.Failed,
            Sample.Time(5),
            "rtmps://u:pass-1@h/a/secret-4 said no",
            1,
            2,
            3,
            4
        );

        var file = System.Text.Encoding.UTF8.GetString(
            RecordManifest.Of(story.State, story.State.Records[0], [target]).ToFile()
        );

        Assert.DoesNotContain("secret", file, StringComparison.Ordinal);
        Assert.DoesNotContain("pass-1", file, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(file);
        Assert.Equal(
            "https://meet.example.org:8443/room/42",
            json.RootElement.GetProperty("spec").GetProperty("uri").GetString()
        );
        Assert.Equal("Výbor, 3. zasedání", json.RootElement.GetProperty("spec").GetProperty("name").GetString());
        Assert.Equal(
            "net::ERR_FAILED at https://meet.example.org:8443/room/42 (wss://h/ws",
            json.RootElement.GetProperty("faults")[0].GetProperty("message").GetString()
        );
        Assert.Equal(
            "rtmp://live.example.org/app/… refused.",
            json.RootElement.GetProperty("faults")[1].GetProperty("message").GetString()
        );
        Assert.Equal(
            ["record", "target-1"],
            json.RootElement.GetProperty("outputs")
                .EnumerateArray()
                .Select(output => output.GetProperty("id").GetString()!)
        );
        Assert.Equal(Sample.Node, json.RootElement.GetProperty("node").GetString());
    }

    [Fact]
    public void Frames_that_nobody_has_counted_are_not_told_as_none()
    {
        var found = new RecordFound(
            "/records/2021-09-22_07:56:05__0.mp4",
            2,
            Sample.Time(5),
            TimeSpan.FromSeconds(3),
            700,
            Sample.Time(10),
            Sample.OtherNode
        );
        var state = Story.Stopped.State.Apply(found);
        using var uncounted = JsonDocument.Parse(ManifestOf(state, found.Path).ToFile());
        using var counted = JsonDocument.Parse(ManifestOf(state, Path).ToFile());

        foreach (var field in (string[])["frames_captured", "frames_recorded", "frames_dropped"])
        {
            Assert.Equal(JsonValueKind.Null, uncounted.RootElement.GetProperty(field).ValueKind);
            Assert.Equal(JsonValueKind.Number, counted.RootElement.GetProperty(field).ValueKind);
        }
    }

    [Fact]
    public void The_form_of_version_1_is_what_it_always_was()
    {
        using var json = JsonDocument.Parse(ManifestOf(Story.Stopped.State, Path).ToFile());

        Assert.Equal(
            [
                "version",
                "session",
                "attempt",
                "node",
                "record",
                "container",
                "codecs",
                "bytes",
                "sha256",
                "duration_seconds",
                "repaired",
                "begun_at",
                "first_frame_at",
                "ended_at",
                "closed_at",
                "frames_captured",
                "frames_recorded",
                "frames_dropped",
                "spec",
                "gaps",
                "pauses",
                "faults",
                "outputs",
                "end_reason",
            ],
            json.RootElement.EnumerateObject().Select(field => field.Name)
        );
        Assert.Equal("2021-09-22T07:56:02+00:00", json.RootElement.GetProperty("first_frame_at").GetString());
        Assert.Equal("mp4", json.RootElement.GetProperty("container").GetString());
    }

    [Fact]
    public void An_rtp_sessions_codecs_are_those_it_receives()
    {
        Assert.Equal(
            new ManifestCodecs("vp9", "opus"),
            ManifestCodecs.Of(new RtpSessionSpec(0, 0) { Codec = RtpCodec.Vp9, Audio = new RtpAudioLeg(0, 0) })
        );
        Assert.Equal(
            new ManifestCodecs("h264", null),
            ManifestCodecs.Of(new RtpSessionSpec(0, 0) { Codec = RtpCodec.H264 })
        );
    }

    private static string Hash => new('a', 64);

    private static DateTimeOffset Time(double seconds) => Sample.Time(seconds);

    private static T Only<T>(IEnumerable<T> all) => Assert.Single(all);

    private static bool Same(RecordManifest one, RecordManifest two) =>
        one.ToFile().AsSpan().SequenceEqual(two.ToFile());

    private static RecordManifest ManifestOf(SessionState state, string path) =>
        RecordManifest.Of(
            state,
            state.Records.Single(record => record.Path == path),
            new LiveFigures().Outputs(state, Sample.Time(99))
        );
}
