using Akka.Actor;
using Recorder.Node.Browsing;
using Recorder.Node.Parts;
using Recorder.Node.Processes;

namespace Recorder.Node.Media;

/// <summary>
/// What the media side does at the start and the end of a node: it sweeps, warms what the first session would have to
/// wait for, rehearses, and at the end sees every process gone.
/// </summary>
internal sealed class MediaStart(
    ProcessSweep sweep,
    BrowserHost host,
    RunRoot root,
    ProcessLauncher launcher,
    MediaOptions options,
    IHostApplicationLifetime lifetime,
    IServiceProvider services,
    ILogger<MediaStart> log
) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _ = host.Executable;
        await sweep.RunAsync();
        if (options.Sandbox == SandboxUse.Required)
        {
            await host.SandboxedAsync();
        }
        // A node is ready without the answer; a first session that comes at once waits for what is under way.
        _ = WarmAsync();
        if (options.Rehearse)
        {
            lifetime.ApplicationStarted.Register(Rehearse);
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await root.DisposeAsync();
        launcher.Dispose();
    }

    private async Task WarmAsync()
    {
        try
        {
            await host.SandboxedAsync();
        }
        catch (Exception error) when (error is ProcessStartException or IOException or ObjectDisposedException)
        {
            log.LogWarning("Whether browsers run in a sandbox here could not be tried: {Reason}", error.Message);
        }
    }

    private void Rehearse()
    {
        var media = services.GetRequiredService<SessionMedia>();
        if (media.FirstSession.IsCompleted)
        {
            return;
        }
        var folder = Path.Combine(root.Path, "rehearsal");
        services
            .GetRequiredService<ActorSystem>()
            .ActorOf(Props.Create(() => new RehearsalActor(media, folder)), "rehearsal");
    }
}
