using Akka.Actor;
using Akka.TestKit;
using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Browsing;
using Recorder.Node.Media;
using Recorder.Node.Media.Rtp;
using Recorder.Node.Processes;
using Recorder.Node.Tests.Browsing;
using Recorder.Node.Workers;
using Recorder.Worker.Network;
using Xunit.Abstractions;

namespace Recorder.Node.Tests.Media;

/// <summary>The media actor over real displays, sound servers and browsers, with a worker that only speaks the
/// protocol.</summary>
public sealed class MediaActorRealTests(ITestOutputHelper output) : MediaRig(output)
{
    [Fact]
    public async Task A_page_is_shown_then_the_first_frame_is_told_and_finishing_lets_the_page_say_good_bye_and_leaves_nothing()
    {
        await using var pages = await PageServer.StartAsync();
        var (session, media) = NewMedia();
        var path = RecordPath("one.mp4");

        media.Tell(new BeginRecording(1, Spec(pages["/bye"]), path), session);
        var first = await Within<FirstFrameWritten>(session, "the first frame");
        Assert.Equal(path, first.RecordPath);
        Assert.Empty(pages.Told);
        Assert.Equal(
            ["browser", "display", "sound", "worker"],
            ProcessSweep.Find(Root.Path).Select(process => process.Role).Distinct().Order()
        );
        await Within<RecordGrew>(session, "the growth");

        media.Tell(new FinishRecording(), session);
        var finished = await Within<RecordFinished>(session, "the end");
        Assert.Equal(new RecordFinished(path, TimeSpan.FromSeconds(1.5), 3, Repaired: false), finished);
        Assert.Contains("?bye", pages.Told);
        Assert.Empty(ProcessSweep.Find(Root.Path));
        Assert.Empty(Directory.EnumerateDirectories(Root.Path));
    }

    [Theory]
    [InlineData("/missing", "the server answered 404")]
    [InlineData("http://127.0.0.1:4/", "net::ERR_CONNECTION_REFUSED")]
    [InlineData("http://no-such-host.invalid/", "net::ERR_NAME_NOT_RESOLVED")]
    public async Task A_page_that_does_not_load_ends_the_set_with_the_browsers_reason(string address, string reason)
    {
        await using var pages = await PageServer.StartAsync();
        var (session, media) = NewMedia();
        media.Tell(
            new BeginRecording(1, Spec(address[0] == '/' ? pages[address] : new Uri(address)), RecordPath("one.mp4")),
            session
        );
        var failed = await Within<MediaFailed>(session, "the failure");
        Assert.Equal(FaultCode.PageFailed, failed.Code);
        Assert.Contains(reason, failed.Message, StringComparison.Ordinal);
        Assert.Empty(ProcessSweep.Find(Root.Path));
    }

    [Fact]
    public async Task A_lost_worker_is_told_and_the_next_record_goes_on_with_the_same_browser()
    {
        await using var pages = await PageServer.StartAsync();
        var (session, media) = NewMedia();
        media.Tell(new BeginRecording(1, Spec(pages["/page"]), RecordPath("one.mp4")), session);
        await Within<FirstFrameWritten>(session, "the first frame");
        await Within<RecordGrew>(session, "the growth");
        Kill("worker");
        var lost = await Within<WorkerLost>(session, "the loss of the worker");
        Assert.Equal((RecordPath("one.mp4"), FaultCode.PipelineFailed), (lost.RecordPath, lost.Code));

        media.Tell(new ResumeRecording(RecordPath("two.mp4")), session);
        media.Tell(new RepairRecord(RecordPath("one.mp4"), RecordContainer.Mp4), session);
        var messages = new List<object>();
        while (messages.Count < 3)
        {
            messages.Add(await Within<IMediaEvent>(session, "the next record and the repair of the last"));
        }
        Assert.Contains(
            new RecordFinished(RecordPath("one.mp4"), TimeSpan.FromSeconds(1), 3, Repaired: true),
            messages
        );
        Assert.Equal(RecordPath("two.mp4"), Assert.Single(messages.OfType<FirstFrameWritten>()).RecordPath);
        Assert.Equal(1, pages.Requests);
        media.Tell(new FinishRecording(), session);
        await Within<RecordFinished>(session, "the end");
    }

    [Theory]
    [InlineData("display", FaultCode.DisplayFailed)]
    [InlineData("sound", FaultCode.SoundFailed)]
    public async Task A_lost_display_or_sound_server_ends_the_set_after_its_record(string part, string code)
    {
        await using var pages = await PageServer.StartAsync();
        var (session, media) = NewMedia();
        media.Tell(new BeginRecording(1, Spec(pages["/page"]), RecordPath("one.mp4")), session);
        await Within<FirstFrameWritten>(session, "the first frame");
        await Within<RecordGrew>(session, "the growth");
        Kill(part);
        // The browser dies with its display, which may be told first.
        var next = await Within<IMediaEvent>(session, "the record");
        if (next is BrowserLost)
        {
            next = await Within<IMediaEvent>(session, "the record");
        }
        Assert.IsType<RecordFinished>(next);
        Assert.Equal(code, (await Within<MediaFailed>(session, "the failure")).Code);
        Assert.Empty(ProcessSweep.Find(Root.Path));
    }

