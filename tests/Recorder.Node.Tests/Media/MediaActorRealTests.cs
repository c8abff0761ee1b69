using Akka.Actor;
using Akka.TestKit;

using Recorder.Cluster.Sessions;
using Recorder.Node.Media;
using Recorder.Node.Processes;
using Recorder.Node.Tests.Browsing;

using Xunit.Abstractions;

namespace Recorder.Node.Tests.Media;

/// <summary>The media actor over real displays, sound servers and browsers, with a worker that only speaks the protocol.</summary>
public sealed class MediaActorRealTests(ITestOutputHelper output) : MediaRig(output)
{
    [Fact]
    public async Task A_page_is_shown_then_the_first_frame_is_told_and_finishing_leaves_nothing()
    {
        await using var pages = await PageServer.StartAsync();
        await Driver.WarmAsync();
        var (session, media) = NewMedia();
        var path = RecordPath("one.mp4");

        media.Tell(new BeginRecording(1, Spec(pages["/page"]), path), session);
        var first = await Within<FirstFrameWritten>(session, "the first frame");
        Assert.Equal(path, first.RecordPath);
        Assert.Equal(1, pages.Requests);
        Assert.Equal(
            ["browser", "display", "sound", "worker"],
            ProcessSweep.Find(Root.Path).Select(process => process.Role).Distinct().Order());
        await Within<RecordGrew>(session, "the growth");

        media.Tell(new FinishRecording(), session);
        var finished = await Within<RecordFinished>(session, "the end");
        Assert.Equal(new RecordFinished(path, TimeSpan.FromSeconds(1.5), 3, Repaired: false), finished);
        Assert.Empty(ProcessSweep.Find(Root.Path));
        Assert.Empty(Directory.EnumerateDirectories(Root.Path));
    }

    [Theory]
    [InlineData("/missing", "the server answered 404")]
    [InlineData("http://127.0.0.1:9/", "net::ERR_")]
    [InlineData("http://no-such-host.invalid/", "net::ERR_NAME_NOT_RESOLVED")]
    public async Task A_page_that_does_not_load_ends_the_set_with_the_browsers_reason(string address, string reason)
    {
        await using var pages = await PageServer.StartAsync();
        var (session, media) = NewMedia();
        media.Tell(new BeginRecording(1, Spec(address[0] == '/' ? pages[address] : new Uri(address)), RecordPath("one.mp4")), session);
        var failed = await Within<MediaFailed>(session, "the failure");
        Assert.Equal(FaultCode.PageFailed, failed.Code);
        Assert.Contains(reason, failed.Message, StringComparison.Ordinal);
        Assert.Empty(ProcessSweep.Find(Root.Path));
    }

    private (TestProbe Session, IActorRef Media) NewMedia()
    {
        var session = CreateTestProbe();
        var children = new MediaChildren(Launcher, Host, Driver, Options, TimeProvider.System);
        var media = new SessionMedia(children, Root, Options);
        return (session, session.ChildActorOf(media.MediaOf(new SessionId(7))));
    }

    private static PageSessionSpec Spec(Uri page) =>
        new(page) { Video = new VideoSettings { Width = 640, Height = 360, Framerate = 15 } };
}
