using Akka.Actor;

using Microsoft.Playwright;

using Recorder.Node.Browsing;
using Recorder.Node.Processes;

namespace Recorder.Node.Media;

/// <summary>
/// What the media side does at the start and the end of a node: it sweeps, warms what the first session would have to wait for,
/// rehearses, and at the end sees every process gone.
/// </summary>
internal sealed class MediaStart(
    ProcessSweep sweep,
    PlaywrightDriver driver,
    BrowserHost host,
    RunRoot root,
    ProcessLauncher launcher,
    MediaOptions options,
    IHostApplicationLifetime lifetime,
    IServiceProvider services,
    ILogger<MediaStart> log) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _ = host.Executable;
        await sweep.RunAsync().ConfigureAwait(false);
        // A node is ready without them; a first session that comes at once waits for what is under way.
        if (options.Sandbox == SandboxUse.Required)
            await host.SandboxedAsync().ConfigureAwait(false);
        _ = WarmAsync();
        if (options.Rehearse)
            lifetime.ApplicationStarted.Register(Rehearse);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await root.DisposeAsync().ConfigureAwait(false);
        await driver.DisposeAsync().ConfigureAwait(false);
        launcher.Dispose();
    }

    private async Task WarmAsync()
    {
        try
        {
            await Task.WhenAll(host.SandboxedAsync(), driver.WarmAsync()).ConfigureAwait(false);
        }
        catch (Exception error) when (error is PlaywrightException or ProcessStartException or IOException or ObjectDisposedException)
        {
            log.LogWarning("The browser's driver did not start: {Reason}", error.Message);
        }
    }

    private void Rehearse()
    {
        var media = services.GetRequiredService<SessionMedia>();
        if (media.FirstSession.IsCompleted)
            return;
        var folder = Path.Combine(root.Path, "rehearsal");
        services.GetRequiredService<ActorSystem>().ActorOf(Props.Create(() => new RehearsalActor(media, folder)), "rehearsal");
    }
}
