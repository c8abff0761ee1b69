using System.Globalization;
using Akka.Actor;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Displays;
using Recorder.Node.Parts;
using Recorder.Node.Processes;
using Recorder.Node.Tests.Media;
using Xunit.Abstractions;

namespace Recorder.Node.Tests.Displays;

/// <summary>A real Xvfb.</summary>
public sealed class DisplayActorTests(ITestOutputHelper output) : MediaRig(output)
{
    [Fact]
    public async Task A_display_runs_at_the_recordings_rate_and_lets_nobody_in_without_the_cookie()
    {
        var run = NewRun();
        var (_, ready) = await StartAsync(run);
        var environment = ProcessEnvironment.Minimal.SetItem("DISPLAY", ready.Display);
        var listing = await ToolProcess.RunAsync(
            Launcher,
            run,
            "xrandr",
            [],
            environment.SetItem("XAUTHORITY", ready.AuthorityFile)
        );
        Assert.True(DisplayMode.For(640, 360, 15).IsSetIn(listing), listing);
        await Assert.ThrowsAsync<ProcessStartException>(() =>
            ToolProcess.RunAsync(Launcher, run, "xrandr", [], environment)
        );
        await run.CloseAsync();
    }

    [Fact]
    public async Task A_killed_display_is_told_and_leaves_no_frame_buffer_in_the_system()
    {
        var run = NewRun();
        var (parent, ready) = await StartAsync(run);
        Assert.True(SegmentExists(ready.FramebufferId));
        var server = Assert.Single(ProcessSweep.Find(run.Path), process => process.Role == "display");
        Assert.True(Posix.Signal(server.Id, Posix.Kill));
        var failed = await Within<PartFailed>(parent, "the loss of the display");
        Assert.Equal(FaultCode.DisplayFailed, failed.Code);
        Assert.Contains("was ended by signal 9", failed.Message, StringComparison.Ordinal);
        await run.CloseAsync();
        Assert.False(SegmentExists(ready.FramebufferId));
    }

    private async Task<(Akka.TestKit.TestProbe Parent, DisplayReady Ready)> StartAsync(RunDirectory run)
    {
        var parent = CreateTestProbe();
        var mode = DisplayMode.For(640, 360, 15);
        parent.ChildActorOf(
            Props.Create(() => new DisplayActor(Launcher, run, mode, TimeSpan.FromSeconds(20), TimeProvider.System))
        );
        return (parent, await Within<DisplayReady>(parent, "the display"));
    }

    private static bool SegmentExists(int id) =>
        File.ReadLines("/proc/sysvipc/shm")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Any(fields => fields.Length > 1 && fields[1] == id.ToString(CultureInfo.InvariantCulture));
}
