using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Microsoft.Extensions.Logging.Abstractions;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Node.Browsing;
using Recorder.Node.Displays;
using Recorder.Node.Parts;
using Recorder.Node.Processes;
using Recorder.Node.Sound;
using Recorder.Node.Tests.Gateway;
using Xunit.Abstractions;

namespace Recorder.Node.Tests.Media;

/// <summary>Real processes for a test, in a run root of its own; at the end of the test nothing of them may be
/// left.</summary>
[Trait("ring", "media")]
public abstract class MediaRig : TestKit, IAsyncLifetime
{
    private static readonly Config Quiet = ConfigurationFactory.ParseString(
        "akka.loglevel = DEBUG\nakka.test.default-timeout = 20s"
    );

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"rt-{Guid.NewGuid():N}"[..11]);

    protected MediaRig(ITestOutputHelper output)
        : base(Quiet, null, output)
    {
        // Test probes wait on pool threads, of which two cores have two.
        ThreadPool.SetMinThreads(16, 16);
        Options = new MediaOptions
        {
            RunRoot = Path.Combine(_folder, "run"),
            RecordsFolder = Path.Combine(_folder, "records"),
            MinimumFree = ByteSize.FromMegabytes(1),
            HeartbeatInterval = TimeSpan.FromSeconds(0.2),
            WorkerCommand = ["/bin/sh", FakeWorker.Write(_folder)],
        };
        Directory.CreateDirectory(Options.RecordsFolder);
        var user = SystemUser.Unprivileged(Options.User);
        Root = RunRoot.Open(Options.RunRoot, BrowserUsers.Of(Options.User, Options.Users));
        Launcher = new ProcessLauncher(user, TimeProvider.System);
        Host = new BrowserHost(
            Launcher,
            Root,
            Options.BrowserExecutable,
            BrowserNetwork.Plain,
            RoadsToHere.Of(BrowserNetwork.Plain),
            NullLogger<BrowserHost>.Instance
        );
    }

    private protected MediaOptions Options { get; }

    private protected RunRoot Root { get; }

    private protected ProcessLauncher Launcher { get; }

    private protected BrowserHost Host { get; }

    protected string RecordPath(string name) => Path.Combine(Options.RecordsFolder, name);

    public Task InitializeAsync() => Task.CompletedTask;

    async Task IAsyncLifetime.DisposeAsync()
    {
        await Sys.Terminate();
        await Root.DisposeAsync();
        Launcher.Dispose();
        var left = ProcessSweep.Find(Options.RunRoot);
        Assert.True(left.Count == 0, "Left behind: " + string.Join(", ", left));
        Assert.Empty(Directory.EnumerateDirectories(Options.RunRoot));
        Directory.Delete(_folder, recursive: true);
    }

    private protected RunDirectory NewRun() => Root.Create(new SessionId(1), "test");

    private protected static async Task<T> Within<T>(TestProbe probe, string what, double seconds = 20)
    {
        try
        {
            return await probe.ExpectMsgAsync<T>(TimeSpan.FromSeconds(seconds));
        }
        catch (Xunit.Sdk.XunitException error)
        {
            throw new Xunit.Sdk.XunitException($"Waited {seconds} s for {what}: {error.Message}");
        }
    }

    private protected async Task<(DisplayReady Display, SoundReady Sound)> DisplayAndSoundAsync(
        RunDirectory run,
        VideoSettings video,
        TestProbe? displaysParent = null
    )
    {
        var display = displaysParent ?? CreateTestProbe();
        var sound = CreateTestProbe();
        var mode = DisplayMode.For(video.Width, video.Height, video.Framerate);
        display.ChildActorOf(
            Props.Create(() => new DisplayActor(Launcher, run, mode, TimeSpan.FromSeconds(20), TimeProvider.System))
        );
        sound.ChildActorOf(Props.Create(() => new SoundActor(Launcher, run, TimeSpan.FromSeconds(20))));
        return (
            await Within<DisplayReady>(display, "the display"),
            await Within<SoundReady>(sound, "the sound server")
        );
    }
}