    [Theory]
    [InlineData("full.mp4", FaultCode.DiskFull, true)]
    [InlineData("refuses.mp4", FaultCode.PipelineFailed, false)]
    public async Task A_worker_that_fails_is_told_by_its_reason(string name, string code, bool recorded)
    {
        await using var pages = await PageServer.StartAsync();
        var (session, media) = NewMedia();
        media.Tell(new BeginRecording(1, Spec(pages["/page"]), RecordPath(name)), session);
        if (recorded)
        {
            await Within<FirstFrameWritten>(session, "the first frame");
            await Within<RecordGrew>(session, "the growth");
            await Within<RecordFinished>(session, "the record");
        }

        Assert.Equal(code, (await Within<MediaFailed>(session, "the failure")).Code);
        Assert.Equal(recorded, File.Exists(RecordPath(name)));
        Assert.Empty(ProcessSweep.Find(Root.Path));
    }

    [Fact]
    public async Task A_file_without_anything_playable_is_told_by_its_repair()
    {
        var (session, media) = NewMedia();
        media.Tell(new RepairRecord(RecordPath("none.mp4"), RecordContainer.Mp4), session);
        Assert.Equal(
            new RecordUnrecoverable(RecordPath("none.mp4"), "The file is empty."),
            await Within<RecordUnrecoverable>(session, "the repair")
        );
    }

    [Fact]
    public async Task A_record_of_another_folder_is_neither_repaired_nor_given_up()
    {
        var folder = MarkedFolder.Open(
            Path.GetDirectoryName(RecordPath("none.mp4"))!,
            Directory.CreateDirectory(Path.Join(Path.GetDirectoryName(RecordPath("none.mp4")), "data")).FullName,
            TimeProvider.System
        );
        var (session, media) = NewMedia(folder);
        media.Tell(
            new RepairRecord(RecordPath("none.mp4"), RecordContainer.Mp4) { Folder = FolderId.New(), Opened = true },
            session
        );
        Assert.Equal(RecordPath("none.mp4"), (await Within<RecordNotHere>(session, "the look")).RecordPath);

        media.Tell(
            new RepairRecord(RecordPath("gone.mp4"), RecordContainer.Mp4)
            {
                Folder = folder.Standing.Id,
                Opened = true,
            },
            session
        );
        Assert.Contains(
            "There is no file",
            (await Within<RecordUnrecoverable>(session, "the look")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_repair_whose_worker_dies_is_made_by_another()
    {
        var (session, media) = NewMedia();
        await File.WriteAllTextAsync(RecordPath("dies-once.mp4"), "abc");
        media.Tell(new RepairRecord(RecordPath("dies-once.mp4"), RecordContainer.Mp4), session);
        Assert.True((await Within<RecordFinished>(session, "the repair")).Repaired);
        Assert.Equal(2, File.ReadLines(RecordPath("dies-once.mp4.repairs")).Count());
    }

    [Fact]
    public async Task A_record_at_whose_repair_all_workers_die_is_kept_as_it_is_when_it_plays()
    {
        var (session, media) = NewMedia();
        var path = RecordPath("dies-repairing.mp4");
        await File.WriteAllTextAsync(path, "abc");
        media.Tell(new RepairRecord(path, RecordContainer.Mp4), session);
        Assert.Equal(
            new RecordFinished(path, TimeSpan.FromSeconds(2), 3, Repaired: true),
            await Within<RecordFinished>(session, "what is kept")
        );
        Assert.Equal(3, File.ReadLines(path + ".repairs").Count());
    }

    [Fact]
    public async Task A_repair_whose_workers_all_die_is_given_up_and_leaves_the_file()
    {
        var (session, media) = NewMedia();
        await File.WriteAllTextAsync(RecordPath("always-dies.mp4"), "abc");
        media.Tell(new RepairRecord(RecordPath("always-dies.mp4"), RecordContainer.Mp4), session);
        Assert.Contains(
            "failed 3 times",
            (await Within<RecordUnrecoverable>(session, "the end of the repair")).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(3, File.ReadLines(RecordPath("always-dies.mp4.repairs")).Count());
        Assert.Equal("abc", await File.ReadAllTextAsync(RecordPath("always-dies.mp4")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(150)]
    [InlineData(400)]
    [InlineData(800)]
    public async Task A_set_that_is_stopped_in_the_middle_of_its_start_leaves_nothing(int milliseconds)
    {
        await using var pages = await PageServer.StartAsync();
        var (session, media) = NewMedia();
        media.Tell(new BeginRecording(1, Spec(pages["/page"]), RecordPath("one.mp4")), session);
        // Not a wait for something: the point is to stop at different moments.
        await Task.Delay(milliseconds);
        await media.GracefulStop(TimeSpan.FromSeconds(5));
        await Root.DisposeAsync();
        Assert.Empty(ProcessSweep.Find(Root.Path));
        Assert.Empty(Directory.EnumerateDirectories(Root.Path));
    }

    private void Kill(string role)
    {
        // A worker is a shell script here, so its role may have children for a moment.
        var process = ProcessSweep.Find(Root.Path).Where(process => process.Role == role).MinBy(process => process.Id);
        Assert.NotNull(process);
        Assert.True(Posix.Signal(process.Id, Posix.Kill));
    }

    private (TestProbe Session, IActorRef Media) NewMedia(IRecordsFolder? folder = null)
    {
        var session = CreateTestProbe();
        var children = new MediaChildren(
            Launcher,
            Host,
            StartGate.Of(0),
            Options,
            new NodeSilence(null),
            TimeProvider.System
        );
        var media = new SessionMedia(children, Root, Options, RtpReach.Of("", "127.0.0.1", ""), NetworkRules.None, folder);
        return (session, session.ChildActorOf(media.MediaOf(new SessionId(7), Spec(new Uri("http://127.0.0.1/")))));
    }

    private static PageSessionSpec Spec(Uri page) =>
        new(page)
        {
            Video = new VideoSettings
            {
                Width = 640,
                Height = 360,
                Framerate = 15,
            },
        };
}
