using Akka.Actor;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Parts;
using Recorder.Node.Processes;
using Recorder.Node.Sound;
using Recorder.Node.Tests.Media;
using Xunit.Abstractions;

namespace Recorder.Node.Tests.Sound;

/// <summary>A real PulseAudio.</summary>
public sealed class SoundActorTests(ITestOutputHelper output) : MediaRig(output)
{
    [Fact]
    public async Task A_sound_server_offers_one_sink_of_48_kHz_and_its_death_is_told()
    {
        var run = NewRun();
        var parent = CreateTestProbe();
        parent.ChildActorOf(Props.Create(() => new SoundActor(Launcher, run, TimeSpan.FromSeconds(20))));
        var ready = await Within<SoundReady>(parent, "the sound server");
        Assert.Equal("unix:" + run.PathOf("sound/sock"), ready.Server);

        var environment = ProcessEnvironment
            .Minimal.SetItem("PULSE_SERVER", ready.Server)
            .SetItem("HOME", run.PathOf("sound"));
        var sinks = await ToolProcess.RunAsync(Launcher, run, "pactl", ["list", "short", "sinks"], environment);
        var sink = Assert.Single(sinks.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("2ch 48000Hz", sink, StringComparison.Ordinal);

        var told = await ToolProcess.RunAsync(Launcher, run, "pactl", ["info"], environment);
        Assert.Contains("Default Sample Specification: s16le 2ch 48000Hz", told, StringComparison.Ordinal);

        var server = Assert.Single(ProcessSweep.Find(run.Path), process => process.Role == "sound");
        Assert.True(Posix.Signal(server.Id, Posix.Kill));
        Assert.Equal(FaultCode.SoundFailed, (await Within<PartFailed>(parent, "the loss of the sound server")).Code);
        await run.CloseAsync();
    }
}
