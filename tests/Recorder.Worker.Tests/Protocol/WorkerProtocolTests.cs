using System.Text.Json;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Tests.Protocol;

public class WorkerProtocolTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 20, 1, 2, 345, TimeSpan.Zero);

    public static TheoryData<WorkerCommand, string> Commands =>
        new()
        {
            {
                new WorkerCommand.Prepare(
                    3,
                    ":7",
                    32769,
                    "unix:/run/3/sound.sock",
                    Picture(1920, 1080, 25, 6000, 60),
                    new SoundSettings { Bitrate = 256 },
                    FileContainer.Mp4,
                    "/r/a.mp4",
                    1 << 30,
                    true,
                    [new WorkerTarget("target-1", "rtmp://host/app/key", "rtmp://host/app/…")]
                ),
                """{"command":"prepare","session":3,"display":":7","framebufferId":32769,"pulseServer":"unix:/run/3/sound.sock","picture":{"width":1920,"height":1080,"framerate":25,"bitrate":6000,"preset":"ultrafast","profile":"baseline","keyframeInterval":60},"sound":{"bitrate":256},"container":"mp4","path":"/r/a.mp4","minimumFreeBytes":1073741824,"hls":true,"targets":[{"id":"target-1","address":"rtmp://host/app/key","shown":"rtmp://host/app/\u2026"}]}"""
            },
            {
                new WorkerCommand.Prepare(
                    3,
                    ":7",
                    32769,
                    "",
                    Picture(640, 360, 25, 900, 50),
                    new SoundSettings { Bitrate = 96 },
                    FileContainer.Mp4,
                    null,
                    0,
                    false,
                    []
                ),
                """{"command":"prepare","session":3,"display":":7","framebufferId":32769,"pulseServer":"","picture":{"width":640,"height":360,"framerate":25,"bitrate":900,"preset":"ultrafast","profile":"baseline","keyframeInterval":50},"sound":{"bitrate":96},"container":"mp4","path":null,"minimumFreeBytes":0,"hls":false,"targets":[]}"""
            },
            {
                new WorkerCommand.Prepare(
                    3,
                    ":7",
                    32769,
                    "",
                    Picture(640, 360, 5, 900, 60) with
                    {
                        LiveKeyFrames = true,
                    },
                    new SoundSettings { Bitrate = 96 },
                    FileContainer.Mp4,
                    "/r/a.mp4",
                    0,
                    false,
                    []
                ),
                """{"command":"prepare","session":3,"display":":7","framebufferId":32769,"pulseServer":"","picture":{"width":640,"height":360,"framerate":5,"bitrate":900,"preset":"ultrafast","profile":"baseline","keyframeInterval":60,"liveKeyFrames":true},"sound":{"bitrate":96},"container":"mp4","path":"/r/a.mp4","minimumFreeBytes":0,"hls":false,"targets":[]}"""
            },
            { new WorkerCommand.Begin(), """{"command":"begin"}""" },
            {
                new WorkerCommand.Begin { Resumes = true },
                """{"command":"begin","resumes":true}"""
            },
            {
                new WorkerCommand.ChangeTargets([
                    new WorkerTarget("target-2", "rtmps://host/app/key?a=b", "rtmps://host/app/…"),
                ]),
                """{"command":"setTargets","targets":[{"id":"target-2","address":"rtmps://host/app/key?a=b","shown":"rtmps://host/app/\u2026"}]}"""
            },
            { new WorkerCommand.Pause(), """{"command":"pause"}""" },
            { new WorkerCommand.Unpause(), """{"command":"continue"}""" },
            {
                new WorkerCommand.Mark("mark-1", "Questions", At),
                """{"command":"mark","id":"mark-1","title":"Questions","at":"2026-11-22T20:01:02.345+00:00"}"""
            },
            {
                new WorkerCommand.Repair("/r/a.mp4", FileContainer.Mp4, 0) { Chapters = [new RecordChapter("One", 4.04)] },
                """{"command":"repair","path":"/r/a.mp4","container":"mp4","minimumFreeBytes":0,"chapters":[{"title":"One","at":4.04}]}"""
            },
            { new WorkerCommand.TakeThumbnail(), """{"command":"takeThumbnail"}""" },
            { new WorkerCommand.Finish(), """{"command":"finish"}""" },
            {
                new WorkerCommand.Repair("/r/a.mkv", FileContainer.Mkv, 1_000),
                """{"command":"repair","path":"/r/a.mkv","container":"mkv","minimumFreeBytes":1000}"""
            },
            {
                new WorkerCommand.Keep("/r/a.mkv", FileContainer.Mkv),
                """{"command":"keep","path":"/r/a.mkv","container":"mkv"}"""
            },
            {
                new WorkerCommand.ReceiveRtp(
                    3,
                    "10.0.0.7",
                    PictureCodec.Vp8,
                    new RtpLegSettings(5000, 5001, 96, 90_000),
                    new RtpLegSettings(0, 0, 111, 48_000) { EarlierRtpPort = 5002, EarlierRtcpPort = 5003 },
                    FileContainer.Webm,
                    "/r/a.webm",
                    1 << 30
                ),
                """{"command":"receiveRtp","session":3,"address":"10.0.0.7","codec":"vp8","video":{"rtpPort":5000,"rtcpPort":5001,"payloadType":96,"clockRate":90000,"earlierRtpPort":0,"earlierRtcpPort":0},"audio":{"rtpPort":0,"rtcpPort":0,"payloadType":111,"clockRate":48000,"earlierRtpPort":5002,"earlierRtcpPort":5003},"container":"webm","path":"/r/a.webm","minimumFreeBytes":1073741824}"""
            },
            { new WorkerCommand.Alive(9), """{"command":"alive","limit":9}""" },
        };

    public static TheoryData<WorkerEvent, string> Events =>
        new()
        {
            { new WorkerEvent.Ready(), """{"event":"ready"}""" },
            {
                new WorkerEvent.FirstFrame(At, "/r/a.mp4"),
                """{"event":"firstFrame","at":"2026-11-22T20:01:02.345+00:00","path":"/r/a.mp4"}"""
            },
            {
                new WorkerEvent.Progress(100, 90, 10, 1, 5000, 4000, 4.04, 0.5) { Recorded = 74 },
                """{"event":"progress","captured":100,"painted":90,"repeated":10,"dropped":1,"encodedBytes":5000,"fileBytes":4000,"duration":4.04,"silenceInserted":0.5,"recorded":74}"""
            },
            {
                new WorkerEvent.FirstFrame(At, null),
                """{"event":"firstFrame","at":"2026-11-22T20:01:02.345+00:00","path":null}"""
            },
            {
                new WorkerEvent.OutputChanged(
                    new WorkerOutput(
                        "target-1",
                        "rtmp",
                        "rtmp://host/app/…",
                        WorkerOutputState.Retrying,
                        At,
                        "refused",
                        7,
                        2,
                        900,
                        1
                    )
                ),
                """{"event":"outputChanged","output":{"id":"target-1","kind":"rtmp","target":"rtmp://host/app/\u2026","state":"retrying","since":"2026-11-22T20:01:02.345+00:00","reason":"refused","framesSent":7,"framesDropped":2,"bytesSent":900,"retries":1}}"""
            },
            {
                new WorkerEvent.PauseChanged(true, At),
                """{"event":"pauseChanged","paused":true,"at":"2026-11-22T20:01:02.345+00:00"}"""
            },
            { new WorkerEvent.Marked("mark-1", 4.04), """{"event":"marked","id":"mark-1","at":4.04}""" },
            {
                new WorkerEvent.ThumbnailTaken([255, 216], At),
                """{"event":"thumbnailTaken","jpeg":"/9g=","at":"2026-11-22T20:01:02.345+00:00"}"""
            },
            {
                new WorkerEvent.ThumbnailFailed("No picture."),
                """{"event":"thumbnailFailed","message":"No picture."}"""
            },
            { new WorkerEvent.SoundLost("gone"), """{"event":"soundLost","message":"gone"}""" },
            { new WorkerEvent.DisplayLost("gone"), """{"event":"displayLost","message":"gone"}""" },
            {
                new WorkerEvent.Failed("disk_full", "No room."),
                """{"event":"failed","code":"disk_full","message":"No room."}"""
            },
            {
                new WorkerEvent.Finished("/r/a.mp4", 12.04, 9000, 301, "finish"),
                """{"event":"finished","path":"/r/a.mp4","duration":12.04,"bytes":9000,"frames":301,"reason":"finish"}"""
            },
            {
                new WorkerEvent.Finished(null, 12.04, 0, 301, "finish"),
                """{"event":"finished","path":null,"duration":12.04,"bytes":0,"frames":301,"reason":"finish"}"""
            },
            {
                new WorkerEvent.RtpReady(At, 5000, 5001, 5002, null),
                """{"event":"rtpReady","at":"2026-11-22T20:01:02.345+00:00","rtpPort":5000,"rtcpPort":5001,"audioRtpPort":5002,"audioRtcpPort":null}"""
            },
            {
                new WorkerEvent.RtpProgress(
                    25,
                    9000,
                    1.04,
                    new RtpFigures(
                        At,
                        new RtpLegFigures(7, At, 60, 50_000, 2, 1, TimeSpan.FromMilliseconds(3), 1, 4),
                        null
                    )
                ),
                """{"event":"rtpProgress","frames":25,"fileBytes":9000,"duration":1.04,"statistics":{"at":"2026-11-22T20:01:02.345+00:00","video":{"ssrc":7,"lastPacketAt":"2026-11-22T20:01:02.345+00:00","packets":60,"bytes":50000,"lost":2,"rejected":1,"jitter":"00:00:00.0030000","sourceChanges":1,"keyFrameRequests":4},"audio":null}}"""
            },
            {
                new WorkerEvent.RtpSenderSilent(At, "Nothing came."),
                """{"event":"rtpSenderSilent","at":"2026-11-22T20:01:02.345+00:00","message":"Nothing came."}"""
            },
            {
                new WorkerEvent.RtpSenderHeard(At),
                """{"event":"rtpSenderHeard","at":"2026-11-22T20:01:02.345+00:00"}"""
            },
            {
                new WorkerEvent.RtpSenderIgnored(At, "Two senders."),
                """{"event":"rtpSenderIgnored","at":"2026-11-22T20:01:02.345+00:00","message":"Two senders."}"""
            },
            {
                new WorkerEvent.RtpReceptionFailed(At, "It broke."),
                """{"event":"rtpReceptionFailed","at":"2026-11-22T20:01:02.345+00:00","message":"It broke."}"""
            },
            {
                new WorkerEvent.Unrecoverable("/r/a.mp4", "Empty."),
                """{"event":"unrecoverable","path":"/r/a.mp4","message":"Empty."}"""
            },
        };

    [Theory]
    [InlineData(typeof(WorkerCommand))]
    [InlineData(typeof(WorkerEvent))]
    public void Every_message_has_its_line_here(Type kind)
    {
        var lines =
            kind == typeof(WorkerCommand)
                ? Commands.Select(line => line[0].GetType())
                : Events.Select(line => line[0].GetType());
        Assert.Empty(kind.GetNestedTypes().Where(message => message.IsSubclassOf(kind)).Except(lines));
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_has_the_form_that_was_agreed(WorkerCommand command, string line)
    {
        Assert.Equal(line, WorkerProtocol.Serialize(command));
        var read = WorkerProtocol.ParseCommand(line);
        Assert.IsType(command.GetType(), read);

        // A record compares its lists by reference.
        Assert.Equal(line, WorkerProtocol.Serialize(read));
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void An_event_has_the_form_that_was_agreed(WorkerEvent workerEvent, string line)
    {
        Assert.Equal(line, WorkerProtocol.Serialize(workerEvent));
        var read = WorkerProtocol.ParseEvent(line);
        Assert.IsType(workerEvent.GetType(), read);
        Assert.Equal(line, WorkerProtocol.Serialize(read));
    }

    [Theory]
    [InlineData("")]
    [InlineData("begin")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"command":"dance"}""")]
    [InlineData("""{"command":1}""")]
    [InlineData("""{"command":"repair"}""")]
    [InlineData("""{"command":"repair","path":null,"container":"mp4","minimumFreeBytes":0}""")]
    [InlineData("""{"command":"repair","path":"/a","container":"avi","minimumFreeBytes":0}""")]
    public void A_line_that_is_no_command_is_a_json_error(string line) =>
        Assert.Throws<JsonException>(() => WorkerProtocol.ParseCommand(line));

    [Fact]
    public void The_discriminator_may_stand_anywhere() =>
        Assert.Equal(
            new WorkerCommand.Keep("/a", FileContainer.Ts),
            WorkerProtocol.ParseCommand("""{"path":"/a","container":"ts","command":"keep"}""")
        );

    private static PictureSettings Picture(int width, int height, int framerate, int bitrate, int keyframeInterval) =>
        new()
        {
            Width = width,
            Height = height,
            Framerate = framerate,
            Bitrate = bitrate,
            Preset = "ultrafast",
            Profile = "baseline",
            KeyframeInterval = keyframeInterval,
        };
}
