using System.Net;
using System.Text.Json;
using Recorder.EndToEnd.Tests.Harness;
using Recorder.ReferencePages;
using Xunit.Abstractions;

namespace Recorder.EndToEnd.Tests;

/// <summary>The reference clip, 640x360 at 25 frames/s, recorded for 11 s.</summary>
public sealed class ReferencePageRecording(PagesFixture fixture) : PageRecording(fixture)
{
    public override int LoopFrames => ReferenceClipFormat.Small.FrameCount;

    protected override Uri PageOf(ReferencePageServer pages) => pages.Reference;
}

/// <summary>What must hold for the record of a page whose every frame and beep is known.</summary>
[Collection(RealNodes.Name)]
public sealed class ReferencePageTests : RecordedPageTests, IClassFixture<ReferencePageRecording>
{
    private readonly ReferencePageRecording _recording;

    public ReferencePageTests(ReferencePageRecording recording, ITestOutputHelper output)
        : base(recording, output) => this._recording = recording;

    // 0.99 is the benchmark's figure; here a busy machine with two cores is allowed to lose some.
    protected override double LeastDistinctFrames => 0.85;

    [Fact]
    public void An_empty_farm_has_no_sessions_and_does_not_know_session_1()
    {
        Assert.Equal("[]", _recording.Before.Status.Body);
        Assert.Equal(HttpStatusCode.NotFound, _recording.Before.RecordsByQuery.Status);
        Assert.Equal("no_such_session", _recording.Before.RecordsByQuery.ReadError().Code);
        Assert.Equal(_recording.Before.RecordsByQuery.Body, _recording.Before.RecordsByBody);
    }

    [Fact]
    public void While_the_record_grows_the_session_runs_and_no_record_is_listed()
    {
        Assert.Equal("""[{"id":1,"records":[],"running":true,"is_running":true}]""", _recording.While.Status.Body);
        Assert.Equal("[]", _recording.While.RecordsByQuery.Body);
        Assert.Equal("[]", _recording.While.RecordsByBody);
    }

    [Fact]
    public void A_stopped_session_lists_its_one_record_in_every_answer()
    {
        var path = JsonSerializer.Serialize(_recording.Record.Path);

        Assert.Equal(
            $$"""[{"id":1,"records":[{{path}}],"running":false,"is_running":false}]""",
            _recording.After.Status.Body
        );
        Assert.Equal($"[{path}]", _recording.After.RecordsByQuery.Body);
        Assert.Equal($"[{path}]", _recording.After.RecordsByBody);
        Assert.Equal("application/json", _recording.After.Status.ContentType);
        Assert.Equal("stopped", _recording.Session.State);
        Assert.Empty(_recording.Session.Faults);
        Assert.Empty(_recording.Session.Gaps);
    }

    [Fact]
    public void The_record_has_a_name_of_the_originals_form_and_only_its_manifest_is_left_beside_it()
    {
        Assert.Matches(@"^\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d__0\.mp4$", Path.GetFileName(_recording.Record.Path));
        Assert.Equal(
            [_recording.Record.Path, _recording.Record.Path + ".json"],
            Directory.GetFileSystemEntries(_recording.RecordsFolder, "20*").Order(StringComparer.Ordinal)
        );
        Assert.Equal(new FileInfo(_recording.Record.Path).Length, _recording.Record.Bytes);
    }

    [Fact]
    public async Task The_manifest_beside_the_record_tells_what_is_in_the_file_and_no_query_of_the_page()
    {
        var manifest = await RecordFile.AssertManifestAsync(_recording.Record.Path);
        var (spec, record) = (
            manifest.GetProperty("spec"),
            Assert.Single(manifest.GetProperty("outputs").EnumerateArray())
        );

        Assert.Equal(
            (1, 1, _recording.Session.Node),
            (
                manifest.GetProperty("session").GetInt32(),
                manifest.GetProperty("attempt").GetInt32(),
                manifest.GetProperty("node").GetString()
            )
        );
        Assert.Equal(_recording.Record.Sha256, manifest.GetProperty("sha256").GetString());
        Assert.Equal(_recording.Record.OpenedAt, manifest.GetProperty("first_frame_at").GetDateTimeOffset());
        Assert.InRange(
            manifest.GetProperty("ended_at").GetDateTimeOffset(),
            _recording.Stopped.Called - TimeSpan.FromSeconds(0.5),
            _recording.Stopped.Answered
        );
        Assert.InRange(
            manifest.GetProperty("closed_at").GetDateTimeOffset(),
            _recording.Stopped.Called,
            _recording.Stopped.Answered
        );
        Assert.Equal(
            ("record", "finished"),
            (record.GetProperty("id").GetString(), record.GetProperty("state").GetString())
        );
        Assert.Equal(
            ("uri", 640, 360, 25),
            (
                spec.GetProperty("type").GetString(),
                spec.GetProperty("width").GetInt32(),
                spec.GetProperty("height").GetInt32(),
                spec.GetProperty("framerate").GetInt32()
            )
        );
        Assert.DoesNotContain('?', spec.GetProperty("uri").GetString()!);
        Assert.All(["gaps", "faults", "pauses"], name => Assert.Empty(manifest.GetProperty(name).EnumerateArray()));
    }

    [Fact]
    public async Task The_streams_are_as_asked_for()
    {
        var probe = await RecordFile.AssertPlayableAsync(_recording.Record.Path);
        var keyFrames = await RecordFile.KeyFrameDistancesAsync(_recording.Record.Path);

        Assert.Equal((640, 360), (probe.Video!.Width, probe.Video.Height));
        Assert.Equal("Constrained Baseline", probe.Video.Profile);
        Assert.Equal("yuv420p", probe.Video.PixelFormat);
        Assert.Equal(25, probe.Video.AverageFrameRate, 0.1);
        Assert.NotEmpty(keyFrames);
        Assert.InRange(keyFrames.Max(), 1, 60);
        Tell(
            $"key frames at most {keyFrames.Max()} frames apart; picture {probe.Video.BitRate / 1000} kbit/s, sound {probe.Sound!.BitRate / 1000} kbit/s"
        );
        Assert.InRange(probe.Video.BitRate!.Value, PageRecording.Bitrate * 100, PageRecording.Bitrate * 1500);
        Assert.InRange(probe.Sound.BitRate!.Value, 30_000, 300_000);
    }
}
