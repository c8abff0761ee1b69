using Akka.Actor;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Browsing;
using Recorder.Node.Displays;
using Recorder.Node.Media.Life;
using Recorder.Node.Parts;
using Recorder.Node.Processes;
using Recorder.Node.Sound;
using Recorder.Node.Workers;

namespace Recorder.Node.Media;

/// <summary>Makes the parts of a media set. Tests supply other implementations.</summary>
internal interface IMediaChildren
{
    /// <summary>The display.</summary>
    Props Display(RunDirectory run, PageSessionSpec spec);

    /// <summary>The sound server.</summary>
    Props Sound(RunDirectory run);

    /// <summary>The browser.</summary>
    Props Browser(RunDirectory run, MediaEffect.StartBrowser start);

    /// <summary>A worker.</summary>
    Props Worker(RunDirectory run);
}

/// <summary>Makes the real parts; each part is a process.</summary>
internal sealed class MediaChildren(
    ProcessLauncher launcher,
    BrowserHost host,
    StartGate gate,
    MediaOptions options,
    NodeSilence silence,
    TimeProvider time
) : IMediaChildren
{
    private TimeSpan StartLimit => options.StartLimit;

    /// <inheritdoc/>
    public Props Display(RunDirectory run, PageSessionSpec spec)
    {
        var mode = DisplayMode.For(spec.Video.Width, spec.Video.Height, spec.Video.Framerate);
        return Props.Create(() => new DisplayActor(launcher, run, mode, StartLimit, time));
    }

    /// <inheritdoc/>
    public Props Sound(RunDirectory run) => Props.Create(() => new SoundActor(launcher, run, StartLimit));

    /// <inheritdoc/>
    public Props Browser(RunDirectory run, MediaEffect.StartBrowser start)
    {
        var setup = new BrowserSetup(
            launcher,
            run,
            host,
            gate,
            options,
            time,
            start.Spec,
            start.Display,
            start.SoundServer
        )
        {
            Rejoins = start.Rejoins,
            Anyway = start.Anyway,
            End = start.End,
        };
        return Props.Create(() => new BrowserActor(setup));
    }

    /// <inheritdoc/>
    public Props Worker(RunDirectory run) => Props.Create(() => new WorkerActor(launcher, run, options, silence, time));
}
